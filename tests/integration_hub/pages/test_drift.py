"""The page of values that somebody edited in Salesforce by hand."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from integration_hub.models import DriftRecord, DriftState, Run, RunKind, RunStatus, SfAccount
from integration_hub.pages.drift_rows import next_check
from tests.integration_hub.pages.push_world import MADE, account, hand_edit

pytestmark = pytest.mark.django_db


def states() -> dict[str, tuple[str, str]]:
    rows = DriftRecord.objects.order_by("account", "pk")
    return {row.account: (row.state, row.decided_by) for row in rows}


def test_an_edit_says_what_was_expected_what_was_found_who_and_when(admin_page: Client) -> None:
    hand_edit(1)
    hand_edit(2, found=None, changed_by="<i>Ben</i>")
    page = admin_page.get(reverse("drift"))
    newest, first = page.context["lines"]
    assert (first.label, first.expected, first.found) == ("Overdue", "1,234.50", "0.00")
    assert newest.found is None
    text = page.content.decode()
    assert "Ana Duarte" in text
    assert "10\u00a0Feb\u00a02026 06:00" in text
    assert "&lt;i&gt;Ben&lt;/i&gt;" in text
    assert reverse("customers:by_salesforce_id", args=[account(1)]) in text


def test_the_filters_count_what_they_show(admin_page: Client) -> None:
    hand_edit(1)
    hand_edit(2, decided_by="bob", decided_at=MADE)
    for number, state in enumerate((DriftState.RESTORED, DriftState.ACCEPTED, DriftState.SETTLED), 3):
        hand_edit(number, state=state)
    counts = {name: count for name, _, count in admin_page.get(reverse("drift")).context["filters"]}
    assert counts == {"": 1, "decided": 4, "all": 5}
    for show, count in counts.items():
        page = admin_page.get(reverse("drift"), {"show": show})
        assert page.context["page"].paginator.count == count
        rows = list(csv.reader(admin_page.get(reverse("drift_csv"), {"show": show}).getvalue().decode().splitlines()))
        assert len(rows) == count + 2, "head and foot"
    states = {line.record.account: line.state for line in page.context["lines"]}
    assert states[account(2)] == "Will be put back"


def test_one_value_is_put_back_or_accepted(admin_page: Client) -> None:
    first, second = hand_edit(1), hand_edit(2)
    page = admin_page.post(reverse("drift_decide"), {"restore_one": first.pk, "record": [second.pk]}, follow=True)
    assert "1 value will be put back with the next push" in page.content.decode()
    assert states() == {account(1): ("open", "alice"), account(2): ("open", "")}
    admin_page.post(reverse("drift_decide"), {"accept_one": second.pk})
    assert states() == {account(1): ("open", "alice"), account(2): ("accepted", "alice")}


def test_ticked_values_are_decided_together_and_the_others_left(admin_page: Client) -> None:
    rows = [hand_edit(number) for number in (1, 2, 3)]
    page = admin_page.post(reverse("drift_decide"), {"accept": "1", "record": [rows[0].pk, rows[1].pk]}, follow=True)
    assert "2 values will be accepted" in page.content.decode()
    assert [state for state, _ in states().values()] == ["accepted", "accepted", "open"]
    admin_page.post(reverse("drift_decide"), {"restore": "1", "record": [row.pk for row in rows]})
    assert set(states().values()) == {("open", "alice")}


def test_what_stands_no_more_cannot_be_decided(admin_page: Client) -> None:
    gone = [hand_edit(1, state=DriftState.RESTORED), hand_edit(2, state=DriftState.SETTLED)]
    for given in (
        {"accept": "1", "record": [row.pk for row in gone]},
        {"restore": "1"},
        {"accept": "1", "record": "x"},
    ):
        page = admin_page.post(reverse("drift_decide"), given, follow=True)
        assert "Nothing was ticked that still stands" in page.content.decode()
    assert admin_page.post(reverse("drift_decide"), {"accept_one": "987654321"}).status_code == 404
    assert [state for state, _ in states().values()] == ["restored", "settled"]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("restore", "is put back with the next push"),
        ("accept", "stays until its figure changes"),
        ("ask", "stays as it is until somebody decides here"),
    ],
)
def test_the_page_says_what_happens_to_an_edit_by_itself(admin_page: Client, policy: str, words: str) -> None:
    path = Path(settings.HUB_CONFIG)
    path.write_text(path.read_text().replace("[push]\n", f'[push]\ndrift = "{policy}"\n'))
    assert words in admin_page.get(reverse("drift")).content.decode()


def test_the_page_says_when_was_looked_last_and_a_check_can_be_requested(admin_page: Client) -> None:
    assert "Last check never" in admin_page.get(reverse("drift")).content.decode()
    run = Run.objects.create(
        kind=RunKind.DRIFT, subject="salesforce", status=RunStatus.SUCCEEDED, started_at=MADE, finished_at=MADE
    )
    text = admin_page.get(reverse("drift")).content.decode()
    assert f'{reverse("run", args=[run.pk])}">10\u00a0Feb\u00a02026 06:00' in text
    assert admin_page.get(reverse("drift_check")).status_code == 405
    admin_page.post(reverse("drift_check"))
    asked = Run.objects.get(status=RunStatus.QUEUED)
    assert (asked.kind, asked.subject, asked.requested_by) == (RunKind.DRIFT, "salesforce", "alice")
    assert "A check waits or runs" in admin_page.get(reverse("drift")).content.decode()


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 2, 10, 1, 59, tzinfo=UTC), datetime(2026, 2, 10, 2, 0, tzinfo=UTC)),
        (datetime(2026, 2, 10, 2, 0, tzinfo=UTC), datetime(2026, 2, 11, 2, 0, tzinfo=UTC)),
        # The clocks of Berlin go forward in between.
        (datetime(2026, 3, 28, 12, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    ],
)
def test_the_next_check_is_at_the_configured_hour_of_the_company_s_clock(now: datetime, expected: datetime) -> None:
    assert next_check(now) == expected


def test_the_file_holds_no_formula(admin_page: Client) -> None:
    hand_edit(1, changed_by="=cmd()")
    SfAccount.objects.update(name="@Kestrel")
    row, foot = csv.DictReader(admin_page.get(reverse("drift_csv")).getvalue().decode().splitlines())
    assert (foot["account"], foot["name"]) == ("Total of 1 rows", "Not looked for yet")
    assert foot["field"].startswith("Salesforce: ")
    assert (row["changed_by"], row["name"], row["expected"], row["state"]) == (
        "'=cmd()",
        "'@Kestrel",
        "1234.50",
        "open",
    )


def test_no_edit_says_what_would_be_here(admin_page: Client) -> None:
    assert "Nothing was edited by hand" in admin_page.get(reverse("drift")).content.decode()
    assert "Nothing here yet" in admin_page.get(reverse("drift"), {"show": "decided"}).content.decode()
