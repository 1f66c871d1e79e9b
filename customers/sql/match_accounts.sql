-- Live accounts as matching reads them. Parameters: keys (null: all), rules (a change makes every record anew),
-- vat_field, registration_field (API names of custom fields; without a vat_field every further field is looked at that
-- may hold such a number).
with source as (
    select a.key, a.name,
        case when %(vat_field)s <> '' then array[coalesce(a.custom_fields ->> %(vat_field)s, '')]
            else array(
                select f.value
                from jsonb_each_text(a.custom_fields) f
                where f.value ~ '^[A-Za-z]{2}[ .-]?[0-9A-Za-z]' and length(f.value) between 9 and 25 and f.value ~ '[0-9]{3}'
                order by f.key
            )
        end as vats,
        coalesce(a.custom_fields ->> %(registration_field)s, '') as registration,
        array[a.erp_number, a.account_number] as numbers,
        array[a.phone] || coalesce(p.phones, '{}') as phones,
        array[a.website] || coalesce(p.emails, '{}') as addresses,
        a.billing_street as street, a.billing_postal_code as postal_code, a.billing_city as city,
        a.billing_country as country
    from sf_account a
    left join lateral (
        select array_agg(distinct phone::text) filter (where phone <> '') as phones,
            array_agg(distinct email::text) filter (where email <> '') as emails
        from (select phone, email from sf_contact where account_id = a.key and deleted_at is null order by key limit 20) k
    ) p on true
    where a.deleted_at is null and (%(keys)s::text[] is null or a.key = any(%(keys)s::text[]))
),
printed as (
    select s.*, md5(%(rules)s || s::text)::uuid as print from source s
)
