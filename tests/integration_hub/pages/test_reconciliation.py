"""The pages about reconciliation: for analysts and administrators, from the ERP down to the document."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub.models import ErpInvoice, Reconciliation, RejectedRow, Run, RunKind, RunStatus
from tests.integration_hub.pages.conftest import CONFIGURATION, signed_in

pytestmark = pytest.mark.django_db
ERP = """
[[sources]]
name = "erp"
label = "Main ERP"
kind = "files"
directory = "."
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
path = "*.csv"
[[sources.streams]]
name = "orders"
target = "erp_order"
path = "o*.csv"
"""
GROUP: dict[str, Any] = {
    "company": "1000",
    "month": "2026-02",
    "currency": "EUR",
    "source_rows": 2,
    "mirror_rows": 1,
    "sums": {"net_amount": ["30", "10"]},
    "by_hash": False,
    "documents": [
        {"key": "erp:1", "what": "other", "here": {"net_amount": "10.0000"}, "source": {"net_amount": "11.0000"}},
        {"key": "erp:2", "what": "missing", "here": {}, "source": {"net_amount": "20.0000"}},
    ],
}


@pytest.fixture(autouse=True)
def _erp(_configuration: None, settings: Any) -> None:
    Path(settings.HUB_CONFIG).write_text(CONFIGURATION.replace("sources = []\n", "") + ERP, encoding="utf-8")


def a_run() -> Run:
    return Run.objects.create(kind=RunKind.SYNC, subject="erp", status=RunStatus.SUCCEEDED)


def a_difference(**changes: Any) -> Reconciliation:
    values: dict[str, Any] = {
        "run_ref": a_run(),
        "stream": "erp.invoices",
        "source_rows": 2,
        "mirror_rows": 1,
        "source_sums": {"net_amount": {"EUR": "31"}},
        "mirror_sums": {"net_amount": {"EUR": "10"}},
        "agrees": False,
        "confirmed": True,
        "after_load": True,
        "detail": "company 1000, 2026-02, EUR: 1 rows here, 2 at the source.",
        "groups": [GROUP],
        "compared_groups": 7,
        "since": timezone.now(),
    }
    return Reconciliation.objects.create(**values | changes)


def an_invoice(number: int, **changes: Any) -> ErpInvoice:
    values: dict[str, Any] = {
        "key": f"erp:{number}",
        "number": f"R{number}",
        "source": "erp",
        "synced_at": timezone.now(),
        "company_id": "erp:1000",
        "issued_on": date(2026, 2, 3),
        "currency": "EUR",
        "net_amount": 10 * number,
    }
    return ErpInvoice.objects.create(**values | changes)


def text(client: Client, name: str, *arguments: object) -> str:
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


@pytest.mark.parametrize("name", ["reconciliation", "reconciliation_stream", "reconciliation_group"])
def test_account_managers_find_nothing_there_and_visitors_sign_in(name: str) -> None:
    found = a_difference()
    arguments = {"reconciliation_stream": ("erp.invoices",), "reconciliation_group": (found.pk, 1)}.get(name, ())
    address = reverse(name, args=arguments)
    assert signed_in("carol", "Account managers").get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert signed_in("dora", "Analysts").get(address).status_code == 200


def test_a_difference_is_told_with_company_and_month_and_that_it_stops_the_push(analyst_page: Client) -> None:
    a_difference()
    page = text(analyst_page, "reconciliation")
    assert "1 stream differs from the ERP" in page
    assert "Nothing is pushed to Salesforce" in page
    assert "company 1000, 2026-02, EUR: 1 rows here, 2 at the source." in page
    assert "Not compared yet" in page, "orders were not"


def test_one_that_is_not_sure_yet_says_so(analyst_page: Client) -> None:
    a_difference(confirmed=False)
    page = text(analyst_page, "reconciliation")
    assert "Differs, not sure yet" in page
    assert "Nothing is pushed" not in page


def test_when_everything_agrees_the_page_says_by_what_it_was_compared(analyst_page: Client) -> None:
    a_difference()
    a_difference(agrees=True, confirmed=False, detail="", groups=[], since=None, hash_agrees=True, mirror_rows=2)
    page = text(analyst_page, "reconciliation")
    assert "Everything agrees" in page
    assert "checksum agrees" in page
    assert "7 groups" in page


def test_rows_in_quarantine_are_named_and_only_an_administrator_can_open_them(
    analyst_page: Client, admin_page: Client
) -> None:
    run = a_run()
    RejectedRow.objects.create(run_ref=run, stream="erp.invoices", key="erp:1", document="erp:1", reason="too bad")
    link = reverse("run_rejected", args=(run.pk,))
    assert "1 row of erp.invoices" in text(analyst_page, "reconciliation")
    assert link not in text(analyst_page, "reconciliation")
    assert link in text(admin_page, "reconciliation")


def test_the_history_of_a_stream_is_kept_and_leads_to_the_groups(analyst_page: Client) -> None:
    first = a_difference(agrees=True, confirmed=False, groups=[], detail="")
    last = a_difference()
    answer = analyst_page.get(reverse("reconciliation_stream", args=("erp.invoices",)))
    assert [each.pk for each in answer.context["page"]] == [last.pk, first.pk]
    page = answer.content.decode()
    assert reverse("reconciliation_group", args=(last.pk, 1)) in page
    assert "Company 1000, 2026-02, EUR" in page
    assert analyst_page.get(reverse("reconciliation_stream", args=("erp.nothing",))).status_code == 404
    assert "Not compared yet" in text(analyst_page, "reconciliation_stream", "erp.orders")


def test_a_group_names_its_documents_here_and_there_with_links_to_them(analyst_page: Client) -> None:
    found = a_difference()
    an_invoice(1)
    an_invoice(3, issued_on=date(2026, 3, 3))
    an_invoice(4, company_id="erp:2000")
    an_invoice(5, currency="USD")
    an_invoice(6, deleted_at=timezone.now())
    answer = analyst_page.get(reverse("reconciliation_group", args=(found.pk, 1)))
    page = answer.content.decode()
    assert [row.key for row in answer.context["page"]] == ["erp:1"]
    assert f'href="{reverse("customers:invoice", args=("erp:1",))}"' in page
    assert reverse("customers:invoice", args=("erp:2",)) not in page
    named = answer.context["named"]
    assert [(line.key, line.what) for line in named] == [("erp:1", "Other values"), ("erp:2", "Missing here")]
    assert [(name, str(here), str(there)) for name, here, there in named[0].amounts] == [
        ("net amount", "10.0000", "11.0000")
    ]
    assert analyst_page.get(reverse("reconciliation_group", args=(found.pk, 2))).status_code == 404


def test_the_page_stands_in_the_navigation_of_those_who_may_see_it(analyst_page: Client, admin_page: Client) -> None:
    address = f'href="{reverse("reconciliation")}"'
    assert address in text(analyst_page, "reconciliation")
    assert address in text(admin_page, "runs")


def test_a_sum_that_the_source_cannot_tell_is_no_number(analyst_page: Client) -> None:
    sums = {"net_amount": {"EUR": "NaN"}}
    a_difference(agrees=True, confirmed=False, detail="", groups=[], since=None, waiting=1, source_sums=sums)
    page = text(analyst_page, "reconciliation_stream", "erp.invoices")
    assert "not known at the source: a row in quarantine holds what is no number" in page
    assert "NaN" not in page
