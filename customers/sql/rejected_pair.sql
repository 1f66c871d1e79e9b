-- rejected_pair: the accounts that ERP customers were decided not to be, and the winners that those were merged into:
-- erp_customer, account, decision (its id). Nothing is proposed or linked by itself for them; a stored key on a winner is
-- judged anew. Parameters: rejected_of (keys of ERP customers, null: all).
with recursive rejected_pair as (
    select d.erp_customer::text as erp_customer, d.account::text as account, d.id as decision, 1 as depth
    from link_decision d
    where d.undone_at is null and d.verdict = 'reject'
        and (%(rejected_of)s::text[] is null or d.erp_customer = any(%(rejected_of)s::text[]))
    union
    select p.erp_customer, a.master_record::text, p.decision, p.depth + 1
    from rejected_pair p
    join sf_account a on a.key = p.account
    where a.deleted_at is not null and a.master_record <> '' and p.depth < 20
)
