-- One row per mirror table that the publish changed. Parameters: none.
select name from changed_table
