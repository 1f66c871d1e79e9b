-- Closes what no longer differs, with a note. Needs difference_pair, difference_now and difference_scope. Parameters: at, everything (else
-- only of the customers in difference_scope, or of `customers`), declared.
with closed as (
    update difference d
    set closed_at = %(at)s, snoozed_until = null, snooze_reason = '',
        closed_why = case
            when not d.field = any (%(declared)s::text[]) then 'undeclared'
            when not exists (
                select from account_link l
                join erp_customer e on e.key = l.erp_customer and e.deleted_at is null
                join sf_account a on a.key = l.account and a.deleted_at is null
                where l.erp_customer = d.erp_customer and l.account = d.account and l.status = 'linked'
            ) then 'unlinked'
            when exists (
                select from difference_pair p
                where (p.account, p.erp_customer) = (d.account, d.erp_customer)
                    and to_jsonb(p) ->> ('erp_' || d.field) is not null
                    and to_jsonb(p) ->> ('salesforce_' || d.field) is not null
            ) then 'equal'
            when exists (
                select from difference_pair p where p.account = d.account and p.erp_customer <> d.erp_customer
            ) then 'following'
            when exists (
                select from account_link l
                where l.erp_customer = d.erp_customer and l.account = d.account
                    and (l.part_to is not null or l.places is not null)
            ) then 'shared'
            else 'unknown'
        end
    where d.closed_at is null
        and (
            %(everything)s
            or %(customers)s::bigint[] is null and d.customer_id in (select customer_id from difference_scope)
            or d.customer_id = any(%(customers)s::bigint[])
        )
        and not exists (
            select from difference_now n
            where (n.account, n.erp_customer, n.field) = (d.account, d.erp_customer, d.field)
        )
    returning d.id, d.closed_why, d.erp_value, d.salesforce_value
)
insert into difference_note (difference_id, at, by_name, kind, text, erp_value, salesforce_value)
select id, %(at)s, '', 'closed', closed_why, erp_value, salesforce_value from closed
