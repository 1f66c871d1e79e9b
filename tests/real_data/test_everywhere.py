"""The same figures on the page, in the report, in the export and in the pushed field, from the real sample data."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from customers.models import Customer, CustomerRollup
from customers.publishing import recompute_all
from integration_hub.jobs import execute
from integration_hub.models import RunStatus
from integration_hub.runs import request_run
from tests.practice_org import PracticeOrg
from tests.real_data.org import seed_org
from tests.real_data.sets import data_or_skip

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.external]
Load = Callable[[str, str], None]
CLASSIC_DAY = date(2005, 5, 31)
NORTHWIND_DAY = date(1998, 5, 7)


@pytest.fixture
def load(use: Callable[..., Any], practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Mirror a data set and its org through the real runs."""

    def loaded(name: str, source: str) -> None:
        folder = data_or_skip(name)
        monkeypatch.setenv("SALESFORCE_LOGIN_URL", practice_org.url)
        monkeypatch.setenv("SALESFORCE_CLIENT_ID", practice_org.client_id)
        monkeypatch.setenv("SALESFORCE_CLIENT_SECRET", practice_org.client_secret)
        seed_org(practice_org, folder / name)
        use(name, folder)
        for subject in (source, "salesforce"):
            work("sync", subject)

    return loaded


def work(kind: str, subject: str) -> None:
    """Do one run and insist that it succeeded whole."""
    run = request_run(kind, subject)
    execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.problem) == (RunStatus.SUCCEEDED, "")


@pytest.fixture
def analyst(client: Client) -> Client:
    user = User.objects.create_user("analyst", password="not used here")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    client.force_login(user)
    return client


def stored(day: date) -> Callable[[str], Decimal]:
    """The stored total of a measure over all customers at a day."""
    rollups = CustomerRollup.objects.filter(as_of=day, customer__gone_at=None)
    return lambda measure: rollups.aggregate(total=Sum(measure))["total"]


def exported(client: Client, report: str) -> list[dict[str, str]]:
    """The rows of a report's CSV; the last one holds the totals."""
    response = client.get(reverse("reports:export", args=[report, "csv"]))
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def on_page(client: Client, customer: Customer, measure: str) -> tuple[Any, Any]:
    """The figure of a customer as its page shows it, and the sum of the documents listed below it."""
    evidence = client.get(reverse("customers:figure", args=[customer.pk, measure])).context["evidence"]
    return evidence.stored, evidence.total


def in_report(client: Client, report: str, measure: str) -> tuple[Any, Any]:
    """A total of the report, and the sum of the documents of all customers."""
    evidence = client.get(reverse("reports:figure", args=[report, measure])).context["evidence"]
    return evidence.stored, evidence.total


def pushed(org: PracticeOrg, field: str) -> Decimal:
    """The sum of a field over all accounts of the org."""
    return sum((Decimal(str(record[field] or 0)) for record in org.records("Account")), Decimal(0))


def everywhere(client: Client, org: PracticeOrg, measure: str, column: str, report: str, field: str) -> set[Decimal]:
    """One total from the report and its documents, from the export's rows and foot, and from Salesforce."""
    *rows, foot = exported(client, report)
    assert foot[next(iter(foot))] == f"Total of {len(rows)} rows"
    by_rows = sum((Decimal(row[column] or 0) for row in rows), Decimal(0))
    return {*in_report(client, report, measure), by_rows, Decimal(foot[column]), pushed(org, field)}


def test_classic_models_gives_the_same_figures_everywhere(load, analyst, practice_org):
    load("classicmodels", "classic")
    recompute_all(CLASSIC_DAY, current=True)
    work("push", "salesforce")
    total = stored(CLASSIC_DAY)
    assert CustomerRollup.objects.filter(as_of=CLASSIC_DAY, customer__gone_at=None).count() == 122
    assert (
        CustomerRollup.objects.filter(as_of=CLASSIC_DAY, customer__gone_at=None, orders_received_count=0).count() == 24
    )
    assert [total("orders_received_count"), total("order_count")] == [326, 320]
    assert everywhere(
        analyst, practice_org, "orders_received", "Orders received (USD)", "orders", "ERP_Orders_Received__c"
    ) == {Decimal("9604190.61")}
    assert everywhere(analyst, practice_org, "order_intake", "Order intake (USD)", "orders", "ERP_Order_Intake__c") == {
        Decimal("9365336.43")
    }
    assert everywhere(
        analyst, practice_org, "open_amount", "Open amount (USD)", "receivables", "ERP_Open_Amount__c"
    ) == {Decimal("265739.33")}
    assert everywhere(
        analyst, practice_org, "overdue_amount", "Overdue (USD)", "receivables", "ERP_Overdue_Amount__c"
    ) == {Decimal("114809.40")}
    assert everywhere(
        analyst, practice_org, "overdue_count", "Overdue items", "receivables", "ERP_Overdue_Invoices__c"
    ) == {Decimal(5)}
    assert everywhere(
        analyst, practice_org, "overdue_amount", "Overdue (USD)", "segmentation", "ERP_Overdue_Amount__c"
    ) == {Decimal("114809.40")}
    assert (total("aging_1_30"), total("aging_31_60")) == (Decimal("68152.46"), Decimal("46656.94"))
    assert (total("order_intake_ytd"), total("order_intake_last_year")) == (
        Decimal("1770936.71"),
        Decimal("4344182.02"),
    )


def test_classic_models_top_customer_opens_its_documents(load, analyst):
    load("classicmodels", "classic")
    recompute_all(CLASSIC_DAY, current=True)
    euro = Customer.objects.get(name="Euro+ Shopping Channel", gone_at=None)
    assert on_page(analyst, euro, "orders_received") == (Decimal("820689.54"), Decimal("820689.54"))
    assert on_page(analyst, euro, "order_intake") == (Decimal("773624.18"), Decimal("773624.18"))
    assert exported(analyst, "orders")[0]["Customer"] == "Euro+ Shopping Channel"
    assert "Euro+ Shopping Channel" in analyst.get(reverse("customers:detail", args=[euro.pk])).text


def test_classic_models_at_an_earlier_day_shows_what_was_open_then(load, analyst):
    load("classicmodels", "classic")
    earlier = date(2004, 12, 31)
    recompute_all(CLASSIC_DAY, current=True)
    recompute_all(earlier, current=False)
    total, today = stored(earlier), stored(CLASSIC_DAY)
    assert [total("open_amount"), total("overdue_amount")] == [Decimal("81540.88"), Decimal("17104.91")]
    assert total("overdue_count") == 1
    assert total("order_intake_last_year") == Decimal("3250217.70")
    assert today("open_amount") == Decimal("265739.33")


def test_northwind_gives_the_same_figures_everywhere(load, analyst, practice_org):
    load("northwind", "northwind")
    recompute_all(NORTHWIND_DAY, current=True)
    work("push", "salesforce")
    total = stored(NORTHWIND_DAY)
    assert total("order_count") == 830
    assert [total("shipped_late_count"), total("late_orders_count"), total("open_orders_count")] == [37, 1, 21]
    assert everywhere(analyst, practice_org, "order_intake", "Order intake (USD)", "orders", "ERP_Order_Intake__c") == {
        Decimal("1265793.0395")
    }
    assert everywhere(
        analyst, practice_org, "open_orders_amount", "Open orders (USD)", "orders", "ERP_Open_Orders__c"
    ) == {Decimal("25937.4305")}
    assert everywhere(
        analyst, practice_org, "late_orders_count", "Late open orders", "orders", "ERP_Late_Orders__c"
    ) == {Decimal(1)}
    quick = Customer.objects.get(name="QUICK-Stop", gone_at=None)
    assert on_page(analyst, quick, "order_intake") == (Decimal("110277.3050"), Decimal("110277.3050"))


def test_a_second_push_of_the_real_data_writes_nothing(load, practice_org):
    load("classicmodels", "classic")
    recompute_all(CLASSIC_DAY, current=True)
    work("push", "salesforce")
    practice_org.forget_calls()
    work("push", "salesforce")
    assert [
        call
        for call in practice_org.calls()
        if call["method"] in {"POST", "PATCH", "PUT"} and "oauth2" not in call["path"]
    ] == []
