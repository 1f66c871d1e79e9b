"""Reports on the way from prospect to customer: what each lists, for whom, and that its shares are of everything."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from customers.models import Conversion, Customer, CustomerRollup, UnlinkedDay
from customers.publishing import recompute_all
from integration_hub.models import ErpCustomer, SfAccount, SfContact, SfOpportunity
from reports.catalogue import get_report
from reports.page import ReportPage
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, KESTREL, PROSPECT, mirrored

FIELDS = 'account_fields = ["Tax__c", "Terms__c"]'


def page_of(client: Any, name: str, **query: str) -> ReportPage:
    answer = client.get(reverse("reports:report", args=[name]), query)
    assert answer.status_code == 200, answer.content
    page: ReportPage = answer.context["page"]
    return page


def listed(page: ReportPage, *columns: str) -> list[tuple[Any, ...]]:
    places = {figure.column.name: place for place, figure in enumerate(page.listing.foot)}
    return [(row.name, *(row.figures[places[name]].value for name in columns)) for row in page.listing.rows]


def convert(
    customer: Customer, days_ago: int, after: int | None, *, known: bool = False, late: int = 1, **values: Any
) -> None:
    """Converted so many days ago and stamped `late` days after, with its first order `after` days from the first
    opportunity.
    """
    day = AS_OF - timedelta(days=days_ago)
    values |= {"converted_on": day, "cause": "order", "known_before": known, "first_order_on": day}
    values["first_opportunity_on"] = None if after is None else day - timedelta(days=after)
    values["recorded_at"] = datetime.combine(day + timedelta(days=late), time(12), tzinfo=UTC)
    Conversion.objects.update_or_create(customer=customer, defaults=values)


@pytest.fixture
def converted(world: World) -> None:
    """Four that converted in one month after 10, 20 and 100 days and without an opportunity, and one long before."""
    Conversion.objects.all().delete()
    for number, after in enumerate((10, 20, 100, None)):
        customer = Customer.objects.create(name=f"New {number}", account=f"001{number:012d}AAA")
        CustomerRollup.objects.create(customer=customer, as_of=AS_OF, computed_at=datetime.now(UTC))
        convert(customer, 30, after, known=number == 3, late=(7, 8, 0, 30)[number])
    convert(world.kestrel, 900, 5, known=True)
    convert(world.keston, 30, 7, merged_into=world.kestrel)


def test_conversions_of_a_month_have_median_and_ninetieth_percentile_and_open_their_customers(
    converted: None, cast: Cast
) -> None:
    page = page_of(cast.analyst, "conversions")
    assert page.overview is not None
    rows = {row.name: tuple(figure.value for figure in row.figures) for row in page.overview.rows}
    assert len(rows) == 12
    assert rows["October\u00a02026"] == (4, 2, 1, 1, 20, 100)
    assert rows["November\u00a02026"] == (0, 0, 0, 0, None, None)
    assert tuple(figure.value for figure in page.overview.foot) == (4, 2, 1, 1, 20, 100)
    assert sorted(listed(page, "days", "recorded")) == [
        ("New 0", 10, "As it happened"),
        ("New 1", 20, "Backdated"),
        ("New 2", 100, "As it happened"),
        ("New 3", None, "Known before"),
    ]
    chosen = page_of(cast.analyst, "conversions", month="2026-10", recorded="before")
    assert listed(chosen) == [("New 3",)]
    late = page_of(cast.analyst, "conversions", recorded="late")
    assert listed(late) == [("New 1",)], "recorded more than a week after its day, it changed a month that was over"
    assert any("Backdated: that day is more than 7 days before" in note for note in late.answer.notes)
    assert page_of(cast.analyst, "conversions", span="60").listing.count == 5
    assert page_of(cast.owner, "conversions", span="60").listing.count == 1  # Kestrel, no matter who else converted


@pytest.fixture
def mirrored_fields(tmp_path: Path) -> Iterator[None]:
    """hub.toml with fields that hold VAT numbers and payment terms, which [masters] does not name."""
    text = Path(settings.HUB_CONFIG).read_text(encoding="utf-8").replace("account_fields = []", FIELDS)
    for name, field in (("vat", "VAT_Number__c"), ("payment_terms", "Payment_Terms__c")):
        line = f'{name} = {{ master = "erp", salesforce_field = "{field}" }}'
        assert line in text
        text = text.replace(line, f'{name} = "none"')
    path = tmp_path / "hub.toml"
    path.write_text(text.replace('payment_terms_field = ""', 'payment_terms_field = "Terms__c"'), encoding="utf-8")
    with override_settings(HUB_CONFIG=str(path)):
        yield


def won(key: str, amount: int | None, days_ago: int, **values: Any) -> None:
    values |= {"amount": amount, "reporting_amount": amount, "close_on": AS_OF - timedelta(days=days_ago)}
    mirrored(SfOpportunity, key, account_id=values.pop("account", PROSPECT), is_won=True, is_closed=True, **values)


def test_a_won_deal_without_a_customer_waits_with_what_is_missing(
    world: World, cast: Cast, mirrored_fields: None
) -> None:
    won("006A", 700, 15)
    won("006B", 50, 200)
    won("006C", None, 100)
    won("006D", 9999, 14)
    won("006E", 9999, 40, account=KESTREL)

    def missing(**query: str) -> list[tuple[Any, ...]]:
        return listed(page_of(cast.owner, "won-not-customer", **query), "won", "deals", "days", "missing")

    everything = "VAT number, Address, Payment terms, Contact"
    assert missing() == [(world.prospect.name, Decimal(750), 3, 200, everything)]
    assert "1\u00a0deal without an amount" in " ".join(page_of(cast.owner, "won-not-customer").answer.notes)
    assert missing(after="100") == [(world.prospect.name, Decimal(50), 1, 200, everything)]
    account = SfAccount.objects.get(key=PROSPECT)
    account.billing_street, account.billing_country = "1 Quay", "GB"
    account.custom_fields = {"Tax__c": "gb 123.456.789", "Terms__c": "30 days"}
    account.save()
    assert missing()[0][-1] == "Contact"
    mirrored(SfContact, "003A", account_id=PROSPECT, name="Jo")
    assert missing()[0][-1] == "Nothing"
    account.custom_fields = {"Tax__c": "Industrial", "Terms__c": ""}
    account.save()
    assert missing()[0][-1] == "VAT number, Payment terms"
    assert missing(missing="terms")
    assert not missing(missing="contact")
    assert not missing(missing="complete")
    assert page_of(cast.outsider, "won-not-customer").listing.count == 0
    # The link takes it off the list.
    ErpCustomer.objects.filter(key="erp:100009").update(salesforce_account=PROSPECT)
    recompute_all(AS_OF, current=True)
    assert missing() == []


def test_vat_number_and_terms_are_looked_for_where_masters_names_their_fields(world: World, cast: Cast) -> None:
    won("006A", 700, 15)
    page = page_of(cast.owner, "won-not-customer")
    assert listed(page, "missing") == [(world.prospect.name, "VAT number, Address, Payment terms, Contact")]
    assert not any("Not looked for" in note for note in page.answer.notes)
    SfAccount.objects.filter(key=PROSPECT).update(
        custom_fields={"VAT_Number__c": "GB123456789", "Payment_Terms__c": "30 days"}
    )
    assert listed(page_of(cast.owner, "won-not-customer"), "missing") == [(world.prospect.name, "Address, Contact")]
    limit = next(field for _, fields in page.fieldsets for field in fields if field.parameter.name == "after")
    assert limit.text == "14", "the days that hub.toml says stand in the form"


def test_an_account_in_conflict_says_so_and_leads_to_the_decision(world: World, cast: Cast) -> None:
    """Its number is there already: another account carries it too."""
    won("006A", 700, 15)
    SfAccount.objects.filter(key=PROSPECT).update(erp_number="104233")
    recompute_all(AS_OF, current=True)
    page = page_of(cast.analyst, "won-not-customer", missing="conflict")
    rows = {row.name: row for row in page.listing.rows}
    assert world.prospect.name in rows
    conflict = rows[world.prospect.name].figures[-1]
    for name in ("104233", world.prospect.name, "Kestrel"):
        assert name in str(conflict.value)
    assert conflict.url == "/links/erp:104233/"
    assert all(words.startswith("In conflict: Several accounts") for _, words in listed(page, "missing"))
    assert "vat" not in {row.name for row in page_of(cast.analyst, "won-not-customer", missing="vat").listing.rows}
    for tab in ("", "opportunities/"):
        shown = cast.analyst.get(f"/customers/{world.prospect.pk}/{tab}").content.decode()
        assert "The ERP customer of this account is in conflict" in shown
        assert 'href="/links/erp:104233/"' in shown
        assert "put its number into" not in shown
    own = cast.owner.get(f"/customers/{world.prospect.pk}/").content.decode()
    assert "An analyst decides" in own
    assert "/links/" not in own
    mine = page_of(cast.owner, "won-not-customer", missing="conflict").listing.rows
    assert [str(row.figures[-1].value).partition(":")[0] for row in mine if not row.figures[-1].url] == [
        "In conflict"
    ] * 2
    assert not any("Several accounts" in str(row.figures[-1].value) for row in mine)


def test_unlinked_money_lists_whose_it_is_and_its_share_of_everything(world: World, cast: Cast) -> None:
    CustomerRollup.objects.filter(customer=world.unlinked, as_of=AS_OF).update(revenue_12m=300, overdue_amount=40)
    whole = sum(CustomerRollup.objects.filter(as_of=AS_OF).values_list("revenue_12m", flat=True))
    UnlinkedDay.objects.filter(as_of=AS_OF).update(unlinked_revenue=300, revenue=whole, unlinked_overdue=40)
    page = page_of(cast.analyst, "unlinked-money")
    exact = Decimal(300) * 100 / whole
    part = exact.quantize(Decimal("0.1"))
    # The file has the figure of the page: two places that are there, none that are made up.
    assert listed(page, "revenue_12m", "share", "overdue_amount") == [
        (world.unlinked.name, Decimal(300), exact.quantize(Decimal("0.01")), Decimal(40))
    ]
    assert page.overview is not None
    newest = page.overview.rows[-1]
    assert (newest.name, newest.figures[0].value, newest.figures[1].value) == (AS_OF, Decimal(300), part)
    assert page.answer.words[0].startswith(f"{part}%")
    assert page.answer.leads[0] == (f"{part}%", "of the revenue of 12 months is on no account")


def test_who_was_linked_since_stays_on_the_list_of_the_day_before(world: World, cast: Cast) -> None:
    UnlinkedDay.objects.all().delete()
    earlier = AS_OF - timedelta(days=70)
    CustomerRollup.objects.filter(customer=world.unlinked, as_of=earlier).update(revenue_12m=120)
    ErpCustomer.objects.filter(key="erp:100009").update(salesforce_account=PROSPECT)
    recompute_all(AS_OF, current=True)
    assert page_of(cast.analyst, "unlinked-money").listing.rows == ()
    before = page_of(cast.analyst, "unlinked-money", day=earlier.isoformat())
    assert listed(before, "revenue_12m") == [(world.unlinked.name, Decimal(120))]
    assert before.overview is not None
    assert before.overview.rows[-1].figures[0].value == before.listing.foot[0].value == Decimal(120)
    # Its documents are the account's today, so its own page has none that would add up.
    assert before.listing.rows[0].figures[0].url == ""


def test_money_of_no_account_is_nobodys_book(world: World, cast: Cast) -> None:
    for client in (cast.owner, cast.manager, cast.untied):
        page = page_of(client, "unlinked-money")
        assert (page.listing.count, page.overview, page.answer.charts) == (0, None, ())
        assert "analysts and administrators" in page.answer.notes[0]
        assert not client.get("/").context.get("unlinked")


def keep_day(days_ago: int, *, unlinked: int, revenue: int) -> None:
    """A stored day without anything overdue."""
    nothing = Decimal(0)
    UnlinkedDay.objects.create(
        as_of=AS_OF - timedelta(days=days_ago), customers=1, unlinked_revenue=Decimal(unlinked),
        revenue=Decimal(revenue), unlinked_overdue=nothing, overdue=nothing,
    )  # fmt: skip


def test_home_says_which_share_is_on_no_account_and_how_it_moved(
    world: World, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    UnlinkedDay.objects.all().delete()
    keep_day(0, unlinked=5, revenue=200)
    headline = cast.analyst.get("/").context["unlinked"]
    assert [(share.percent, share.before, share.line) for share in headline.shares] == [("2.5%", "", ""), ("–", "", "")]
    assert headline.since == ""
    keep_day(70, unlinked=9, revenue=100)
    with django_assert_max_num_queries(60):
        answer = cast.analyst.get("/")
    revenue, _ = answer.context["unlinked"].shares
    assert (revenue.before, revenue.better, revenue.line) == ("9.0% on 14\u00a0Sep", True, "M0.0 1.0 L240.0 22.7")
    assert revenue.amount_url == reverse("reports:figure", args=["unlinked-money", "revenue_12m"])
    assert answer.text.count('aria-labelledby="unlinked"') == 1
    assert cast.analyst.get("/", {"person": world.kestrel.owner}).context["unlinked"] is None


def test_the_three_stand_together_in_the_list_of_reports() -> None:
    names = ("conversions", "won-not-customer", "unlinked-money")
    assert {get_report(name).group for name in names} == {"From prospect to customer"}
