-- Puts a row per account, and one for what no account has, in the place of each shared ERP customer in link_wanted. By per
-- cent a part ends where the percents so far add up to; rows of accounts that were merged are one. Parameters: none.
with recursive named as (
    select w.erp_customer, w.detail, s.account, s.per_cent, s.ship_to, s.place
    from link_wanted w
    join link_decision d on d.erp_customer = w.erp_customer and d.verdict = 'share' and d.undone_at is null
    join link_share s on s.decision_id = d.id
    where w.method = 'shared' and w.status = 'linked'
),
walk as (
    select distinct account::varchar as key, account::varchar as winner, 1 as depth from named
    union all
    select w.key, a.master_record::varchar, w.depth + 1
    from walk w
    join sf_account a on a.key = w.winner
    where a.deleted_at is not null and a.master_record <> '' and w.depth < 20
),
winner as (
    select distinct on (key) key, winner from walk order by key, depth desc
),
resolved as (
    select n.*, a.key as final, coalesce(nullif(f.name, ''), n.account) as name
    from named n
    join winner w on w.key = n.account
    left join sf_account a on a.key = w.winner and a.deleted_at is null
    left join sf_account f on f.key = n.account
),
part as (
    select erp_customer, final, min(detail) as detail, min(place) as first_place, sum(per_cent) as per_cent,
        coalesce(array_agg(distinct ship_to::varchar) filter (where ship_to <> ''), '{}') as own_places,
        bool_or(ship_to = '' and per_cent is null) as is_rest, string_agg(distinct name, ' and ') as names
    from resolved
    group by erp_customer, final
),
placed as (
    select p.*, row_number() over (partition by p.erp_customer order by p.final is null, p.first_place) - 1 as place,
        sum(p.per_cent) over (partition by p.erp_customer order by p.first_place) / 100 as part_to,
        case
            when p.per_cent is not null then null
            when not p.is_rest then p.own_places
            -- the rest is what goes to none of the others' parties
            else coalesce((
                select array_agg(distinct r.ship_to::varchar)
                from resolved r
                where r.erp_customer = p.erp_customer and r.final is distinct from p.final and r.ship_to <> ''
            ), '{}')
        end as places
    from part p
),
whole as (
    delete from link_wanted where method = 'shared'
)
insert into link_wanted (erp_customer, account, status, method, detail, part_from, part_to, places, is_rest, place)
select erp_customer, final,
    case when final is null then 'conflict' else 'linked' end,
    case when final is null then '' else 'shared' end,
    case
        when final is null then 'The account ' || names || ', which has a part of this customer by a rule, was deleted in '
            || 'Salesforce. Until somebody decides anew, that part is on no account.'
        else replace(detail, 'Decided by', 'Shared by')
    end,
    part_to - per_cent / 100, part_to, places, is_rest, place
from placed
