-- One row per ERP customer that leaves its account, comes back to one after it left, or is linked by a decision or an
-- identifier; and one per further account that shares it. Parameters: keys (only these ERP customers; null: all).
-- Before account_link, which then holds the new state. A shared ERP customer goes where its first part does.
insert into link_event (at, erp_customer, from_account, to_account, why, detail)
select now(), l.erp_customer, l.account, coalesce(w.account, ''),
    case
        when w.erp_customer is null then 'gone'
        when w.account is not null and a.deleted_at is not null and a.master_record <> '' then 'merged'
        when w.method in ('decided', 'identifier', 'shared') then w.method
        when w.account is not null then 'moved'
        when a.deleted_at is not null then 'deleted'
        when l.method = 'identifier' and w.status = 'unlinked' and w.method = '' and not exists (
            select from link_decision d
            where d.erp_customer = l.erp_customer and d.account = l.account and d.verdict = 'reject' and d.undone_at is null
        ) then 'ground_gone'
        else 'unlinked'
    end,
    coalesce(w.detail, '')
from account_link l
left join link_wanted w on w.erp_customer = l.erp_customer and w.place = 0
left join sf_account a on a.key = l.account
where l.account is not null and l.account is distinct from w.account
    and (%(keys)s::varchar[] is null or l.erp_customer = any(%(keys)s::varchar[]))
    and not exists (select from link_wanted o where o.erp_customer = l.erp_customer and o.account = l.account)
union all
select now(), w.erp_customer, '', w.account,
    case when w.method in ('decided', 'identifier', 'shared') then w.method else 'linked' end, coalesce(w.detail, '')
from link_wanted w
left join account_link l on l.erp_customer = w.erp_customer and l.place = 0
where w.account is not null
    and (
        l.account is null
        or w.method = 'shared' and not exists (
            select from account_link o where o.erp_customer = w.erp_customer and o.account = w.account
        )
        -- the first part took over from an account that was left
        and (
            w.place > 0
            or exists (select from link_wanted k where k.erp_customer = w.erp_customer and k.account = l.account)
        )
    )
    -- a first link by a stored key is no move
    and (
        w.method in ('decided', 'identifier', 'shared')
        or exists (select from link_event e where e.erp_customer = w.erp_customer)
    )
order by 2
