-- One row per document of each ERP customer in derive_customer that is, or was, shared by ship-to party. Parameters: none.
-- Where a document does not name its party, it is that of the deliveries or orders that it came from, if they all have
-- the same; an item has its invoice's, and a payment that of what it paid.
with scoped as (
    select d.key
    from derive_customer d
    where exists (select from account_link l where l.erp_customer = d.key and l.places is not null)
        or exists (select from account_link_period p where p.erp_customer = d.key and p.places is not null)
),
delivered as materialized (
    select h.key, h.customer_id, h.order_id, nullif(h.ship_to_id, '') as place
    from scoped s
    join erp_delivery h on h.customer_id = s.key
),
delivered_for as (
    -- the orders of each delivery
    select d.key, d.place, d.order_id from delivered d where d.order_id <> ''
    union
    select d.key, d.place, l.order_id
    from delivered d
    join erp_delivery_line n on n.delivery_id = d.key and n.deleted_at is null
    join erp_order_line l on l.key = n.order_line_id
),
ordered as materialized (
    select o.key, o.customer_id, coalesce(nullif(o.ship_to_id, ''), d.place) as place,
        case when o.ship_to_id <> '' then 'stated' when d.places > 1 then 'several' when d.places = 1 then 'delivery' else 'none' end as found
    from scoped s
    join erp_order o on o.customer_id = s.key
    left join (
        select order_id, count(distinct place) as places,
            case when count(distinct place) = 1 then min(place) end as place
        from delivered_for
        group by order_id
    ) d on d.order_id = o.key
),
sent as materialized (
    select d.key, d.customer_id, coalesce(d.place, o.place) as place,
        case when d.place is not null then 'stated' when o.places > 1 then 'several' when o.places = 1 then 'order' else 'none' end as found
    from delivered d
    left join (
        select f.key, count(distinct o.place) as places, case when count(distinct o.place) = 1 then min(o.place) end as place
        from delivered_for f
        join ordered o on o.key = f.order_id
        group by f.key
    ) o on o.key = d.key
),
invoice as materialized (
    select i.key, i.customer_id, i.order_id, nullif(i.reverses_id, '') as reverses
    from scoped s
    join erp_invoice i on i.customer_id = s.key
),
line as (
    select i.key, n.order_line_id, n.delivery_line_id
    from invoice i
    join erp_invoice_line n on n.invoice_id = i.key and n.deleted_at is null
),
source as (
    -- what was delivered says more than what was ordered
    select l.key, 1 as rank, 'delivery' as found, d.place
    from line l
    join erp_delivery_line n on n.key = l.delivery_line_id
    join sent d on d.key = n.delivery_id
    union all
    select i.key, 1, 'delivery', d.place
    from invoice i
    join erp_document_link k on k.to_key = i.key and k.to_kind = 'invoice' and k.from_kind = 'delivery' and k.deleted_at is null
    join sent d on d.key = k.from_key
    union all
    select i.key, 2, 'order', o.place from invoice i join ordered o on o.key = i.order_id
    union all
    select l.key, 2, 'order', o.place
    from line l
    join erp_order_line n on n.key = l.order_line_id
    join ordered o on o.key = n.order_id
    union all
    select i.key, 2, 'order', o.place
    from invoice i
    join erp_document_link k on k.to_key = i.key and k.to_kind = 'invoice' and k.from_kind = 'order' and k.deleted_at is null
    join ordered o on o.key = k.from_key
),
told as (
    select distinct on (key) key, found, places, place
    from (
        select key, rank, min(found) as found, count(distinct place) as places, min(place) as place
        from source
        where place is not null
        group by key, rank
    ) ranked
    order by key, rank
),
billed as materialized (
    select i.key, i.customer_id,
        case when t.places = 1 then t.place when t.key is null and r.places = 1 then r.place end as place,
        case
            when t.places = 1 then t.found
            when t.places > 1 then 'several'
            when r.places = 1 then 'invoice'
            else 'none'
        end as found
    from invoice i
    left join told t on t.key = i.key
    left join told r on r.key = i.reverses
),
item as materialized (
    select t.key, t.customer_id, b.place,
        case when b.place is not null then 'invoice' when b.found = 'several' then 'several' else 'none' end as found
    from scoped s
    join erp_open_item t on t.customer_id = s.key
    left join billed b on b.key = t.invoice_id
),
paid as (
    select p.key, p.customer_id, case when a.places = 1 then a.place end as place,
        case when a.places = 1 then 'item' when a.places > 1 then 'several' else 'none' end as found
    from scoped s
    join erp_payment p on p.customer_id = s.key
    left join (
        select a.payment_id, count(distinct t.place) as places, min(t.place) as place
        from item t
        join erp_allocation a on a.open_item_id = t.key and a.deleted_at is null and a.payment_id <> ''
        group by a.payment_id
    ) a on a.payment_id = p.key
)
insert into document_place (kind, document, erp_customer, place, found)
select 'order', key, customer_id, coalesce(place, ''), found from ordered
union all
select 'delivery', key, customer_id, coalesce(place, ''), found from sent
union all
select 'invoice', key, customer_id, coalesce(place, ''), found from billed
union all
select 'open_item', key, customer_id, coalesce(place, ''), found from item
union all
select 'payment', key, customer_id, coalesce(place, ''), found from paid
