"""What is said of values that leave, beside what was written down of them before."""

from tests.chaos.leaving import judge

ACCOUNT = "001000000000001AAA"
PLANNED = {(ACCOUNT, "Overdue__c"): ("5", "12.5"), (ACCOUNT, "Day__c"): ("2026-02-10", None)}


def test_what_was_written_down_may_leave_in_either_form() -> None:
    assert judge([{"Id": ACCOUNT, "Overdue__c": 12.50, "Day__c": None}], PLANNED) == []
    assert judge([{"Id": ACCOUNT, "Overdue__c": "12.50", "Day__c": "#N/A"}], PLANNED) == []


def test_an_empty_cell_of_a_file_changes_nothing_and_needs_no_intent() -> None:
    assert judge([{"Id": ACCOUNT, "Overdue__c": "12.5", "Other__c": ""}], PLANNED) == []


def test_another_value_than_was_written_down_is_found_though_the_account_is_right() -> None:
    assert judge([{"Id": ACCOUNT, "Overdue__c": "13"}], PLANNED) == [("unintended", f"Overdue__c of {ACCOUNT}: 13")]
    assert [kind for kind, _ in judge([{"Id": ACCOUNT, "Name": "New"}], PLANNED)] == ["unintended"]


def test_a_value_that_stood_there_when_it_was_planned_is_found() -> None:
    planned = {(ACCOUNT, "Overdue__c"): ("12.5", "12.5")}
    assert [kind for kind, _ in judge([{"Id": ACCOUNT, "Overdue__c": "12.50"}], planned)] == ["unneeded"]
