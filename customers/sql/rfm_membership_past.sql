-- One row per customer of rfm_then whose membership is told otherwise by that earlier day, which was stored after it.
-- Parameters: later (the stored day after it). On that day or the one after, the segment began, was another before, or was
-- interrupted; or so did the one that it came from, before that.
-- Whoever moved on the day of a calibration may have moved by it alone, which no figures of another day tell.
update rfm_membership m set
    since = case
        when t.as_of >= m.since then %(later)s::date
        when m.since <= %(later)s::date and t.segment = m.segment then t.as_of
        else m.since
    end,
    before = case
        when t.as_of >= m.since then t.segment
        when m.since > %(later)s::date then m.before
        when t.segment <> m.segment then t.segment
        -- the only day of what was before is now one of the segment itself
        when m.before_since = t.as_of then ''
        else m.before
    end,
    before_since = case
        when t.as_of = m.since and t.segment = m.before then m.before_since
        when t.as_of >= m.since then t.as_of
        when m.since > %(later)s::date then case when t.segment = m.before then t.as_of else %(later)s::date end
        when t.segment <> m.segment then t.as_of
        when m.before_since < t.as_of then m.before_since
    end
from rfm_then t
where t.customer_id = m.customer_id
    and case
        when t.as_of >= m.since then t.segment <> m.segment
        when m.since <= %(later)s::date then t.segment <> m.before
        when m.before = '' then false
        when t.as_of >= m.before_since then t.segment <> m.before
        else t.segment = m.before and m.before_since <= %(later)s::date
    end
    and (
        m.before = ''
        or not exists (select 1 from rfm_calibration c where c.id = m.calibration_id and c.as_of = m.since)
    )
