-- One row per ERP customer and account whose link is new or differs. Parameters: none.
-- Sorted, so that the comparison is over before the first row is written: it would reread what it writes.
with wanted as (
    select w.erp_customer, coalesce(a.id, o.id) as customer_id, w.account, w.status, w.method, w.detail, w.part_from,
        w.part_to, w.places, w.is_rest, w.place
    from link_wanted w
    left join customer a on a.account = w.account
    left join customer o on w.account is null and o.erp_customer = w.erp_customer
)
insert into account_link as l (erp_customer, customer_id, account, status, method, detail, part_from, part_to, places,
    is_rest, place, linked_at)
select erp_customer, customer_id, account, status, method, detail, part_from, part_to, places, is_rest, place, now()
from wanted w
where not exists (
    select from account_link s
    where s.erp_customer = w.erp_customer and s.customer_id = w.customer_id
        and (s.account, s.status, s.method, s.detail, s.part_from, s.part_to, s.places, s.is_rest, s.place)
        is not distinct from
        (w.account, w.status, w.method, w.detail, w.part_from, w.part_to, w.places, w.is_rest, w.place)
)
order by erp_customer, place
on conflict (erp_customer, customer_id) do update
set account = excluded.account, status = excluded.status, method = excluded.method, detail = excluded.detail,
    part_from = excluded.part_from, part_to = excluded.part_to, places = excluded.places, is_rest = excluded.is_rest,
    place = excluded.place
