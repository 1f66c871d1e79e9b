-- One row more per viewer and customer that only team_wanted has. Parameters: none.
-- By set difference: with a join the planner may loop over the table that is being filled.
insert into team_scope (viewer, customer_id)
select viewer, customer_id from team_wanted
except
select viewer, customer_id from team_scope
