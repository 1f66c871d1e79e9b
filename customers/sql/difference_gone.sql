-- Closes what no longer differs, with a note. Parameters: at, everything (else only of the customers in rollup_scope), declared.
with closed as (
    update difference d
    set closed_at = %(at)s, snoozed_until = null, snooze_reason = '',
        closed_why = case
            when not d.field = any (%(declared)s::text[]) then 'undeclared'
            when exists (
                select from account_link l
                join erp_customer e on e.key = l.erp_customer and e.deleted_at is null
                join sf_account a on a.key = l.account and a.deleted_at is null
                where l.erp_customer = d.erp_customer and l.account = d.account and l.status = 'linked'
                    and l.part_to is null and l.places is null
            ) then 'equal'
            else 'unlinked'
        end
    where d.closed_at is null
        and (%(everything)s or d.customer_id in (select customer_id from rollup_scope))
        and not exists (
            select from difference_now n
            where (n.account, n.erp_customer, n.field) = (d.account, d.erp_customer, d.field)
        )
    returning d.id, d.closed_why, d.erp_value, d.salesforce_value
)
insert into difference_note (difference_id, at, by_name, kind, text, erp_value, salesforce_value)
select id, %(at)s, '', 'closed', closed_why, erp_value, salesforce_value from closed
