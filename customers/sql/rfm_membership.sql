-- One row per customer of rfm_now whose segment, score or calibration is another than was kept. Parameters: as_of, calibration.
-- What moves twice on one day counts as one move from where it was the day before; what moves back never left.
insert into rfm_membership as m (customer_id, segment, score, since, before, before_since, calibration_id)
select n.customer_id, n.segment, n.score, %(as_of)s, '', null, %(calibration)s::bigint
from rfm_now n
on conflict (customer_id) do update set
    segment = excluded.segment,
    score = excluded.score,
    calibration_id = excluded.calibration_id,
    since = case
        when m.segment = excluded.segment then m.since
        when m.since = excluded.since and m.before = excluded.segment then coalesce(m.before_since, m.since)
        else excluded.since
    end,
    before = case
        when m.segment = excluded.segment then m.before
        when m.since = excluded.since and m.before = excluded.segment then ''
        when m.since = excluded.since and m.before <> '' then m.before
        else m.segment
    end,
    before_since = case
        when m.segment = excluded.segment then m.before_since
        when m.since = excluded.since and m.before = excluded.segment then null
        when m.since = excluded.since and m.before <> '' then m.before_since
        else m.since
    end
where (m.segment, m.score, m.calibration_id) is distinct from (excluded.segment, excluded.score, excluded.calibration_id)
