-- More views for people who ask the database itself: what operation is about. Columns are added at the end; this file
-- belongs to its migration and is not edited afterwards.
create view reporting.alert as
select
    a.id as alert_id,
    a.condition,
    a.subject,
    a.severity,
    a.text,
    a.meaning,
    a.remedy,
    a.first_seen_at,
    a.raised_at,
    a.last_seen_at,
    a.recovered_at,
    a.acknowledged_by,
    a.acknowledged_at,
    a.comment
from public.hub_alert as a;
comment on view reporting.alert is
'One row for each time that something was wrong, from when it was first seen to its recovery.';
comment on column reporting.alert.alert_id is
'Number of the alert, as on the pages.';
comment on column reporting.alert.condition is
'What was looked at, such as run_failed or source_stale.';
comment on column reporting.alert.subject is
'What it is about: a source, a stream, an org.';
comment on column reporting.alert.severity is
'warning or critical.';
comment on column reporting.alert.text is
'What is wrong, in words.';
comment on column reporting.alert.meaning is
'What that means for the figures.';
comment on column reporting.alert.remedy is
'What to do about it.';
comment on column reporting.alert.first_seen_at is
'When it was first seen.';
comment on column reporting.alert.raised_at is
'When it had lasted long enough to be told; null before.';
comment on column reporting.alert.last_seen_at is
'When it was seen last.';
comment on column reporting.alert.recovered_at is
'When it was over; null while it stands.';
comment on column reporting.alert.acknowledged_by is
'Login of whoever has taken note of it; empty where nobody has.';
comment on column reporting.alert.acknowledged_at is
'When that was.';
comment on column reporting.alert.comment is
'What they wrote.';

create view reporting.audit as
select
    a.sequence,
    a.at,
    a.who,
    a.ip as address,
    a.what,
    a.kind,
    a.object,
    a.before,
    a.after,
    a.result,
    a.run as run_id,
    a.hash
from public.hub_audit as a;
comment on view reporting.audit is
'One row for each act that is kept in the audit, in its order.';
comment on column reporting.audit.sequence is
'Number in the chain, without gaps.';
comment on column reporting.audit.at is
'When.';
comment on column reporting.audit.who is
'Login, command line, or what acted by itself; empty for a visitor.';
comment on column reporting.audit.address is
'Network address that it came from; empty outside of requests.';
comment on column reporting.audit.what is
'What was done, such as plan.approved.';
comment on column reporting.audit.kind is
'Kind of what it was done to.';
comment on column reporting.audit.object is
'What it was done to.';
comment on column reporting.audit.before is
'Values before it, where there are any.';
comment on column reporting.audit.after is
'Values after it, where there are any.';
comment on column reporting.audit.result is
'ok or refused.';
comment on column reporting.audit.run_id is
'Run that it asked for; null where there is none.';
comment on column reporting.audit.hash is
'Seal of the row and of all before it: manage.py audit --verify.';

create view reporting.schedule_pause as
select
    p.id as pause_id,
    p.name,
    p.by as paused_by,
    p.at as paused_at,
    p.reason,
    p.until,
    p.ended_at,
    p.ended_by
from public.hub_schedule_pause as p;
comment on view reporting.schedule_pause is
'One row for each pause of a schedule, also of those that have ended.';
comment on column reporting.schedule_pause.pause_id is
'Number of the pause.';
comment on column reporting.schedule_pause.name is
'What was paused: a source, a stream, a piece of work, or all.';
comment on column reporting.schedule_pause.paused_by is
'Login of whoever paused it.';
comment on column reporting.schedule_pause.paused_at is
'When it was paused.';
comment on column reporting.schedule_pause.reason is
'Why.';
comment on column reporting.schedule_pause.until is
'When it ends by itself; null where it does not.';
comment on column reporting.schedule_pause.ended_at is
'When it ended; null while it stands.';
comment on column reporting.schedule_pause.ended_by is
'Login of whoever resumed it; empty where it ended by itself.';

create view reporting.schedule_time as
select
    m.name,
    m.rhythm,
    m.due_for,
    m.requested_at,
    m.run_id
from public.hub_schedule_mark as m;
comment on view reporting.schedule_time is
'One row for each thing on the clock: the time it was last due and asked for.';
comment on column reporting.schedule_time.name is
'What is on the clock.';
comment on column reporting.schedule_time.rhythm is
'How often, as in hub.toml.';
comment on column reporting.schedule_time.due_for is
'The last time it was due.';
comment on column reporting.schedule_time.requested_at is
'When that was asked for; null where it counted as done from the beginning.';
comment on column reporting.schedule_time.run_id is
'Run that came of it.';

create view reporting.api_use as
select
    u.at,
    u.organization,
    u.ours as requests,
    u.used_by_all,
    u."limit" as daily_limit,
    u.run_id
from public.hub_api_use as u;
comment on view reporting.api_use is
'One row for each measurement of the API requests of the last 30 days.';
comment on column reporting.api_use.at is
'When.';
comment on column reporting.api_use.organization is
'Id of the org.';
comment on column reporting.api_use.requests is
'Requests of this installation since the run''s measurement before.';
comment on column reporting.api_use.used_by_all is
'Requests of all integrations in the 24 hours before, as Salesforce said; null where it has not.';
comment on column reporting.api_use.daily_limit is
'How many the org has in 24 hours; null where it has not been said.';
comment on column reporting.api_use.run_id is
'Run that sent them.';

create view reporting.parked_account as
select
    k.account,
    k.organization,
    k.code,
    k.text,
    k.attempts,
    k.first_at,
    k.last_at,
    k.assigned_to,
    k.resolved_at
from public.hub_parked_row as k;
comment on view reporting.parked_account is
'One row for each account that Salesforce refused for a reason that trying again does not cure.';
comment on column reporting.parked_account.account is
'Salesforce id of the account.';
comment on column reporting.parked_account.organization is
'Id of the org.';
comment on column reporting.parked_account.code is
'Code of the refusal.';
comment on column reporting.parked_account.text is
'Words of Salesforce.';
comment on column reporting.parked_account.attempts is
'How often it was tried.';
comment on column reporting.parked_account.first_at is
'When it was refused first.';
comment on column reporting.parked_account.last_at is
'When it was refused last.';
comment on column reporting.parked_account.assigned_to is
'Login of whoever takes care of it; empty where nobody does.';
comment on column reporting.parked_account.resolved_at is
'When it was over; null while it stands.';
comment on column reporting.run.kind is
'sync, rollup, push, reconcile, formulas, sweep, drift, check, match, replay or archive.';
