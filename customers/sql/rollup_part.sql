-- rollup_part: one row per slot and customer that it adds to, with the part of its amounts. Parameters: none.
create temporary table rollup_part as
select distinct slot, customer_id as owner_id, part_from, part_to
from rollup_link
