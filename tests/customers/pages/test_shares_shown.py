"""Shared documents on lists, statements and in the inbox: an account's part beside the whole, adding up to the cent."""

from collections import defaultdict
from decimal import Decimal

from django.urls import reverse

from customers.models import Difference
from customers.publishing import recompute_all
from integration_hub.models import ErpCustomer, SfAccount
from tests.customers.pages import test_shares
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.crawler import address
from tests.customers.pages.test_shares import ERP, shared, text
from tests.customers.pages.world import AS_OF, KESTON, KESTREL, build_invoice

ZERO = Decimal(0)
SIXTY_FORTY = test_shares.TestByPerCent.SIXTY_FORTY


def test_the_parts_on_both_statements_make_the_whole_of_every_line(world: World, cast: Cast) -> None:
    shared(cast, **SIXTY_FORTY)
    parts: dict[str, Decimal] = defaultdict(Decimal)
    whole: dict[str, Decimal] = {}
    for customer in (world.kestrel, world.keston):
        statement = cast.administrator.get(address(customer, "statement")).context["statement"]
        moved = cast.administrator.get(address(customer, "statement"), {"mode": "activity"}).context["statement"]
        assert statement.shared
        for account in statement.accounts:
            assert sum(line.balance for line in account.lines) == account.closing
            assert sum(line.part for line in account.lines) == account.part
            assert [each.part for each in moved.accounts if each.currency == account.currency] == [account.part]
            for line in account.lines:
                parts[line.label] += line.part
                whole[line.label] = line.balance
    assert whole
    assert parts == whole
    page = text(cast.administrator, address(world.kestrel, "statement"))
    assert "This account’s part" in page
    assert "This account’s part" not in text(cast.administrator, address(world.prospect, "statement"))
    assert cast.administrator.get(address(world.kestrel, "statement_file")).status_code == 200


def test_the_parts_on_a_list_make_its_total(world: World, cast: Cast) -> None:
    shared(cast, **SIXTY_FORTY)
    for name in ("orders", "invoices"):
        found = cast.administrator.get(address(world.kestrel, name), {"show": ""}).context["found"]
        rows = [row for row in found.slice.rows if getattr(row, "status", "") not in {"quote", "cancelled"}]
        assert rows
        assert sum((row.own_part for row in rows if hasattr(row, "own_part")), ZERO) == found.total
        assert f"60% of {rows[0].reporting_amount:,.2f}" in text(cast.owner, address(world.kestrel, name))


def test_the_part_of_a_document_without_a_rate_is_of_no_amount(world: World, cast: Cast) -> None:
    build_invoice("Y-1", days_ago=90, net=100, currency="JPY")
    recompute_all(AS_OF, current=True)
    shared(cast, **SIXTY_FORTY)
    url = reverse("customers:figure", args=(world.kestrel.pk, "overdue_amount"))
    (row,) = [row for row in cast.administrator.get(url).context["evidence"].rows if row.counted is None]
    assert (row.label, row.text.endswith("60% of it")) == ("Y-1", True)


def test_a_shared_customer_is_compared_with_each_account_in_what_is_the_companys(world: World, cast: Cast) -> None:
    ErpCustomer.objects.filter(key=ERP).update(name="Kestrel Holding", city="Delft", street="Elsewhere 1")
    SfAccount.objects.filter(key=KESTON).update(erp_number="")
    ErpCustomer.objects.filter(salesforce_account=KESTON).update(salesforce_account="")
    shared(cast, overrule="1", **SIXTY_FORTY)
    found = set(Difference.objects.filter(erp_customer=ERP, closed_at=None).values_list("account", "field"))
    assert (KESTREL, "name") in found
    assert {field for _, field in found} <= {"name", "vat", "payment_terms"}
    one = Difference.objects.get(account=KESTREL, erp_customer=ERP, field="name")
    page = text(cast.administrator, f"/differences/{one.pk}/")
    assert "shared over several accounts" in page
    assert "shared" in text(cast.administrator, "/differences/")


def test_the_page_of_all_erp_customers_turns_by_number(world: World, cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr("customers.pages.erp_customers.ROWS", 1)
    monkeypatch.setattr("customers.pages.erp_numbers.MOST_NUMBERS", 1)
    shared(cast, **SIXTY_FORTY)
    first = cast.administrator.get(address(world.keston, "erp_customers")).context
    seen = [row.number.key for row in first["found"].rows]
    after = first["found"].after
    while after:
        found = cast.administrator.get(address(world.keston, "erp_customers"), {"after": after}).context["found"]
        seen += [row.number.key for row in found.rows]
        after = found.after
    assert len(seen) == len(set(seen)) == first["found"].count > 1
    assert "40%" in text(cast.administrator, address(world.keston, "erp_customers"), after=seen[0]) + text(
        cast.administrator, address(world.keston, "erp_customers")
    )
    assert f"and {len(seen) - 1} more" in text(cast.administrator, address(world.keston, "detail"))
