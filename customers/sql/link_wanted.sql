-- link_wanted: one row per ERP customer to place: its account, or why it has none. Parameters: full (documents of all keys read).
create temporary table link_wanted as
with recursive known as (
    select c.key, true as delivered, c.deleted_at is null as live, btrim(c.number) as number,
        btrim(c.salesforce_account) as salesforce_account, p.code as company
    from erp_customer c
    left join erp_company p on p.key = c.company_id
    where c.deleted_at is null
        -- gone, but its documents still count
        or exists (select from erp_invoice d where d.customer_id = c.key and d.deleted_at is null)
        or exists (select from erp_order d where d.customer_id = c.key and d.deleted_at is null)
        or exists (select from erp_open_item d where d.customer_id = c.key and d.deleted_at is null)
    union all
    select d.key, false, false, '', '', null
    from (
        select key from derive_customer
        union select erp_customer from account_link where not %(full)s
    ) d
    where not exists (select from erp_customer c where c.key = d.key)
),
walk as (
    select key, master_record as winner, 1 as depth
    from sf_account
    where deleted_at is not null and master_record <> ''
    union all
    select w.key, a.master_record, w.depth + 1
    from walk w
    join sf_account a on a.key = w.winner
    where a.deleted_at is not null and a.master_record <> '' and w.depth < 20
),
winner as (
    select distinct on (key) key, winner from walk order by key, depth desc
),
account as (
    select a.key, coalesce(w.winner, a.key) as final, w.winner is not null as merged,
        f.key is not null and f.deleted_at is null as live, btrim(a.erp_number) as erp_number,
        coalesce(nullif(f.name, ''), a.name) as name
    from sf_account a
    left join winner w on w.key = a.key
    left join sf_account f on f.key = coalesce(w.winner, a.key)
),
stated_by_erp as (
    -- 15 characters identify an account; the last three of 18 are a checksum of their case
    select c.key, a.final, a.merged, a.live, a.name
    from known c
    join account a on left(a.key, 15) = left(c.salesforce_account, 15)
    where length(c.salesforce_account) = 15 or a.key = c.salesforce_account
),
matched as (
    select c.key, c.live as live_customer, a.key as account, a.final, a.merged, a.live, a.name, a.erp_number
    from known c
    join account a on a.erp_number = c.number
    where c.number <> ''
    union
    select c.key, c.live, a.key, a.final, a.merged, a.live, a.name, a.erp_number
    from known c
    join account a on a.erp_number = c.company || '/' || c.number
    where c.number <> ''
),
weighed as (
    -- an account itself speaks before one merged into another, and that before a deleted one
    select m.*, e.key is not null as confirmed,
        count(*) filter (where m.live_customer) over (partition by m.account) as customers,
        count(e.key) over (partition by m.account) as confirmations,
        case when m.live and not m.merged then 1 when m.live then 2 else 3 end as place
    from matched m
    left join stated_by_erp e on e.key = m.key and e.final = m.final
),
speaking as (
    select w.*, min(w.place) over (partition by w.key) as first_place
    from weighed w
    -- a number that several ERP customers have is settled by those of them that name the account
    where w.confirmed or w.customers <= 1 or w.confirmations = 0
),
stated_by_salesforce as (
    select key, min(final) as final, min(name) as name, bool_and(merged) as merged, bool_or(live) as live,
        count(distinct final) as accounts, string_agg(distinct name, ' and ') as names, min(erp_number) as erp_number,
        bool_or(customers > 1 and confirmations = 0) as ambiguous, max(customers) as customers
    from speaking
    where place = first_place
    group by key
),
sides as (
    select k.key, k.delivered, k.number, k.salesforce_account,
        e.final as erp_account, e.name as erp_name, e.merged as erp_merged, coalesce(e.live, false) as erp_live,
        s.final as sf_account, s.name as sf_name, s.merged as sf_merged, coalesce(s.live, false) as sf_live,
        s.names, s.erp_number, s.customers,
        coalesce(s.live and s.accounts > 1, false) as several_accounts,
        coalesce(s.live and s.ambiguous, false) as ambiguous
    from known k
    left join stated_by_erp e on e.key = k.key
    left join stated_by_salesforce s on s.key = k.key
),
judged as (
    select s.*,
        case
            when several_accounts then 'conflict: several accounts'
            when erp_live and sf_live and not ambiguous and erp_account <> sf_account then 'conflict: sides differ'
            when erp_live then 'erp'
            when ambiguous then 'conflict: several customers'
            when sf_live and salesforce_account <> '' and erp_account is null then 'conflict: unknown id'
            when sf_live then 'salesforce'
            when not delivered then 'unlinked: not delivered'
            when erp_account is not null then 'unlinked: deleted by erp'
            when salesforce_account <> '' then 'unlinked: unknown id'
            when sf_account is not null then 'unlinked: deleted by salesforce'
            else 'unlinked'
        end as verdict
    from sides s
)
select key as erp_customer,
    case verdict when 'erp' then erp_account when 'salesforce' then sf_account end as account,
    case
        when verdict in ('erp', 'salesforce') then 'linked'
        when verdict like 'conflict%%' then 'conflict'
        else 'unlinked'
    end as status,
    case
        when verdict = 'erp' and erp_merged and coalesce(sf_merged or not sf_live, true) then 'merged'
        when verdict = 'erp' and erp_account = sf_account then 'both'
        when verdict = 'erp' then 'erp'
        when verdict = 'salesforce' and sf_merged then 'merged'
        when verdict = 'salesforce' then 'salesforce'
        else ''
    end as method,
    case verdict
        when 'erp' then case when erp_merged then 'The account that the ERP names was merged into ' || erp_name || '.' else '' end
        when 'salesforce' then
            case
                when erp_account is not null then
                    'The ERP names the account ' || erp_name || ', which was deleted in Salesforce; '
                    || sf_name || ' carries the number.'
                when sf_merged then 'The account that carried the number was merged into ' || sf_name || '.'
                else ''
            end
        when 'conflict: several accounts' then
            'Several accounts carry ERP number ' || erp_number || ': ' || names
            || '. Leave the number on one of them, or merge them.'
        when 'conflict: sides differ' then
            'The ERP names the account ' || erp_name || ', but in Salesforce ' || sf_name || ' carries ERP number '
            || erp_number || '. Correct one of the two.'
        when 'conflict: several customers' then
            'ERP number ' || erp_number || ' on the account ' || sf_name || ' fits ' || customers
            || ' ERP customers. Write it as company/number.'
        when 'conflict: unknown id' then
            'The ERP names the account id ' || salesforce_account || ', which Salesforce does not have, but '
            || sf_name || ' carries ERP number ' || erp_number || '. Correct one of the two.'
        when 'unlinked: not delivered' then
            'Documents name this customer, but the ERP has not delivered it. It is linked once it arrives.'
        when 'unlinked: deleted by erp' then
            'The ERP names the account ' || erp_name || ', which was deleted in Salesforce.'
        when 'unlinked: unknown id' then
            'The ERP names the account id ' || salesforce_account || ', which Salesforce does not have.'
        when 'unlinked: deleted by salesforce' then
            'The account ' || sf_name || ', which carried this number, was deleted in Salesforce.'
        else 'No account carries ERP number ' || number || ', and the ERP names no account.'
    end as detail
from judged
