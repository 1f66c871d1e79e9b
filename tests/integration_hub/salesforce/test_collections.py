"""Updating few records by one Collections call."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from integration_hub.salesforce.client import Org
from integration_hub.salesforce.errors import DailyLimitReached, NotWantedAnyMore
from tests.integration_hub.salesforce.conftest import Connect
from tests.practice_org import PracticeOrg

FIELDS = [
    {"name": "Amount__c", "type": "currency", "precision": 18, "scale": 2},
    {"name": "Day__c", "type": "date"},
    {"name": "Note__c", "type": "string", "length": 5},
]
Accounts = Callable[[int], list[str]]


@pytest.fixture(autouse=True)
def fields(practice_org: PracticeOrg) -> None:
    practice_org.admin("fields", {"sobject": "Account", "fields": FIELDS})


def stored(practice_org: PracticeOrg, record_id: str) -> dict[str, Any]:
    return next(record for record in practice_org.records("Account") if record["Id"] == record_id)


def test_values_arrive_exactly_and_null_clears(org: Org, practice_org: PracticeOrg) -> None:
    first, second = practice_org.seed("Account", *({"Name": n, "Note__c": "old", "Amount__c": 5} for n in ("a", "b")))
    answers = org.update_collection(
        "Account",
        [
            {"Id": first, "Amount__c": Decimal("1234567890.10"), "Day__c": date(2026, 2, 10), "Note__c": None},
            {"Id": second[:15], "Amount__c": None},
        ],
    )
    assert [(answer.id, answer.ok) for answer in answers] == [(first, True), (second, True)]
    assert Decimal(str(stored(practice_org, first)["Amount__c"])) == Decimal("1234567890.10")
    assert stored(practice_org, first)["Day__c"] == "2026-02-10"
    assert stored(practice_org, first)["Note__c"] is None
    assert (stored(practice_org, second)["Amount__c"], stored(practice_org, second)["Note__c"]) == (None, "old")


def test_trap_40_answers_are_joined_by_place_and_only_the_guilty_row_fails(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    ids = accounts(5)
    practice_org.admin("delete", {"sobject": "Account", "ids": [ids[3]]})
    rows = [{"Id": each, "Note__c": "much too long" if place == 1 else "ok"} for place, each in enumerate(ids)]
    answers = org.update_collection("Account", rows)
    assert [answer.id for answer in answers] == ids
    assert [answer.ok for answer in answers] == [True, False, True, False, True]
    assert answers[1].code == "STRING_TOO_LONG"
    assert answers[1].fields == ("Note__c",)
    assert answers[1].text
    assert answers[3].code == "ENTITY_IS_DELETED"


def test_a_lost_answer_is_asked_again_and_changes_nothing(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    (record_id,) = accounts(1)
    practice_org.fault("cut_body", count=1, method="PATCH")
    (answer,) = org.update_collection("Account", [{"Id": record_id, "Note__c": "x"}])
    assert answer.ok
    assert stored(practice_org, record_id)["Note__c"] == "x"


def test_what_was_stopped_while_a_new_session_was_asked_for_is_not_sent(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    (record_id,) = accounts(1)
    practice_org.admin("expire_sessions")
    with pytest.raises(NotWantedAnyMore):
        org.update_collection("Account", [{"Id": record_id, "Note__c": "x"}], going=lambda: False)
    assert stored(practice_org, record_id).get("Note__c") is None


def test_a_session_that_ended_is_renewed(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    (record_id,) = accounts(1)
    practice_org.admin("expire_sessions")
    assert org.update_collection("Account", [{"Id": record_id, "Note__c": "x"}])[0].ok


def test_no_rows_make_no_call(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.forget_calls()
    assert org.update_collection("Account", []) == []
    assert practice_org.calls() == []


@pytest.mark.parametrize("number", [201, 2])
def test_too_many_rows_or_a_double_id_are_refused_before_anything_leaves(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, number: int
) -> None:
    ids = accounts(number) if number > 2 else accounts(1) * 2
    practice_org.forget_calls()
    with pytest.raises(ValueError, match="200 rows with different Ids"):
        org.update_collection("Account", [{"Id": each, "Note__c": "x"} for each in ids])
    assert practice_org.calls() == []


def test_trap_9_nothing_is_sent_beyond_the_share_of_daily_requests(
    sign_in: Connect, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    (record_id,) = accounts(1)
    org = sign_in()
    practice_org.admin("usage", {"max": 100, "used": 80})
    org.organization_id()
    with pytest.raises(DailyLimitReached):
        org.update_collection("Account", [{"Id": record_id, "Note__c": "x"}])
    assert stored(practice_org, record_id).get("Note__c") is None
