"""The contract every adapter keeps, one test for each adapter and case; the matrix stands at the end of the run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from pytest_django import Settings

from integration_hub.config import hub
from integration_hub.jobs import finish
from integration_hub.models import ErpInvoice, Notice, Run, RunKind, RunStatus, StreamState
from integration_hub.models.common import Mirrored
from integration_hub.runs import start_run
from integration_hub.sources import SourceProblem, opened_source
from tests.erp.contract.subject import CASES, Maker, Seen, Subject
from tests.erp.contract.subjects import EXTERNAL, SUBJECTS

# Rights are taken away, connections cut, reads stopped half way: see the marker.
pytestmark = pytest.mark.chaos
HUB = '[company]\nname = "Halden"\nreporting_currency = "EUR"\ntime_zone = "Europe/Berlin"\n\n'
CHANGES = ("part_payment", "refund", "reversal", "down_payment", "cancel", "archive", "line_text", "replaced_whole")
KEPT = {"synced_at", "run", "fingerprint"}
GOOD = (RunStatus.SUCCEEDED, RunStatus.PARTIAL)


@pytest.fixture
def subject(
    request: pytest.FixtureRequest, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> Iterator[Subject]:
    maker: Maker = SUBJECTS[request.param]
    made = maker(tmp_path)
    path = tmp_path / "hub.toml"
    path.write_text(HUB + made.toml, encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    settings.PUBLISH_HOOKS = []
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    yield made
    made.close()


def _marks(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.external] if name in EXTERNAL else []


def parametrized(*cases: str) -> pytest.MarkDecorator:
    """Every adapter with each of these cases."""
    return pytest.mark.parametrize(
        ("subject", "case"),
        [pytest.param(name, case, marks=_marks(name)) for name in SUBJECTS for case in cases],
        indirect=["subject"],
    )


def applies(subject: Subject, case: str, record: Any) -> bool:
    """Whether the adapter can have the case; noted for the matrix either way."""
    reason = subject.not_applicable.get(case, "")
    record("contract", (subject.name, case, reason))
    return not reason


def run(subject: Subject, kind: RunKind = RunKind.SYNC, **options: object) -> Run:
    return finish(start_run(kind, subject.source, options=options))


def good(ran: Run) -> Run:
    assert ran.status in GOOD, f"{ran.problem} {ran.meaning}"
    return ran


def mirrored(source: str) -> dict[str, list[dict[str, Any]]]:
    """Every live row of the source, as far as it comes from there."""
    models = [each for each in apps.get_app_config("integration_hub").get_models() if issubclass(each, Mirrored)]
    return {
        model._meta.db_table: [
            {name: value for name, value in row.items() if name not in KEPT}
            for row in model.objects.filter(source=source, deleted_at=None).order_by("key").values()
        ]
        for model in models
    }


def read_whole(subject: Subject) -> bool:
    """Whether whole reads, not a comparison of keys, show what has left."""
    return any(f'kind = "{kind}"' in subject.toml for kind in ("sql", "files"))


def unseen(wanted: list[Seen]) -> list[Seen]:
    return [each for each in wanted if not each.holds()]


@parametrized("good_credentials", "bad_credentials")
def test_check(subject: Subject, case: str, record_property: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if not applies(subject, case, record_property):
        return
    if case == "bad_credentials":
        for name, value in subject.wrong.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SourceProblem) as caught, opened_source(subject.source) as source:
            source.check()
        told = str(caught.value)
        assert caught.value.problem
        assert caught.value.meaning
        assert caught.value.remedy
        assert not subject.wrong_is_secret or not any(value in told for value in subject.wrong.values())
        return
    with opened_source(subject.source) as source:
        found = source.check()
    assert found.version
    assert found.read_only_proof


@parametrized("equal_reads")
def test_two_whole_reads_are_equal(subject: Subject, case: str, record_property: Any) -> None:
    if not applies(subject, case, record_property):
        return
    good(run(subject))
    first = mirrored(subject.source)
    assert first["erp_invoice"]
    assert first["erp_invoice_line"]
    assert first["erp_customer"]
    again = good(run(subject, full=True))
    assert mirrored(subject.source) == first
    assert {(each.inserted, each.updated, each.deleted) for each in again.streams.all()} == {(0, 0, 0)}


@parametrized("resume")
def test_an_interrupted_read_goes_on(
    subject: Subject, case: str, record_property: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not applies(subject, case, record_property):
        return
    with monkeypatch.context() as patched:
        _stop_after_first_page(patched, ErpInvoice)
        assert run(subject).status == RunStatus.FAILED
    assert not any(mirrored(subject.source).values())
    good(run(subject))
    resumed = mirrored(subject.source)
    good(run(subject, full=True))
    assert mirrored(subject.source) == resumed


def _stop_after_first_page(patched: pytest.MonkeyPatch, model: type[Mirrored]) -> None:
    """The network goes away behind the first page of these that was kept."""
    from integration_hub import checkpoints

    kept, target = checkpoints.keep, model._meta.db_table
    stopped = {
        f"{source.name}.{each.name}" for source in hub().sources for each in source.streams if each.target == target
    }

    def keep(stream: str, *args: Any, **options: Any) -> None:
        kept(stream, *args, **options)
        if stream in stopped:
            raise SourceProblem("The network is gone.", transient=True)

    patched.setattr(checkpoints, "keep", keep)


@parametrized("future_cursor")
def test_s5_a_stored_mark_in_the_future_leads_to_a_whole_read(
    subject: Subject, case: str, record_property: Any
) -> None:
    if not applies(subject, case, record_property):
        return
    good(run(subject))
    stood = {each.stream: each.cursor for each in StreamState.objects.exclude(cursor="")}
    assert stood
    for stream, cursor in stood.items():
        later = "9" * (len(cursor) + 2) if cursor.isdigit() else "2999-01-01 00:00:00+00"
        StreamState.objects.filter(pk=stream).update(cursor=later)
    lost = ErpInvoice.objects.count()
    ErpInvoice.objects.all().delete()
    for _ in range(2):
        good(run(subject))
    assert ErpInvoice.objects.count() == lost
    assert {each.stream: each.cursor for each in StreamState.objects.exclude(cursor="")} == stood
    doubted = set(Notice.objects.filter(code="cursor_doubted").values_list("subject", flat=True))
    assert doubted == set(stood)


@parametrized("gone_resumed")
def test_what_is_named_as_gone_survives_an_interrupted_read(
    subject: Subject, case: str, record_property: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`changes` lets a document leave in a way that the ERP tells, and changes another of its kind."""
    if not applies(subject, case, record_property):
        return
    good(run(subject))
    wanted = subject.changes[case]()
    assert unseen(wanted)
    with monkeypatch.context() as patched:
        _stop_after_first_page(patched, wanted[0].model)
        assert run(subject).status == RunStatus.FAILED
    good(run(subject))
    assert unseen(wanted) == []


@parametrized(*CHANGES)
def test_a_change_is_seen_after_one_cycle_or_one_sweep(subject: Subject, case: str, record_property: Any) -> None:
    if not applies(subject, case, record_property):
        return
    good(run(subject))
    wanted = subject.changes[case]()
    assert unseen(wanted), "the change must change something that was seen"
    good(run(subject))
    if unseen(wanted):
        _sweep(subject)
    assert unseen(wanted) == []


def _sweep(subject: Subject) -> None:
    """All keys compared; where whole reads do that, a whole read."""
    if read_whole(subject):
        good(run(subject, full=True))
    else:
        good(run(subject, RunKind.SWEEP))
        good(run(subject))


@parametrized("hard_delete")
def test_what_was_deleted_for_good_leaves_the_mirror(subject: Subject, case: str, record_property: Any) -> None:
    if not applies(subject, case, record_property):
        return
    good(run(subject))
    wanted = subject.changes[case]()
    assert unseen(wanted)
    good(run(subject))
    _sweep(subject)
    assert unseen(wanted) == []


@parametrized("late_commit")
def test_a_row_committed_after_younger_stamps_arrives(subject: Subject, case: str, record_property: Any) -> None:
    """`changes` writes a row now whose stamp is some minutes older than what was read already."""
    if not applies(subject, case, record_property):
        return
    good(run(subject))
    wanted = subject.changes[case]()
    assert unseen(wanted)
    good(run(subject))
    assert unseen(wanted) == []


@parametrized("lost_right", "lost_company")
def test_what_is_no_longer_shown_deletes_nothing(subject: Subject, case: str, record_property: Any) -> None:
    if not applies(subject, case, record_property):
        return
    good(run(subject))
    before = mirrored(subject.source)
    subject.breaks[case]()
    ran = run(subject, full=True)
    swept = None if read_whole(subject) else run(subject, RunKind.SWEEP)
    assert mirrored(subject.source) == before
    told = ran.problem or (swept.problem if swept else "") or Notice.objects.filter(cleared_at=None).exists()
    assert told, "nobody is told"


@parametrized("field_added", "field_removed", "field_retyped")
def test_schema_drift(subject: Subject, case: str, record_property: Any) -> None:
    if not applies(subject, case, record_property):
        return
    good(run(subject))
    before = mirrored(subject.source)
    subject.breaks[case]()
    ran = run(subject)
    assert mirrored(subject.source) == before
    if case == "field_added":
        good(ran)
        assert Notice.objects.filter(cleared_at=None, text__contains="new").exists()
    else:
        assert ran.status == RunStatus.FAILED
        assert ran.problem
        assert ran.remedy


@parametrized("no_write")
def test_nothing_that_could_write_arrives(subject: Subject, case: str, record_property: Any) -> None:
    if not applies(subject, case, record_property):
        return
    assert subject.writes is not None
    refused, arrived = subject.writes()
    assert refused > 0
    assert arrived == 0


@parametrized("html_page", "cut_answer", "repeated_page", "page_out_of_order")
def test_a_broken_answer_changes_nothing(
    subject: Subject, case: str, record_property: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not applies(subject, case, record_property):
        return
    monkeypatch.setattr("integration_hub.erp.http.PAUSES", (0.01,))
    good(run(subject))
    before = mirrored(subject.source)
    subject.breaks[case]()
    ran = run(subject, full=True)
    assert ran.status == RunStatus.FAILED
    assert ran.problem
    assert ran.meaning
    assert ran.remedy
    assert mirrored(subject.source) == before


@parametrized("long_text")
def test_a_text_of_a_million_characters_loses_no_document(subject: Subject, case: str, record_property: Any) -> None:
    if not applies(subject, case, record_property):
        return
    good(run(subject))
    wanted = subject.changes[case]()
    good(run(subject, full=True))
    assert unseen(wanted) == []


@pytest.mark.parametrize("name", [pytest.param(name, marks=_marks(name)) for name in SUBJECTS])
def test_every_case_can_be_run_or_says_why_not(name: str, tmp_path: Path) -> None:
    made = SUBJECTS[name](tmp_path)
    try:
        able = {*made.changes, *made.breaks, "good_credentials", "equal_reads"}
        able |= {"bad_credentials"} if made.wrong else set()
        able |= {"no_write"} if made.writes else set()
        able |= {"resume", "future_cursor"} - set(made.not_applicable)
        assert able | set(made.not_applicable) == set(CASES)
        assert not able & set(made.not_applicable)
        assert all(len(reason) > 10 for reason in made.not_applicable.values())
    finally:
        made.close()
