-- rollup_key: one row per ERP customer and slot, as rollup_key without rules; with what is taken by ship-to party.
-- Parameters: none.
create temporary table rollup_key as
select distinct key, slot as customer_id, places, is_rest
from rollup_link
