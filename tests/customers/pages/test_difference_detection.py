"""What counts as a difference between an ERP customer and its account, and what becomes of it when either changes."""

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from customers.differences.detection import compare
from customers.models import AccountLink, Customer, Difference, DifferenceNote
from customers.publishing import recompute, recompute_all
from customers.statements import run
from integration_hub.models import ErpCompany, ErpCustomer, ErpInvoice, Run, SfAccount, SfUser
from integration_hub.publish import Publication
from integration_hub.warehouse_touched import create_touched, drop_touched, mark_changed
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import ANA, AS_OF, KESTREL, mirrored

ROOT = Path(__file__).resolve().parents[3]
# Column of the ERP, what it holds, what Salesforce holds: written otherwise, the same thing.
SAME = (
    ("name", "Müller & Söhne G.m.b.H.", "müller und  Söhne GmbH"),
    ("name", "Acme Limited", "ACME Ltd."),
    ("name", "Aurelia Fluid Systems S.p.A.", "Aurelia Fluid Systems SpA"),
    ("street", "Industriestraße 5", "Industriestr. 5"),
    ("street", "Lange Strasse 12 a", "Lange Str.12a"),
    ("street", "12 Market Street", "12 Market St"),
    ("postal_code", "D-70173", "70173"),
    ("postal_code", "1012 AB", "1012AB"),
    ("city", "Köln ", "KÖLN"),
    ("country", "Germany", "DE"),
    ("country", "Deutschland", "Germany"),
    ("country", "USA", "United States"),
    ("phone", "+49 (0)711 555-120", "0049 711/555120"),
    ("phone", "0711 555120", "+49 711 555120"),
    ("vat_id", "DE 123.456.789", "de123456789"),
    ("payment_terms", "30 days net", "Net 30"),
    ("payment_terms", "NET30", "30 Tage netto"),
    ("credit_limit", "20000", "20000.0"),
    ("credit_limit", None, None),
    ("salesperson", "Duarte, Ana", ""),
    ("salesperson", "ana@northgate.example", ""),
    ("salesperson", "ana.duarte", ""),
    ("currency", "EUR", "EUR"),
    ("currency", "", "EUR"),
    ("city", "", ""),
)
# The same, but these are two things.
DIFFERENT = (
    ("name", "Müller & Söhne GmbH", "Müller & Söhne AG"),
    ("name", "Acme Limited", "Acme Inc."),
    ("street", "Industriestraße 5", "Industriestraße 15"),
    ("postal_code", "70173", "70174"),
    ("city", "Rotterdam", ""),
    ("city", "", "Rotterdam"),
    ("country", "Austria", "Australia"),
    ("country", "Atlantis", "DE"),
    ("phone", "+49 711 555120", "+49 711 555121"),
    ("phone", "0711 555120", "+49 89 555120"),
    ("vat_id", "DE123456789", "123456789"),
    ("payment_terms", "30 days net", "60 days net"),
    ("payment_terms", "30 days net, three instalments", "30 days net"),
    ("credit_limit", "20000", "20000.01"),
    ("credit_limit", "20000", None),
    ("salesperson", "Ben Okafor", ""),
    ("currency", "EUR", "USD"),
)
# Nobody knows: a field that was never read, limits in two currencies.
UNKNOWN = (("vat_id", "DE123456789", ...), ("credit_limit", "20000", "USD"))
STANDARD = {
    "name": "name",
    "street": "billing_street",
    "postal_code": "billing_postal_code",
    "city": "billing_city",
    "country": "billing_country",
    "phone": "phone",
    "currency": "currency",
}
OWN = {"vat_id": "VAT_Number__c", "payment_terms": "Payment_Terms__c", "credit_limit": "Credit_Limit__c"}
FIELD = {"vat_id": "vat", "salesperson": "owner"}


def pair(number: int, column: str, erp: str | None, salesforce: Any) -> str:
    """A linked pair that holds nothing but these two values; the ERP's key."""
    account = f"001Dn0000{number:06d}AAA"
    told: dict[str, Any] = {"name": "Same", "owner_id": ANA, "currency": "EUR"}
    fields: dict[str, str | None] = {"VAT_Number__c": None, "Payment_Terms__c": None, "Credit_Limit__c": None}
    if column in OWN and salesforce is ...:
        fields = {}
    elif (column, salesforce) == ("credit_limit", "USD"):
        told["currency"] = "USD"
    elif column in OWN:
        fields[OWN[column]] = salesforce
    elif column in STANDARD:
        told[STANDARD[column]] = salesforce
    mirrored(SfAccount, account, erp_number=f"N{number}", custom_fields=fields, **told)
    values = {"name": "Same", "salesperson": "Ana Duarte", "currency": "EUR", column: erp}
    mirrored(ErpCustomer, f"erp:N{number}", number=f"N{number}", company_id="erp:10", **values)
    return f"erp:N{number}"


@pytest.fixture
def filled(world: World) -> None:
    """One ERP customer that fills every column, so that each is known to be delivered."""
    whole = {"street": "x", "postal_code": "x", "phone": "1", "vat_id": "x", "salesperson": "Ben Okafor"}
    ErpCustomer.objects.filter(key="erp:100009").update(credit_limit=1, **whole)


def open_fields(key: str) -> set[str]:
    return set(Difference.objects.filter(erp_customer=key, closed_at=None).values_list("field", flat=True))


def test_what_is_only_written_otherwise_is_no_difference_and_everything_else_is(filled: None) -> None:
    cases = [*((case, False) for case in SAME + UNKNOWN), *((case, True) for case in DIFFERENT)]
    keys = [pair(number, *case) for number, (case, _) in enumerate(cases)]
    recompute_all(AS_OF, current=True)
    wrong = []
    for key, ((column, erp, salesforce), differs) in zip(keys, cases, strict=True):
        expected = {FIELD.get(column, column)} if differs else set()
        if column == "credit_limit" and salesforce == "USD":
            expected = {"currency"}
        if open_fields(key) != expected:
            wrong.append(f"{column} {erp!r} {salesforce!r}: {open_fields(key)}")
    assert wrong == []


def test_a_column_that_a_source_never_fills_is_no_difference_of_all_its_customers(world: World) -> None:
    SfAccount.objects.filter(key=KESTREL).update(phone="+31 10 555", billing_street="Kade 1")
    recompute_all(AS_OF, current=True)
    assert open_fields("erp:104233") == set()
    ErpCustomer.objects.filter(key="erp:100009").update(phone="+49 1")
    recompute_all(AS_OF, current=True)
    assert open_fields("erp:104233") == {"phone"}


def test_a_difference_changes_closes_itself_comes_back_as_the_same_row_and_closes_with_the_link(world: World) -> None:
    def found() -> Difference:
        recompute_all(AS_OF, current=True)
        return Difference.objects.get(erp_customer="erp:104233")

    account = SfAccount.objects.filter(key=KESTREL)
    account.update(billing_city="Delft")
    first = found()
    assert (first.field, first.erp_value, first.salesforce_value) == ("city", "Rotterdam", "Delft")
    assert (first.master, first.falls_to, first.customer_id) == ("erp", ANA, world.kestrel.pk)
    account.update(billing_city="Breda")
    assert found().salesforce_value == "Breda"
    Difference.objects.update(snoozed_until=AS_OF + timedelta(days=9), snooze_reason="later")
    account.update(billing_city="ROTTERDAM")
    closed = found()
    assert (closed.closed_why, closed.snoozed_until, closed.snooze_reason) == ("equal", None, "")
    account.update(billing_city="Breda")
    again = found()
    assert (again.pk, again.closed_at, again.times, again.first_seen_at) == (first.pk, None, 2, first.first_seen_at)
    assert again.opened_at > first.opened_at
    account.update(erp_number="")
    ErpCustomer.objects.filter(key="erp:104233").update(salesforce_account="")
    assert found().closed_why == "unlinked"
    told = (
        DifferenceNote.objects.filter(difference=first).order_by("id").values_list("kind", "text", "salesforce_value")
    )
    assert list(told) == [
        ("changed", "", "Delft"),
        ("closed", "equal", "Breda"),
        ("reopened", "", "Breda"),
        ("closed", "unlinked", "Breda"),
    ]


def test_nothing_is_written_when_nothing_changed_and_a_field_without_master_closes(
    world: World, tmp_path: Path, settings: Any
) -> None:
    before = list(Difference.objects.order_by("pk").values())
    assert {each["field"] for each in before} == {"city", "country"}, "Keston is in Lincoln, the ERP says Rotterdam"
    recompute_all(AS_OF, current=True)
    assert list(Difference.objects.order_by("pk").values()) == before
    path = Path(shutil.copy(ROOT / "hub.toml", tmp_path / "hub.toml"))
    path.write_text(path.read_text(encoding="utf-8").replace('city = "erp"', 'city = "none"'), encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    recompute_all(AS_OF, current=True)
    assert open_fields("erp:101877") == {"country"}
    assert Difference.objects.get(field="city").closed_why == "undeclared"


def test_a_publish_looks_only_at_the_customers_it_touched_and_at_all_of_another_configuration(
    world: World, tmp_path: Path, settings: Any
) -> None:
    SfAccount.objects.filter(key=KESTREL).update(billing_city="Delft")
    ErpCustomer.objects.filter(key="erp:101877").update(city="Lincoln", country="GB")

    def touch(*customers: Customer) -> None:
        run("scope_drop")
        with connection.cursor() as cursor:
            cursor.execute("create temporary table rollup_scope (customer_id bigint)")
            cursor.executemany("insert into rollup_scope values (%s)", [(each.pk,) for each in customers])
        compare(AS_OF, timezone.now(), everything=False)

    touch(world.kestrel)
    assert (open_fields("erp:104233"), open_fields("erp:101877")) == ({"city"}, {"city", "country"})
    touch(world.keston)
    assert (open_fields("erp:104233"), open_fields("erp:101877")) == ({"city"}, set())
    SfAccount.objects.filter(key=KESTREL).update(billing_city="Rotterdam")
    path = Path(shutil.copy(ROOT / "hub.toml", tmp_path / "hub.toml"))
    path.write_text(path.read_text(encoding="utf-8").replace('country = "erp"', 'country = "none"'), encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    touch()
    assert open_fields("erp:104233") == set()


def test_an_account_with_several_erp_customers_is_compared_with_the_one_that_leads(cast: Cast) -> None:
    """Otherwise its city would have to be two cities, and no difference of it could ever close."""
    mirrored(ErpCustomer, "erp:2", number="2", name="Other name", company_id="erp:10", salesforce_account=KESTREL)
    mirrored(ErpInvoice, "erp:i2", customer_id="erp:2", number="i2", currency="EUR", status="open", issued_on=AS_OF,
             net_amount=Decimal(10**9), company_id="erp:10")  # fmt: skip
    account = SfAccount.objects.filter(key=KESTREL)
    account.update(billing_city="Delft")
    recompute_all(AS_OF, current=True)
    assert AccountLink.objects.filter(account=KESTREL, status="linked").count() == 2
    assert (open_fields("erp:104233"), open_fields("erp:2")) == ({"city"}, set()), "the account carries 104233"
    city = Difference.objects.get(erp_customer="erp:104233", field="city")
    page = cast.analyst.get(f"/differences/{city.pk}/").content.decode()
    assert "has 2 ERP customers; it is compared with 104233, whose number the account carries." in page
    account.update(erp_number="")
    ErpCustomer.objects.filter(key="erp:104233").update(salesforce_account=KESTREL)
    recompute_all(AS_OF, current=True)
    assert open_fields("erp:104233") == set()
    assert "name" in open_fields("erp:2"), "no number carried: the one with the most revenue leads"
    city.refresh_from_db()
    assert city.closed_why == "following"
    name = Difference.objects.get(erp_customer="erp:2", field="name")
    page = cast.analyst.get(f"/differences/{name.pk}/").content.decode()
    assert "it is compared with 2, which has the most revenue of the last 12 months." in page


def test_a_difference_of_which_one_side_is_read_no_more_closes_as_unknown_not_as_equal(filled: None) -> None:
    key = pair(1, "vat_id", "DE123456789", "DE1")
    recompute_all(AS_OF, current=True)
    SfAccount.objects.filter(erp_number="N1").update(custom_fields={})
    recompute_all(AS_OF, current=True)
    assert Difference.objects.get(erp_customer=key).closed_why == "unknown"


def test_a_difference_follows_the_owner_and_the_account_of_its_link(world: World) -> None:
    SfAccount.objects.filter(key=KESTREL).update(billing_city="Delft", owner_id="005Dn000001bbbbIAA")
    SfUser.objects.filter(key=ANA).update(name="Ana Duarte-Silva")
    recompute_all(AS_OF, current=True)
    assert Difference.objects.get(account=KESTREL, field="city").falls_to == "005Dn000001bbbbIAA"


def test_another_name_of_an_owner_or_company_and_a_first_value_are_compared_in_the_same_publish(world: World) -> None:
    """Neither touches a customer: the differences stood as before until the day changed."""
    key = pair(1, "salesperson", "Ana Duarte", "")
    mirrored(ErpCustomer, "erp:2", number="2", name="Other name", company_id="erp:10", salesforce_account=KESTREL)
    ErpCustomer.objects.filter(key="erp:104233").update(salesforce_account=KESTREL)
    SfAccount.objects.filter(key=KESTREL).update(billing_city="Delft", erp_number="NG/2")
    recompute_all(AS_OF, current=True)
    assert (open_fields(key), open_fields("erp:104233"), open_fields("erp:2")) == (set(), {"city"}, set())

    def publish(table: str) -> None:
        with transaction.atomic():
            create_touched()
            mark_changed(table)
            recompute(Publication(Run(), "salesforce", AS_OF, full=False))
            drop_touched()

    for name, found in (("Ana Silva", {"owner"}), ("Ana Duarte", set())):
        SfUser.objects.filter(key=ANA).update(name=name, synced_at=timezone.now())
        publish("sf_user")
        assert open_fields(key) == found, name
    assert Difference.objects.get(erp_customer=key, field="owner").closed_why == "equal"
    ErpCompany.objects.update(code="NG", synced_at=timezone.now())
    publish("erp_company")
    assert open_fields("erp:104233") == set()
    assert "name" in open_fields("erp:2"), "the account carries the number of this one now"
    SfAccount.objects.filter(erp_number="N1").update(phone="+49 2")
    ErpCustomer.objects.filter(key="erp:100009").update(phone="+49 1")
    publish("erp_invoice")
    assert open_fields(key) == {"phone"}, "the source is seen to fill it"
