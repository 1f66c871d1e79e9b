-- One update per period that is over at the day: its ERP customer belongs to somebody else now, to others too,
-- or is gone. After account_link. Parameters: as_of, keys (only these
-- ERP customers; null: all).
update account_link_period p
set valid_to = %(as_of)s
where p.valid_to is null
    and not exists (
        select from account_link l
        where l.erp_customer = p.erp_customer and l.customer_id = p.customer_id
            and (l.part_from, l.part_to, l.places, l.is_rest)
            is not distinct from (p.part_from, p.part_to, p.places, p.is_rest)
    )
    and (p.valid_from is null or p.valid_from < %(as_of)s)
    and (%(keys)s::varchar[] is null or p.erp_customer = any(%(keys)s::varchar[]))
