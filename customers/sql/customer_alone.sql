-- One row per ERP customer without account whose customer is new or differs. Parameters: none.
-- Sorted, so that the comparison is over before the first row is written: it would reread what it writes.
with wanted as (
    select w.erp_customer, coalesce(nullif(c.name, ''), nullif(c.number, ''), w.erp_customer) as name,
        coalesce(c.number, '') as erp_numbers, coalesce(c.city, '') as city, coalesce(c.country, '') as country,
        coalesce(c.currency, '') as currency,
        replace(lower(regexp_replace(normalize(
            concat_ws(' ', coalesce(nullif(c.name, ''), w.erp_customer), c.number, c.city), nfkd
        ), '[\u0300-\u036f]', '', 'g')), 'ß', 'ss') as search_text
    from link_wanted w
    left join erp_customer c on c.key = w.erp_customer
    where w.account is null
)
insert into customer as c (erp_customer, name, owner, erp_numbers, city, country, industry, currency, is_prospect, search_text)
select erp_customer, name, '', erp_numbers, city, country, '', currency, false, search_text
from wanted w
where not exists (
    select from customer s
    where s.erp_customer = w.erp_customer and s.gone_at is null
        and (s.name, s.erp_numbers, s.city, s.country, s.currency, s.search_text)
        is not distinct from (w.name, w.erp_numbers, w.city, w.country, w.currency, w.search_text)
)
order by erp_customer
on conflict (erp_customer) do update
set name = excluded.name, erp_numbers = excluded.erp_numbers, city = excluded.city, country = excluded.country,
    currency = excluded.currency, search_text = excluded.search_text, gone_at = null
