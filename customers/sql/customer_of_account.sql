-- One row per live account whose customer is new or differs. Parameters: accounts (only these; null: all).
-- Sorted, so that the comparison is over before the first row is written: it would reread what it writes.
with linked as (
    select w.account, string_agg(distinct c.number, ', ' order by c.number) as numbers,
        string_agg(distinct c.name, ' ') as names, string_agg(distinct c.city, ' ') as cities,
        (array_agg(c.city order by c.key) filter (where c.city <> ''))[1] as city,
        (array_agg(c.country order by c.key) filter (where c.country <> ''))[1] as country,
        (array_agg(c.currency order by c.key) filter (where c.currency <> ''))[1] as currency
    from link_wanted w
    join erp_customer c on c.key = w.erp_customer
    where w.account is not null
    group by w.account
),
wanted as (
    select a.key as account, a.name, coalesce(a.owner_id, '') as owner,
        case when length(l.numbers) > 500 then left(l.numbers, 497) || '...' else coalesce(l.numbers, '') end as erp_numbers,
        coalesce(nullif(a.billing_city, ''), l.city, '') as city,
        coalesce(nullif(a.billing_country, ''), l.country, '') as country,
        a.industry, coalesce(nullif(a.currency, ''), l.currency, '') as currency,
        l.account is null as is_prospect,
        replace(lower(regexp_replace(normalize(
            concat_ws(' ', a.name, l.numbers, a.account_number, a.billing_city, l.names, l.cities), nfkd
        ), '[\u0300-\u036f]', '', 'g')), 'ß', 'ss') as search_text
    from sf_account a
    left join linked l on l.account = a.key
    where a.deleted_at is null and (%(accounts)s::varchar[] is null or a.key = any(%(accounts)s::varchar[]))
)
insert into customer as c (account, name, owner, erp_numbers, city, country, industry, currency, is_prospect, search_text,
    owner_since)
select account, name, owner, erp_numbers, city, country, industry, currency, is_prospect, search_text,
    -- what the first load brings has been there
    case when exists (select from customer where account is not null) then now() end
from wanted w
where not exists (
    select from customer s
    where s.account = w.account and s.gone_at is null
        and (s.name, s.owner, s.erp_numbers, s.city, s.country, s.industry, s.currency, s.is_prospect, s.search_text)
        is not distinct from
        (w.name, w.owner, w.erp_numbers, w.city, w.country, w.industry, w.currency, w.is_prospect, w.search_text)
)
order by account
on conflict (account) do update
set owner_since = case when c.owner = excluded.owner then c.owner_since else now() end,
    owner_before = case when c.owner = excluded.owner then c.owner_before else c.owner end,
    name = excluded.name, owner = excluded.owner, erp_numbers = excluded.erp_numbers, city = excluded.city,
    country = excluded.country, industry = excluded.industry, currency = excluded.currency,
    is_prospect = excluded.is_prospect, search_text = excluded.search_text, gone_at = null
