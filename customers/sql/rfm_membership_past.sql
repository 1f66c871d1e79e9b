-- One row per customer of rfm_then whose membership is told otherwise by that earlier day, which was stored after it.
-- Parameters: later (the stored day after it). On that day or the one after, the segment began, was another before, or was
-- interrupted. Whoever moved on the day of a calibration may have moved by it alone, which no figures of another day tell.
update rfm_membership m set
    since = case when t.segment = m.segment then t.as_of when t.as_of < m.since then m.since else %(later)s::date end,
    before = case when t.segment = m.segment then m.before else t.segment end,
    before_since = case when t.segment in (m.segment, m.before) then m.before_since else t.as_of end
from rfm_then t
where t.customer_id = m.customer_id
    and case
        when t.as_of < m.since then m.since <= %(later)s::date and t.segment <> m.before
        else t.segment <> m.segment
    end
    and (
        m.before = ''
        or not exists (select 1 from rfm_calibration c where c.id = m.calibration_id and c.as_of = m.since)
    )
