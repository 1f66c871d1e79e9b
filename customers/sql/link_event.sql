-- One row per ERP customer that leaves its account. Parameters: none.
-- Before account_link, which then holds the new state.
insert into link_event (at, erp_customer, from_account, to_account, why, detail)
select now(), l.erp_customer, l.account, coalesce(w.account, ''),
    case
        when w.erp_customer is null then 'gone'
        when w.account is not null and a.deleted_at is not null and a.master_record <> '' then 'merged'
        when w.account is not null then 'moved'
        when a.deleted_at is not null then 'deleted'
        else 'unlinked'
    end,
    coalesce(w.detail, '')
from account_link l
left join link_wanted w on w.erp_customer = l.erp_customer
left join sf_account a on a.key = l.account
where l.account is not null and l.account is distinct from w.account
order by l.erp_customer
