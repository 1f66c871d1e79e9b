"""Updating many records by one Bulk job: the file that leaves, and one honest answer per row."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from integration_hub.salesforce.answers import RowAnswer, refused_row
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.errors import RequestRefused, SalesforceProblem
from tests.integration_hub.salesforce.conftest import Connect
from tests.practice_org import PracticeOrg

FIELDS = [
    {"name": "Amount__c", "type": "currency", "precision": 18, "scale": 2},
    {"name": "Day__c", "type": "date"},
    {"name": "Note__c", "type": "string", "length": 40},
]
COLUMNS = ("Id", "Amount__c", "Day__c", "Note__c")
Accounts = Callable[[int], list[str]]


@pytest.fixture(autouse=True)
def fields(practice_org: PracticeOrg) -> None:
    practice_org.admin("fields", {"sobject": "Account", "fields": FIELDS})


def update(
    org: Org, rows: list[dict[str, Any]], *, job_id: str = "", jobs: list[str] | None = None
) -> dict[str, RowAnswer]:
    jobs = jobs if jobs is not None else []
    answers = list(org.bulk_update("Account", COLUMNS, rows, on_job=jobs.append, job_id=job_id))
    assert len({answer.id for answer in answers}) == len(answers)
    return {answer.id: answer for answer in answers}


def stored(practice_org: PracticeOrg) -> dict[str, dict[str, Any]]:
    return {record["Id"]: record for record in practice_org.records("Account")}


def uploads(practice_org: PracticeOrg) -> int:
    return sum(call["method"] == "PUT" for call in practice_org.calls())


def test_trap_35_every_row_gets_its_own_answer_in_whatever_order_they_come(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    ids = accounts(50)
    answers = update(org, [{"Id": each, "Amount__c": Decimal(place)} for place, each in enumerate(ids)])
    assert set(answers) == set(ids)
    assert all(answer.ok for answer in answers.values())
    assert [stored(practice_org)[each]["Amount__c"] for each in ids] == list(range(50))


def test_a_15_character_id_is_answered_with_18(org: Org, accounts: Accounts) -> None:
    (record_id,) = accounts(1)
    assert set(update(org, [{"Id": record_id[:15], "Note__c": "x"}])) == {record_id}


def test_trap_39_null_clears_and_a_missing_column_leaves_the_value(org: Org, practice_org: PracticeOrg) -> None:
    cleared, left = practice_org.seed("Account", *({"Name": n, "Note__c": "old", "Amount__c": 5} for n in ("a", "b")))
    update(
        org,
        [{"Id": cleared, "Note__c": None, "Amount__c": Decimal("1.50")}, {"Id": left, "Amount__c": Decimal("2.25")}],
    )
    records = stored(practice_org)
    assert (records[cleared]["Note__c"], records[left]["Note__c"]) == (None, "old")
    assert (Decimal(str(records[cleared]["Amount__c"])), Decimal(str(records[left]["Amount__c"]))) == (
        Decimal("1.5"), Decimal("2.25"),
    )  # fmt: skip


def test_trap_27_texts_with_commas_quotes_and_line_ends_arrive_and_dates_are_iso(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    (record_id,) = accounts(1)
    (answer,) = update(
        org, [{"Id": record_id, "Note__c": 'Müller, "A"\r\nB\u2028C 🚀', "Day__c": date(2026, 2, 10)}]
    ).values()
    assert answer.ok
    assert stored(practice_org)[record_id]["Note__c"] == 'Müller, "A" B C 🚀'
    assert stored(practice_org)[record_id]["Day__c"] == "2026-02-10"


def test_trap_33_a_complete_job_with_refused_rows_tells_which_and_why(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    ids = accounts(10)
    practice_org.fault("reject_rows", ids=ids[:3], message="Blocked: see rule 4, please\nor call")
    answers = update(org, [{"Id": each, "Note__c": "new"} for each in ids])
    assert [answers[each].ok for each in ids] == [False] * 3 + [True] * 7
    assert answers[ids[0]].code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "Blocked: see rule 4, please\nor call" in answers[ids[0]].text


def test_trap_36_locked_rows_are_told_by_their_code(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    ids = accounts(40)
    practice_org.fault("lock_rows", share=0.5)
    answers = update(org, [{"Id": each, "Note__c": "new"} for each in ids])
    locked = [answer for answer in answers.values() if not answer.ok]
    assert 5 < len(locked) < 35
    assert {answer.code for answer in locked} == {"UNABLE_TO_LOCK_ROW"}


def test_a_deleted_account_is_answered_as_deleted(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    kept, gone = accounts(2)
    practice_org.admin("delete", {"sobject": "Account", "ids": [gone]})
    answers = update(org, [{"Id": kept, "Note__c": "x"}, {"Id": gone, "Note__c": "x"}])
    assert answers[kept].ok
    assert answers[gone].code == "ENTITY_IS_DELETED"


def test_trap_34_a_job_that_fails_half_way_tells_which_rows_it_never_reached(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    ids = accounts(10)
    practice_org.fault("job_half_processed", rows=6, message="InternalServerError : TooManyLockFailure")
    answers = update(org, [{"Id": each, "Note__c": "new"} for each in ids])
    left = [answer for answer in answers.values() if not answer.ok]
    assert {answer.code for answer in left} == {"UNPROCESSED"}
    assert len(left) == 4
    assert "TooManyLockFailure" in left[0].text
    written = {each for each, record in stored(practice_org).items() if record.get("Note__c") == "new"}
    assert written == {answer.id for answer in answers.values() if answer.ok}


def test_trap_37_a_job_that_fails_as_a_whole_answers_every_row_with_its_reason(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    ids = accounts(3)
    practice_org.admin("field_access", {"sobject": "Account", "field": "Note__c", "readable": False, "editable": False})
    answers = update(org, [{"Id": each, "Note__c": "x"} for each in ids])
    assert {answer.code for answer in answers.values()} == {"UNPROCESSED"}
    assert all("Field name not found : Note__c" in answer.text for answer in answers.values())


def test_the_job_is_named_before_anything_is_uploaded(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    (record_id,) = accounts(1)

    def fail(job_id: str) -> None:
        assert job_id.startswith("750")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(org.bulk_update("Account", COLUMNS, [{"Id": record_id, "Note__c": "x"}], on_job=fail))
    assert uploads(practice_org) == 0


def killed_after_upload(org: Org, rows: list[dict[str, Any]]) -> str:
    """A job that was uploaded and closed by a process which then vanished; its id."""
    jobs: list[str] = []
    answers = org.bulk_update("Account", COLUMNS, rows, on_job=jobs.append)
    next(answers)
    return jobs[0]


def test_trap_32_a_known_job_is_resumed_without_a_second_upload(
    sign_in: Connect, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    rows = [{"Id": each, "Note__c": "new"} for each in accounts(5)]
    job_id = killed_after_upload(sign_in(), rows)
    assert uploads(practice_org) == 1
    jobs: list[str] = []
    answers = update(sign_in(), rows, job_id=job_id, jobs=jobs)
    assert all(answer.ok for answer in answers.values())
    assert len(answers) == 5
    assert (uploads(practice_org), jobs) == (1, [])


def test_trap_32_a_job_that_was_never_closed_is_aborted_and_its_rows_were_never_reached(
    sign_in: Connect, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    rows = [{"Id": each, "Note__c": "new"} for each in accounts(2)]
    jobs: list[str] = []
    practice_org.fault("connection_reset", path="/batches")
    with pytest.raises(SalesforceProblem):
        update(sign_in(), rows, jobs=jobs)
    practice_org.admin("faults", method="DELETE")
    answers = update(sign_in(), rows, job_id=jobs[0])
    assert {answer.code for answer in answers.values()} == {"UNPROCESSED"}
    assert {record.get("Note__c") for record in stored(practice_org).values()} == {None}


def test_trap_32_a_job_whose_file_arrived_is_closed_and_not_uploaded_again(
    sign_in: Connect, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    rows = [{"Id": each, "Note__c": "new"} for each in accounts(3)]
    jobs: list[str] = []
    practice_org.fault("connection_reset", method="PATCH")
    with pytest.raises(SalesforceProblem):
        update(sign_in(), rows, jobs=jobs)
    practice_org.admin("faults", method="DELETE")
    answers = update(sign_in(), rows, job_id=jobs[0])
    assert all(answer.ok for answer in answers.values())
    assert uploads(practice_org) == 1


def test_a_job_that_is_to_stop_is_aborted_at_its_next_poll_and_answers_for_what_it_did(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    ids = accounts(10)
    practice_org.fault("slow_job", polls=500)
    practice_org.fault("job_half_processed", rows=6)
    asked: list[bool] = []

    def going() -> bool:
        asked.append(True)
        return len(asked) < 4

    rows = [{"Id": each, "Note__c": "new"} for each in ids]
    answers = list(org.bulk_update("Account", COLUMNS, rows, on_job=lambda _: None, going=going))
    assert len(asked) == 4
    assert sorted(answer.code for answer in answers) == [""] * 6 + ["UNPROCESSED"] * 4
    assert "Aborted" in answers[-1].text


def test_a_job_that_is_to_stop_while_it_is_uploaded_writes_nothing(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    ids = accounts(3)
    # Stopped for this one moment only: a job that was left open would be waited for.
    asked = iter([False])
    rows = [{"Id": each, "Note__c": "new"} for each in ids]
    answers = list(org.bulk_update("Account", COLUMNS, rows, on_job=lambda _: None, going=lambda: next(asked, True)))
    assert [answer.code for answer in answers] == ["UNPROCESSED"] * 3
    assert "Aborted" in answers[0].text
    assert {each.get("Note__c") for each in practice_org.records("Account")} == {None}


def test_trap_31_results_of_another_api_version_are_a_matter_of_configuration(
    sign_in: Connect, accounts: Accounts
) -> None:
    rows = [{"Id": each, "Note__c": "new"} for each in accounts(2)]
    job_id = killed_after_upload(sign_in(api_version="61.0"), rows)
    with pytest.raises(RequestRefused, match="another API version") as caught:
        update(sign_in(api_version="62.0"), rows, job_id=job_id)
    assert "api_version" in caught.value.remedy


@pytest.mark.parametrize("fault", ["cut_body", "results_not_ready", "expire_session"])
def test_results_that_come_broken_are_read_again(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, fault: str
) -> None:
    ids = accounts(20)
    practice_org.fault(fault, count=1, path="successfulResults")
    assert all(answer.ok for answer in update(org, [{"Id": each, "Note__c": "x"} for each in ids]).values())


def test_a_lost_answer_to_closing_the_job_is_no_failure(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    ids = accounts(2)
    practice_org.fault("cut_body", count=1, method="PATCH")
    assert all(answer.ok for answer in update(org, [{"Id": each, "Note__c": "x"} for each in ids]).values())
    assert uploads(practice_org) == 1


def test_the_same_id_twice_is_refused_before_anything_leaves(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    (record_id,) = accounts(1)
    practice_org.forget_calls()
    with pytest.raises(ValueError, match="twice"):
        update(org, [{"Id": record_id, "Note__c": "a"}, {"Id": record_id[:15], "Note__c": "b"}])
    assert practice_org.calls() == []


def test_no_rows_make_no_job(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.forget_calls()
    assert update(org, []) == {}
    assert practice_org.calls() == []


@pytest.mark.parametrize(
    ("error", "code", "text", "fields"),
    [
        ("ENTITY_IS_DELETED:entity is deleted:--", "ENTITY_IS_DELETED", "entity is deleted", ()),
        ("STRING_TOO_LONG:Label: long: (40):A__c,B__c --", "STRING_TOO_LONG", "Label: long: (40)", ("A__c", "B__c")),
        ("X:first\nsecond: third:Name --", "X", "first\nsecond: third", ("Name",)),
        ("Only words", "Only words", "", ()),
        ("", "UNKNOWN", "", ()),
    ],
)  # fmt: skip
def test_an_error_cell_is_taken_apart(error: str, code: str, text: str, fields: tuple[str, ...]) -> None:
    assert refused_row("001000000000000AAA", error) == RowAnswer("001000000000000AAA", False, code, text, fields)
