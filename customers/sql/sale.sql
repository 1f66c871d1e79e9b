-- handover_sale: one row per Salesforce order of these customers, with what reduction orders take back of it.
-- Parameters: since, time_zone.
create temporary table handover_sale as
select s.customer_id, o.key, nullif(o.opportunity_id, '') as opportunity_id, o.starts_on, o.currency,
    upper(coalesce(nullif(o.status_code, ''), o.status)) in ('A', 'ACTIVATED') as is_activated,
    coalesce((o.activated_on at time zone %(time_zone)s)::date, o.starts_on) as since,
    case when r.unknown then null else o.reporting_amount + coalesce(r.reporting_amount, 0) end as amount,
    case when r.other then null else o.net_amount + coalesce(r.net_amount, 0) end as own_amount,
    upper(btrim(o.number)) as number, upper(btrim(o.po_number)) as po, o.reference, o.custom_fields,
    o.quote_id
from handover_scope s
join sf_order o on o.account_id = s.account
left join lateral (
    select sum(t.reporting_amount) as reporting_amount, sum(t.net_amount) as net_amount,
        bool_or(t.reporting_amount is null) as unknown, bool_or(t.net_amount is null or t.currency <> o.currency) as other
    from sf_order t
    where t.original_id = o.key and t.is_reduction and t.deleted_at is null
        and upper(coalesce(nullif(t.status_code, ''), t.status)) in ('A', 'ACTIVATED')
) r on true
where o.deleted_at is null and not o.is_reduction and o.starts_on >= %(since)s
