-- rollup_link: the same by the links of the day. Parameters: as_of.
create temporary table rollup_link as
select p.erp_customer as key, p.customer_id, p.part_from, p.part_to, p.places, p.is_rest,
    case when p.part_to is null then p.customer_id else -min(p.id) over (partition by p.erp_customer) end as slot
from rollup_scope s
join account_link_period p on p.customer_id = s.customer_id
where (p.valid_from is null or p.valid_from <= %(as_of)s) and (p.valid_to is null or p.valid_to > %(as_of)s)
