-- One row less per period that began at the day and is over already: a day belongs to its last link. So does the time
-- before the first figures: that an ERP customer had no account while an installation was being set up is no fact of the
-- past. One that an identifier links was unknown until it was compared: days that were computed only when they were over are
-- no such figures. Parameters: as_of, zone, keys (only these ERP customers; null: all).
delete from account_link_period p
where p.valid_to is null
    and (
        p.valid_from >= %(as_of)s
        or p.valid_from is null and p.account is null
            and not exists (
                select from rollup_day d
                where d.as_of < %(as_of)s and (
                    (d.completed_at at time zone %(zone)s)::date <= d.as_of
                    or not exists (
                        select from account_link l where l.erp_customer = p.erp_customer and l.method = 'identifier'
                    )
                )
            )
    )
    and not exists (
        select from account_link l
        where l.erp_customer = p.erp_customer and l.customer_id = p.customer_id
            and (l.part_from, l.part_to, l.places, l.is_rest)
            is not distinct from (p.part_from, p.part_to, p.places, p.is_rest)
    )
    and (%(keys)s::varchar[] is null or p.erp_customer = any(%(keys)s::varchar[]))
