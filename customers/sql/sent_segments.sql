-- One row per customer of sent_scope whose names or segments are others than were kept. Parameters: as_of, kept: those that
-- cannot be judged any more, so that whoever was in them stays.
-- What moves twice on one day counts as one move from where it was the day before; what moves back never left.
with members as (
    select customer_id, segment_id from sent_now
    union
    select k.customer_id, i.id
    from sent_scope s
    join sent_segments k on k.customer_id = s.customer_id
    cross join unnest(k.segments) i (id)
    where i.id = any(%(kept)s::bigint[])
),
wanted as (
    select
        s.customer_id,
        coalesce(array_agg(g.id order by g.id) filter (where g.id is not null), '{}') as segments,
        coalesce(string_agg(g.name, '; ' order by lower(g.name), g.id), '') as names
    from sent_scope s
    left join members m on m.customer_id = s.customer_id
    left join segment g on g.id = m.segment_id
    group by s.customer_id
)
insert into sent_segments as k (customer_id, segments, names, since, before, before_since)
select customer_id, segments, names, %(as_of)s, '', null
from wanted
on conflict (customer_id) do update set
    segments = excluded.segments,
    names = excluded.names,
    since = case
        when k.names = excluded.names then k.since
        when k.since = excluded.since and k.before = excluded.names then coalesce(k.before_since, excluded.since)
        else excluded.since
    end,
    before = case
        when k.names = excluded.names then k.before
        when k.since = excluded.since and k.before = excluded.names then ''
        when k.since = excluded.since and k.before_since is not null then k.before
        else k.names
    end,
    before_since = case
        when k.names = excluded.names then k.before_since
        when k.since = excluded.since and k.before = excluded.names then null
        when k.since = excluded.since and k.before_since is not null then k.before_since
        else k.since
    end
where (k.segments, k.names) is distinct from (excluded.segments, excluded.names)
