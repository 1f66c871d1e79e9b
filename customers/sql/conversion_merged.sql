-- One update per conversion whose account was merged into another, and per one that takes its earlier days over; of the
-- chain of merges every account that is live at its end. Parameters: none.
with recursive chain as (
    select e.customer_id as loser, a.master_record as account
    from customer_conversion e
    join customer c on c.id = e.customer_id
    join sf_account a on a.key = c.account
    where e.merged_into_id is null and c.gone_at is not null and a.deleted_at is not null and a.master_record <> ''
    union
    select h.loser, a.master_record
    from chain h
    join sf_account a on a.key = h.account
    where a.deleted_at is not null and a.master_record <> ''
),
merged as (
    select h.loser, w.id as winner
    from chain h
    join customer w on w.account = h.account and w.gone_at is null
    join customer_conversion k on k.customer_id = w.id
),
marked as (
    update customer_conversion e
    set merged_into_id = m.winner
    from merged m
    where e.customer_id = m.loser
),
earlier as (
    select m.winner, min(e.converted_on) as converted_on, bool_or(e.known_before) as known_before,
        bool_and(e.converted_on is not null) as dated, min(e.first_opportunity_on) as first_opportunity_on,
        min(e.first_order_on) as first_order_on
    from merged m
    join customer_conversion e on e.customer_id = m.loser
    group by m.winner
)
update customer_conversion e
set known_before = e.known_before or i.known_before,
    -- a customer of before without an order has no day, and merging gives it none
    converted_on = case
        when i.dated or e.first_order_on is not null then least(e.converted_on, i.converted_on)
        else i.converted_on
    end,
    cause = case
        when least(e.converted_on, i.converted_on) = least(e.first_order_on, i.first_order_on) then 'order'
        else 'link'
    end,
    first_opportunity_on = least(e.first_opportunity_on, i.first_opportunity_on),
    first_order_on = least(e.first_order_on, i.first_order_on)
from earlier i
where e.customer_id = i.winner
