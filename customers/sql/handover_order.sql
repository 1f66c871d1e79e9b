-- handover_order: one row per order of these customers, quotes and cancelled ones too, and of one that is shared by per
-- cent for each of its accounts: opportunities of all of them may name it. It has one home. Parameters: as_of, orders_since.
create temporary table handover_order as
select s.customer_id, o.key, upper(btrim(o.number)) as number, upper(btrim(o.customer_reference)) as reference,
    o.status, o.ordered_on, o.reporting_amount as amount, o.status not in ('quote', 'cancelled') as counts,
    coalesce(l.part_from, 0) = 0 as is_home
from handover_scope s
join account_link l on l.customer_id = s.customer_id
join erp_order o on o.customer_id = l.erp_customer
    -- Of one that is shared by ship-to party only what goes to the account; one shared by per cent is the same whole order
    -- for each account, divided among the opportunities that name it as every other.
    and (
        l.places is null
        or (coalesce((select p.place from document_place p where p.kind = 'order' and p.document = o.key), '')
            = any (l.places)) <> l.is_rest
    )
where o.deleted_at is null and o.ordered_on between %(orders_since)s and %(as_of)s
    and (%(companies)s::varchar[] is null or o.company_id = any(%(companies)s::varchar[]))
