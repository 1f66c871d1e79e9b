-- One row less per viewer and customer that team_wanted does not have. Parameters: none.
delete from team_scope
where (viewer, customer_id) in (select viewer, customer_id from team_scope except select viewer, customer_id from team_wanted)
