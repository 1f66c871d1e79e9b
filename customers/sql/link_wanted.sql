-- link_wanted: one row per ERP customer to place, whole: its account, or why it has none. Parameters: full (documents of all keys
-- read), keys (only these ERP customers; null: all), accounts (all that these may belong to; null: any).
create temporary table link_wanted as
with recursive known as (
    select c.key, true as delivered, c.deleted_at is null as live, btrim(c.number) as number,
        btrim(c.salesforce_account) as salesforce_account, p.code as company
    from erp_customer c
    left join erp_company p on p.key = c.company_id
    where (%(keys)s::varchar[] is null or c.key = any(%(keys)s::varchar[]))
        and (
            c.deleted_at is null
            -- gone, but its documents still count
            or exists (select from erp_invoice d where d.customer_id = c.key and d.deleted_at is null)
            or exists (select from erp_order d where d.customer_id = c.key and d.deleted_at is null)
            or exists (select from erp_open_item d where d.customer_id = c.key and d.deleted_at is null)
        )
    union all
    select d.key, false, false, '', '', null
    from (
        select key from derive_customer
        union select erp_customer from account_link where not %(full)s and %(keys)s::varchar[] is null
    ) d
    where not exists (select from erp_customer c where c.key = d.key)
),
walk as (
    select key, master_record as winner, 1 as depth
    from sf_account
    where deleted_at is not null and master_record <> ''
        and (%(accounts)s::varchar[] is null or key = any(%(accounts)s::varchar[]))
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
    where %(accounts)s::varchar[] is null or a.key = any(%(accounts)s::varchar[])
),
shared as (
    -- the accounts of a rule; link_shared makes the parts
    select s.decision_id, array_agg(distinct coalesce(a.final, s.account)) as accounts,
        min(a.final) filter (where a.live) as account, bool_or(coalesce(a.live, false)) as live,
        string_agg(distinct coalesce(a.name, s.account), ' and ') as name
    from link_share s
    left join account a on a.key = s.account
    where %(keys)s::varchar[] is null
        or s.decision_id = any(array(select d.id from link_decision d where d.erp_customer = any(%(keys)s::varchar[])))
    group by s.decision_id
),
decided as (
    -- what stands about the ERP customer itself; of an accepted account that was merged, its winner
    select distinct on (d.erp_customer) d.erp_customer as key, d.verdict, d.by_name,
        coalesce(a.final, nullif(d.account, ''), h.account) as account, coalesce(a.merged, false) as merged,
        coalesce(a.live, h.live, false) as live, coalesce(a.name, h.name, d.account) as name,
        coalesce(h.accounts, array[coalesce(a.final, nullif(d.account, ''))]) as accounts
    from link_decision d
    left join account a on a.key = d.account
    left join shared h on h.decision_id = d.id
    where d.undone_at is null and d.verdict <> 'reject'
        and (%(keys)s::varchar[] is null or d.erp_customer = any(%(keys)s::varchar[]))
    order by d.erp_customer, d.verdict not in ('accept', 'share'), d.id desc
),
rejected as (
    -- with an accepted account beside it a rejection overrules the stored key, alone it contradicts it
    select r.erp_customer as key, r.account, coalesce(min(a.final), r.account) as final, min(r.by_name) as by_name,
        bool_or(coalesce(d.verdict in ('accept', 'share'), false)) as overruled
    from link_decision r
    left join decided d on d.key = r.erp_customer
    left join account a on a.key = r.account
    where r.undone_at is null and r.verdict = 'reject'
        and (%(keys)s::varchar[] is null or r.erp_customer = any(%(keys)s::varchar[]))
    group by r.erp_customer, r.account
),
stated_by_erp as (
    -- 15 characters identify an account; the last three of 18 are a checksum of their case
    select c.key, a.final, a.merged, a.live, a.name,
        exists (select from rejected r where r.key = c.key and r.account in (a.key, a.final)) as refused
    from known c
    join account a on left(a.key, 15) = left(c.salesforce_account, 15)
    where (length(c.salesforce_account) = 15 or a.key = c.salesforce_account)
        and not exists (select from rejected r where r.key = c.key and r.account in (a.key, a.final) and r.overruled)
),
numbered as (
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
matched as (
    select n.*, exists (select from rejected r where r.key = n.key and r.account in (n.account, n.final)) as refused
    from numbered n
    where not exists (
        select from rejected r where r.key = n.key and r.account in (n.account, n.final) and r.overruled
    )
),
weighed as (
    -- an account itself speaks before one merged into another, and that before a deleted one
    select m.*, coalesce(e.key, d.key) is not null as confirmed,
        count(*) filter (where m.live_customer) over (partition by m.account) as customers,
        count(coalesce(e.key, d.key)) over (partition by m.account) as confirmations,
        case when m.live and not m.merged then 1 when m.live then 2 else 3 end as place
    from matched m
    left join stated_by_erp e on e.key = m.key and e.final = m.final
    left join decided d on d.key = m.key and d.verdict in ('accept', 'share') and m.final = any (d.accounts)
),
speaking as (
    select w.*, min(w.place) over (partition by w.key) as first_place
    from weighed w
    -- a number that several ERP customers have is settled by those of them that name the account or were decided for it
    where w.confirmed or w.customers <= 1 or w.confirmations = 0
),
stated_by_salesforce as (
    select key, min(final) as final, min(name) as name, bool_and(merged) as merged, bool_or(live) as live,
        count(distinct final) as accounts, string_agg(distinct name, ' and ') as names, min(erp_number) as erp_number,
        bool_or(customers > 1 and confirmations = 0) as ambiguous, max(customers) as customers,
        array_agg(distinct final) as finals, bool_or(refused) as refused
    from speaking
    where place = first_place
    group by key
),
bare as (
    select a.key, a.final, a.name, a.erp_number,
        case when position('/' in a.erp_number) > 0
            then split_part(a.erp_number, '/', 1) || '/' || ltrim(split_part(a.erp_number, '/', 2), '0')
            else ltrim(a.erp_number, '0')
        end as number
    from account a
    where a.live and not a.merged and a.erp_number <> ''
),
near as (
    select c.key, c.number, c.company, a.final, a.key as account, a.name, a.erp_number
    from known c
    join bare a on a.number = ltrim(c.number, '0')
    where c.live and ltrim(c.number, '0') <> ''
    union
    select c.key, c.number, c.company, a.final, a.key, a.name, a.erp_number
    from known c
    join bare a on a.number = c.company || '/' || ltrim(c.number, '0')
    where c.live and ltrim(c.number, '0') <> ''
),
nearby as (
    -- an account whose number is the customer's but for leading zeros; taken: another customer's to the letter
    select n.*,
        exists (select from erp_customer o where btrim(o.number) = n.erp_number and o.deleted_at is null)
        or exists (
            select from erp_company p
            join erp_customer o on o.company_id = p.key and btrim(o.number) = substr(n.erp_number, length(p.code) + 2)
            where p.code || '/' || btrim(o.number) = n.erp_number and o.deleted_at is null
        ) as taken
    from near n
    where n.erp_number <> n.number and n.erp_number is distinct from n.company || '/' || n.number
        and not exists (select from rejected r where r.key = n.key and (r.account = n.account or r.final = n.final))
),
nearly as (
    select n.key, string_agg(distinct n.name, ' and ') as names, min(n.erp_number) as erp_number,
        count(distinct n.final) as accounts, array_agg(distinct n.final) as finals
    from nearby n
    where not n.taken
    group by n.key
),
nearly_taken as (
    select n.key, min(n.name) as name, min(n.erp_number) as erp_number from nearby n where n.taken group by n.key
),
shared_pair as (
    -- a checked identifier is the same, but not alone
    select p.erp_customer as key, a.final, a.name, i.field, i.value,
        upper(regexp_replace(i.value, '[^0-9A-Za-z]', '', 'g')) as bare
    from link_proposal p
    join account a on a.key = p.account and a.live
    cross join lateral (
        select case e ->> 'field' when 'vat' then 'VAT number' else 'registration number' end as field, e ->> 'erp' as value
        from jsonb_array_elements(p.evidence) with ordinality as listed (e, place)
        where e ->> 'verdict' = 'same' and e ->> 'field' in ('vat', 'registration')
        order by place limit 1
    ) i
    where p.shared and (%(keys)s::varchar[] is null or p.erp_customer = any(%(keys)s::varchar[]))
        and not exists (select from rejected r where r.key = p.erp_customer and (r.account = a.key or r.final = a.final))
),
sharing as (
    -- whose it is in the ERP, the first three of them by name
    select v.bare, count(*) as customers,
        array_to_string((array_agg(concat(coalesce(nullif(o.name, ''), 'Customer'), ' ', o.number) order by o.number, o.key))[1:3], ' and ')
            || case when count(*) > 3 then ' and ' || count(*) - 3 || ' more' else '' end as names
    from (select distinct bare from shared_pair) v
    join erp_customer o on upper(regexp_replace(o.vat_id, '[^0-9A-Za-z]', '', 'g')) = v.bare
    where o.deleted_at is null and o.vat_id <> ''
    group by v.bare
),
too_common as (
    select p.key, min(p.name) as account, count(distinct p.final) as accounts,
        string_agg(distinct p.name, ' and ') as names, min(p.field || ' ' || p.value) as identifier,
        min(o.names) filter (where o.customers > 1) as customers
    from shared_pair p
    left join sharing o on o.bare = p.bare
    group by p.key
),
certain as (
    -- the same checked identifier, of accounts that nobody rejected
    select p.erp_customer as key, count(distinct a.final) as accounts, min(a.final) as final,
        string_agg(distinct a.name, ' and ') as names, min(case same.field when 'vat' then 'VAT number' else replace(same.field, '_', ' ') || ' number' end || ' ' || same.value)
            as identifier
    from (
        select erp_customer, account, evidence from link_proposal
        where certain and (%(keys)s::varchar[] is null or erp_customer = any(%(keys)s::varchar[]))
        union all
        -- What an identifier linked stays so until its grounds have been looked at again. It stays so too, in doubt, where
        -- only somebody else has come to have the number, whose name or place is another: a number that was mistyped there
        -- takes no money from an account here. Where another pair is as good as this one, it is for people to choose.
        select l.erp_customer, l.account, coalesce(o.evidence, '[]')
        from account_link l
        left join link_proposal o on o.erp_customer = l.erp_customer and o.account = l.account
        where l.status = 'linked' and l.method = 'identifier'
            and (%(keys)s::varchar[] is null or l.erp_customer = any(%(keys)s::varchar[]))
            and (
                exists (select from match_record r where r.side = 'e' and r.key = l.erp_customer and r.due)
                or o.shared
                    and not exists (
                        select from link_proposal e
                        where e.shared and e.erp_customer = l.erp_customer and e.account <> l.account
                    )
                    and not exists (
                        select from link_proposal e
                        where e.shared and e.account = l.account and e.erp_customer <> l.erp_customer
                    )
            )
    ) p
    join account a on a.key = p.account
    left join lateral (
        select e ->> 'field' as field, e ->> 'erp' as value
        from jsonb_array_elements(p.evidence) with ordinality as listed (e, place)
        where e ->> 'verdict' = 'same' and e ->> 'field' in ('vat', 'registration')
        order by place limit 1
    ) same on true
    where a.live
        and not exists (
            select from rejected r
            where r.key = p.erp_customer and (r.account in (a.key, a.final) or r.final = a.final)
        )
    group by p.erp_customer
),
let_go as (
    -- whom an identifier linked, and nothing does any more
    select g.key, a.name
    from (
        select erp_customer as key, account from account_link where status = 'linked' and method = 'identifier'
        union all
        select v.erp_customer, v.from_account
        from link_event v
        where v.why = 'ground_gone'
            and not exists (select from link_event n where n.erp_customer = v.erp_customer and n.id > v.id)
    ) g
    join account a on a.key = g.account and a.live
    where (%(keys)s::varchar[] is null or g.key = any(%(keys)s::varchar[]))
        and not exists (select from rejected r where r.key = g.key and (r.account in (a.key, a.final) or r.final = a.final))
),
sides as (
    select k.key, k.delivered, k.number, k.salesforce_account,
        e.final as erp_account, e.name as erp_name, e.merged as erp_merged, coalesce(e.live, false) as erp_live,
        s.final as sf_account, s.name as sf_name, s.merged as sf_merged, coalesce(s.live, false) as sf_live,
        s.names, s.erp_number, s.customers,
        coalesce(s.live and s.accounts > 1, false) as several_accounts,
        coalesce(s.live and s.ambiguous, false) as ambiguous,
        coalesce(e.live and e.refused, false) as erp_refused, coalesce(s.live and s.refused, false) as sf_refused,
        d.verdict as decision, d.by_name, d.account as decided_account, d.name as decided_name, d.merged as decided_merged,
        coalesce(d.verdict in ('accept', 'share') and d.live, false) as decided,
        coalesce(e.live and e.final <> all (d.accounts), false) as erp_objects,
        coalesce(
            s.live and not s.ambiguous and exists (select from unnest(s.finals) f where f <> all (d.accounts)), false
        ) as sf_objects,
        i.final as identified_account, i.accounts as identified, i.names as identified_names, i.identifier,
        n.names as nearly_names, n.erp_number as nearly_number, n.accounts as nearly_accounts,
        exists (select from unnest(n.finals) f where f <> s.final) as nearly_objects,
        h.account as shared_account, h.accounts as sharing_accounts, h.names as shared_names,
        h.customers as shared_customers, h.identifier as shared_identifier, g.name as let_go,
        t.name as taken_name, t.erp_number as taken_number
    from known k
    left join stated_by_erp e on e.key = k.key
    left join stated_by_salesforce s on s.key = k.key
    left join decided d on d.key = k.key
    left join certain i on i.key = k.key
    left join nearly n on n.key = k.key
    left join too_common h on h.key = k.key
    left join let_go g on g.key = k.key
    left join nearly_taken t on t.key = k.key
),
judged as (
    select s.*,
        case
            when decided and (erp_objects or sf_objects) then 'conflict: decided otherwise'
            when decided then 'decided'
            when decision = 'ignore' and (erp_live or sf_live) then 'conflict: ignored'
            when erp_refused or sf_refused then 'conflict: rejected'
            when several_accounts then 'conflict: several accounts'
            when erp_live and sf_live and not ambiguous and erp_account <> sf_account then 'conflict: sides differ'
            when erp_live then 'erp'
            when ambiguous then 'conflict: several customers'
            when sf_live and salesforce_account <> '' and erp_account is null then 'conflict: unknown id'
            when sf_live and nearly_objects then 'conflict: nearly the number'
            when sf_live then 'salesforce'
            when not delivered then 'unlinked: not delivered'
            when decision in ('accept', 'share') then 'unlinked: deleted by decision'
            when erp_account is not null then 'unlinked: deleted by erp'
            when salesforce_account <> '' then 'unlinked: unknown id'
            when sf_account is not null then 'unlinked: deleted by salesforce'
            when decision = 'ignore' then 'unlinked: ignored'
            when identified > 1 then 'conflict: several identifiers'
            when identified = 1 then 'identifier'
            when decision = 'later' then 'unlinked: later'
            when nearly_names is not null then 'unlinked: nearly the number'
            when shared_identifier is not null then 'unlinked: shared identifier'
            when let_go is not null then 'unlinked: ground gone'
            when taken_number is not null then 'unlinked: nearly another number'
            else 'unlinked'
        end as verdict
    from sides s
)
select key as erp_customer,
    case verdict
        when 'erp' then erp_account
        when 'salesforce' then sf_account
        when 'decided' then decided_account
        when 'identifier' then identified_account
    end as account,
    case
        when verdict in ('erp', 'salesforce', 'decided', 'identifier') then 'linked'
        when verdict like 'conflict%%' then 'conflict'
        else 'unlinked'
    end as status,
    case
        when verdict = 'erp' and erp_merged and coalesce(sf_merged or not sf_live, true) then 'merged'
        when verdict = 'erp' and erp_account = sf_account then 'both'
        when verdict = 'erp' then 'erp'
        when verdict = 'salesforce' and sf_merged then 'merged'
        when verdict = 'salesforce' then 'salesforce'
        when verdict = 'decided' and decision = 'share' then 'shared'
        when verdict in ('decided', 'identifier') then verdict
        when verdict like 'unlinked%%' and decision = 'ignore' then 'ignored'
        when verdict like 'unlinked%%' and decision = 'later' then 'later'
        else ''
    end as method,
    case when verdict in ('erp', 'salesforce') and decision in ('accept', 'share')
        then 'The account ' || decided_name || ', which was decided on, was deleted in Salesforce. ' else ''
    end
    || case verdict
        when 'decided' then
            'Decided by ' || by_name || '.'
            || case when decided_merged then ' The account was merged into ' || decided_name || '.' else '' end
        when 'identifier' then
            coalesce('The ERP and the account have the same ' || identifier || '.', 'An exact identifier is the same.')
            || case when shared_identifier is null then ''
                else ' In doubt: '
                    || coalesce('several ERP customers have it, ' || shared_customers, 'other records have it too')
                    || '. It stays linked until you decide: accept it, or reject it.'
            end
        when 'conflict: decided otherwise' then
            by_name || ' decided for the account ' || decided_name || ', but '
            || case
                when erp_objects then 'the ERP names the account ' || erp_name
                else 'in Salesforce ' || names || ' carries ERP number ' || erp_number
            end
            || '. Correct the stored key, or decide anew.'
        when 'conflict: ignored' then
            by_name || ' decided that this customer needs no account, but '
            || case
                when erp_live then 'the ERP names the account ' || erp_name
                else 'in Salesforce ' || names || ' carries ERP number ' || erp_number
            end
            || '. Correct the stored key, or decide anew.'
        when 'conflict: rejected' then
            case
                when erp_refused then 'The ERP names the account ' || erp_name
                else 'In Salesforce ' || names || ' carries ERP number ' || erp_number
            end
            || ', but it was decided that this is another company. Correct the stored key, or decide anew.'
        when 'conflict: several identifiers' then
            'Several accounts have the same ' || coalesce(identifier, 'identifier') || ': ' || identified_names
            || '. Decide which one it is, or merge them.'
        when 'unlinked: ignored' then by_name || ' decided that this customer needs no account.'
        when 'unlinked: later' then by_name || ' decided that its account is still to be created in Salesforce.'
        when 'unlinked: deleted by decision' then
            'The account ' || decided_name || ', which was decided on, was deleted in Salesforce.'
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
        when 'conflict: nearly the number' then
            sf_name || ' carries ERP number ' || erp_number || ', but ' || nearly_names || ' carries ' || nearly_number
            || ', the same but for leading zeros. Leave the number on one of them, or merge them.'
        when 'unlinked: nearly the number' then
            nearly_names || case when nearly_accounts > 1 then ' carry' else ' carries' end || ' ERP number '
            || nearly_number || ', which is ' || number || ' but for leading zeros. Write it on one account as the ERP does, or decide here.'
        when 'unlinked: nearly another number' then
            taken_name || ' carries ERP number ' || taken_number || ', which another ERP customer has, and which is ' || number
            || ' but for leading zeros. Decide whose it is.'
        when 'unlinked: shared identifier' then
            case
                when sharing_accounts > 1 then
                    'Several accounts have the same ' || shared_identifier || ': ' || shared_names
                    || '. Decide which one it is, or merge them.'
                when shared_customers is not null then
                    'Several ERP customers have the ' || shared_identifier || ' of the account ' || shared_account || ': '
                    || shared_customers || '. Decide whether it is this one.'
                else
                    'Several records have the ' || shared_identifier || ' of the account ' || shared_account
                    || '. Decide whether it is this one.'
            end
        when 'unlinked: ground gone' then
            'The number that linked it to the account ' || let_go
            || ' is not the same any more, or something else speaks against it now. Decide whether it is this one.'
        when 'unlinked: not delivered' then
            'Documents name this customer, but the ERP has not delivered it. It is linked once it arrives.'
        when 'unlinked: deleted by erp' then
            'The ERP names the account ' || erp_name || ', which was deleted in Salesforce.'
        when 'unlinked: unknown id' then
            'The ERP names the account id ' || salesforce_account || ', which Salesforce does not have.'
        when 'unlinked: deleted by salesforce' then
            'The account ' || sf_name || ', which carried this number, was deleted in Salesforce.'
        else 'No account carries ERP number ' || number || ', and the ERP names no account.'
    end as detail,
    null::numeric(9, 8) as part_from, null::numeric(9, 8) as part_to, null::varchar[] as places, false as is_rest,
    0::smallint as place
from judged
