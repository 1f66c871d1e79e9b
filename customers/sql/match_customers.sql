-- Live ERP customers as matching reads them. Parameters: keys (null: all), rules (a change makes every record anew),
-- vat_field, registration_field (of accounts; not used here).
with source as (
    select c.key, c.name, array[c.vat_id] as vats, c.registration_number as registration, array[c.number] as numbers,
        array[c.phone] || coalesce(p.phones, '{}') as phones,
        array[c.email, c.website] || coalesce(p.emails, '{}') as addresses,
        c.street, c.postal_code, c.city, c.country
    from erp_customer c
    left join lateral (
        select array_agg(distinct phone::text) filter (where phone <> '') as phones,
            array_agg(distinct email::text) filter (where email <> '') as emails
        from (select phone, email from erp_contact where customer_id = c.key and deleted_at is null order by key limit 20) k
    ) p on true
    where c.deleted_at is null and (%(keys)s::text[] is null or c.key = any(%(keys)s::text[]))
),
printed as (
    select s.*, md5(%(rules)s || s::text)::uuid as print from source s
)
