-- Views for people who ask the database itself. integration_hub/docs/views.md is made from the comments: manage.py reporting_views.
-- Names and meanings of columns stay; columns are added at the end. A migration that alters the type of a column used
-- here drops its view first and creates it again. This file belongs to its migration and is not edited afterwards.
create schema if not exists reporting;
comment on schema reporting is
'Views that stay as they are, for reading only; what a view shows is not narrowed to what a person may see on the pages.';

create view reporting.run as
select
    r.id as run_id,
    r.kind,
    r.subject as source,
    r.status,
    r.requested_by,
    r.requested_at,
    r.not_before,
    r.started_at,
    r.finished_at,
    extract(epoch from r.finished_at - r.started_at) as seconds,
    r.attempt,
    r.api_calls as requests,
    r.accounts_touched as customers_touched,
    r.problem,
    r.meaning,
    r.remedy
from public.hub_run as r;
comment on view reporting.run is
'One row for each run: a sync, a push, a roll-up, a replay and so on.';
comment on column reporting.run.run_id is
'Number of the run, as on the pages.';
comment on column reporting.run.kind is
'sync, rollup, push, reconcile, formulas, sweep, drift, check, match or replay.';
comment on column reporting.run.source is
'Source of a sync by its name in hub.toml, salesforce for a push; empty where there is none.';
comment on column reporting.run.status is
'queued, running, succeeded, partial (published, with rows left behind), failed or dead (its process vanished).';
comment on column reporting.run.requested_by is
'Login of whoever asked for it, schedule, sync or command line.';
comment on column reporting.run.requested_at is
'When it was asked for.';
comment on column reporting.run.not_before is
'Instant until which it is held back; null where it is not.';
comment on column reporting.run.started_at is
'When it began; null while it waits.';
comment on column reporting.run.finished_at is
'When it ended; null before.';
comment on column reporting.run.seconds is
'How long it took; null before its end.';
comment on column reporting.run.attempt is
'1 for the first try, more where it took over from one that failed.';
comment on column reporting.run.requests is
'Requests sent to the source or to Salesforce.';
comment on column reporting.run.customers_touched is
'Customers whose figures were recomputed; for a push, accounts written.';
comment on column reporting.run.problem is
'What went wrong, in words; empty when all is well.';
comment on column reporting.run.meaning is
'What that means for the figures.';
comment on column reporting.run.remedy is
'What to do about it.';

create view reporting.stream_run as
select
    s.run_id,
    split_part(s.stream, '.', 1) as source,
    s.stream,
    s.mode,
    r.started_at,
    s.read as rows_read,
    s.inserted,
    s.updated,
    s.unchanged,
    s.rejected,
    s.duplicates,
    s.deleted as gone,
    s.api_calls as requests,
    s.bytes_read as bytes,
    s.seconds,
    s.cursor_before,
    s.cursor_after,
    s.note
from public.hub_stream_run as s join public.hub_run as r on r.id = s.run_id;
comment on view reporting.stream_run is
'One row for each stream of a run. rows_read = inserted + updated + unchanged + rejected + duplicates.';
comment on column reporting.stream_run.run_id is
'The run.';
comment on column reporting.stream_run.source is
'Source by its name in hub.toml.';
comment on column reporting.stream_run.stream is
'Full name of the stream: source.stream.';
comment on column reporting.stream_run.mode is
'snapshot (all rows), incremental (changed ones), sweep (ids compared), by key (documents rung for) or replay.';
comment on column reporting.stream_run.started_at is
'When its run began.';
comment on column reporting.stream_run.rows_read is
'Rows that were read and pass the filters of the stream.';
comment on column reporting.stream_run.inserted is
'Rows that are new here.';
comment on column reporting.stream_run.updated is
'Rows that changed.';
comment on column reporting.stream_run.unchanged is
'Rows that were equal to what was here.';
comment on column reporting.stream_run.rejected is
'Rows that could not be understood, or whose document is in quarantine.';
comment on column reporting.stream_run.duplicates is
'Rows left out because a later one has the same key.';
comment on column reporting.stream_run.gone is
'Rows marked as gone, as the source no longer has them; not part of the rows read.';
comment on column reporting.stream_run.requests is
'Requests for this stream; null where they were not counted, or came with the documents.';
comment on column reporting.stream_run.bytes is
'Bytes received; null like requests.';
comment on column reporting.stream_run.seconds is
'How long reading took.';
comment on column reporting.stream_run.cursor_before is
'Change mark before, as the source writes it.';
comment on column reporting.stream_run.cursor_after is
'Change mark after.';
comment on column reporting.stream_run.note is
'Remarks in words.';

create view reporting.freshness as
select
    s.source,
    s.stream,
    s.as_of,
    extract(epoch from now() - s.as_of) as age_seconds,
    s.full_as_of,
    s.attempted_at,
    s.rows as row_count,
    s.since,
    s.changed_at,
    s.problem
from public.hub_stream_state as s;
comment on view reporting.freshness is
'One row for each stream that was ever read: as of when its content is here. When that is late is set in hub.toml (late_after, stale_after).';
comment on column reporting.freshness.source is
'Source by its name in hub.toml.';
comment on column reporting.freshness.stream is
'Full name of the stream.';
comment on column reporting.freshness.as_of is
'Instant for which the content of the source is known to be here; null before the first load.';
comment on column reporting.freshness.age_seconds is
'Seconds since then.';
comment on column reporting.freshness.full_as_of is
'The same for the last read of all rows.';
comment on column reporting.freshness.attempted_at is
'When a read was last tried, with or without success.';
comment on column reporting.freshness.row_count is
'Rows that are here and not gone.';
comment on column reporting.freshness.since is
'Earliest day of the documents that are here; null where rows have no day.';
comment on column reporting.freshness.changed_at is
'Latest change mark among the rows that are here.';
comment on column reporting.freshness.problem is
'What is missing or went wrong, in words; empty when nothing is.';

create view reporting.reconciliation as
select
    c.id as reconciliation_id,
    c.run_id,
    c.stream,
    c.checked_at,
    c.source_rows,
    c.mirror_rows,
    c.source_sums,
    c.mirror_sums,
    c.agrees,
    c.hash_agrees as checksum_agrees,
    c.confirmed,
    c.since as differing_since,
    c.waiting as in_quarantine,
    c.after_load,
    c.detail
from public.hub_reconciliation as c;
comment on view reporting.reconciliation is
'One row for each comparison of a stream with its source.';
comment on column reporting.reconciliation.reconciliation_id is
'Number of the comparison.';
comment on column reporting.reconciliation.run_id is
'The run that made it; null for one from the command line.';
comment on column reporting.reconciliation.stream is
'Full name of the stream.';
comment on column reporting.reconciliation.checked_at is
'When it was made.';
comment on column reporting.reconciliation.source_rows is
'All rows at the source, those in quarantine too; null where it does not count.';
comment on column reporting.reconciliation.mirror_rows is
'Rows here that are compared: without older versions of rows in quarantine.';
comment on column reporting.reconciliation.source_sums is
'Sums at the source of the rows that are compared, without those in quarantine: column, then currency, then amount as text.';
comment on column reporting.reconciliation.mirror_sums is
'The same here, without older versions of rows in quarantine, which stand in the figures.';
comment on column reporting.reconciliation.agrees is
'Whether nothing differs.';
comment on column reporting.reconciliation.checksum_agrees is
'Whether the checksum over all values agrees; null where the source computes none.';
comment on column reporting.reconciliation.confirmed is
'Whether a difference is certain: then it stops the push.';
comment on column reporting.reconciliation.differing_since is
'Since when the stream differs; null while it agrees.';
comment on column reporting.reconciliation.in_quarantine is
'Rows that wait in quarantine, left out on both sides.';
comment on column reporting.reconciliation.after_load is
'Whether it was made right after a load, rather than on demand.';
comment on column reporting.reconciliation.detail is
'What differs, in words.';

create view reporting.rejected_row as
select
    r.id as rejected_row_id,
    r.run_id,
    r.stream,
    r.key,
    r.document,
    r.position,
    r."column" as column_name,
    r.reason,
    r.record,
    r.rejected_at,
    r.replays,
    r.resolved_at,
    r.outcome
from public.hub_rejected_row as r;
comment on view reporting.rejected_row is
'One row for each row that could not be understood, with its raw record. Records hold customers'' data.';
comment on column reporting.rejected_row.rejected_row_id is
'Number of the rejected row.';
comment on column reporting.rejected_row.run_id is
'The run that rejected it last.';
comment on column reporting.rejected_row.stream is
'Full name of the stream.';
comment on column reporting.rejected_row.key is
'Its key here, such as erp:100107; empty where it has none.';
comment on column reporting.rejected_row.document is
'Key of the document in quarantine that it belongs to; empty where it stands alone.';
comment on column reporting.rejected_row.position is
'Its place in the delivery, counted from 1.';
comment on column reporting.rejected_row.column_name is
'The first column that did not fit.';
comment on column reporting.rejected_row.reason is
'Why, in words.';
comment on column reporting.rejected_row.record is
'The record as the source delivered it, all values as text.';
comment on column reporting.rejected_row.rejected_at is
'When it was rejected.';
comment on column reporting.rejected_row.replays is
'How often the stored record was tried again.';
comment on column reporting.rejected_row.resolved_at is
'When it was resolved; null while it is open and in no figure.';
comment on column reporting.rejected_row.outcome is
'How a replay resolved it: loaded, overtaken (a newer version is here) or filtered; empty where a later delivery did.';

create view reporting.push as
select
    p.id as plan_id,
    p.run_id,
    p.kind,
    p.status,
    p.as_of,
    p.made_at,
    p.approved_by,
    p.finished_at,
    p.accounts_compared,
    p.accounts_changed,
    p.fields_changed as values_planned,
    (select count(*) from public.hub_push_change as c where c.plan_id = p.id and c.status = 'done') as values_written,
    (select count(*) from public.hub_push_change as c where c.plan_id = p.id and c.status = 'failed') as values_refused,
    p.note
from public.hub_push_plan as p;
comment on view reporting.push is
'One row for each push plan: what was to be written to Salesforce, and what became of it.';
comment on column reporting.push.plan_id is
'Number of the plan.';
comment on column reporting.push.run_id is
'The run that made it.';
comment on column reporting.push.kind is
'push, or undo of an earlier plan.';
comment on column reporting.push.status is
'planned, waiting (for approval), halted (by a brake), sending, done, partial, failed or dry.';
comment on column reporting.push.as_of is
'Day whose figures it holds.';
comment on column reporting.push.made_at is
'When it was made.';
comment on column reporting.push.approved_by is
'Login of whoever approved it; empty where nobody had to.';
comment on column reporting.push.finished_at is
'When it ended; null before.';
comment on column reporting.push.accounts_compared is
'Accounts whose values were compared.';
comment on column reporting.push.accounts_changed is
'Accounts with at least one value to write.';
comment on column reporting.push.values_planned is
'Values to write.';
comment on column reporting.push.values_written is
'Values that Salesforce acknowledged.';
comment on column reporting.push.values_refused is
'Values that Salesforce refused.';
comment on column reporting.push.note is
'Remarks in words.';

create view reporting.push_value as
select
    c.plan_id,
    c.account,
    c.field,
    c.before as value_before,
    c.after as value_after,
    c.status,
    c.drift as edited_by_hand,
    c.error_code,
    c.error_text,
    c.answered_at
from public.hub_push_change as c;
comment on view reporting.push_value is
'One row for each value of a plan: before, after, and what became of it.';
comment on column reporting.push_value.plan_id is
'The plan.';
comment on column reporting.push_value.account is
'Salesforce id of the account.';
comment on column reporting.push_value.field is
'API name of the field.';
comment on column reporting.push_value.value_before is
'What stood there, as exact text; null for nothing.';
comment on column reporting.push_value.value_after is
'What was to stand there.';
comment on column reporting.push_value.status is
'planned, sent, done, failed, unknown, left, parked or skipped.';
comment on column reporting.push_value.edited_by_hand is
'Whether somebody had changed the value in Salesforce.';
comment on column reporting.push_value.error_code is
'Code of a refusal.';
comment on column reporting.push_value.error_text is
'Words of a refusal.';
comment on column reporting.push_value.answered_at is
'When Salesforce answered; null before.';
