"""Words to build a small mirror row by row, and to roll it up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

from django.db import connection

from customers.models import AccountLink, Customer, CustomerRollup
from customers.publishing import recompute, recompute_all
from integration_hub.models import (
    ErpAllocation,
    ErpCompany,
    ErpCurrencyRate,
    ErpCustomer,
    ErpDelivery,
    ErpDeliveryLine,
    ErpDocumentLink,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
    ErpProduct,
    SfAccount,
    SfAccountTeamMember,
    SfOpportunity,
    SfOrder,
    SfQuote,
    SfUser,
    SfUserRole,
)

DAY = date(2026, 2, 10)
READ_AT = datetime(2026, 2, 10, 6, 0, tzinfo=UTC)
TABLES = ("touched_customer", "touched_account", "changed_table")


def ago(days: int) -> date:
    """So many days before the day of the figures."""
    return DAY - timedelta(days=days)


def account_id(number: int) -> str:
    """An 18-character account id; digits alone, so its checksum is AAA."""
    return f"001{number:012d}AAA"


def user_id(number: int) -> str:
    """An 18-character user id."""
    return f"005{number:012d}AAA"


@dataclass
class World:
    """Every method adds one mirror row with sensible defaults and returns it."""

    numbers: Any = field(default_factory=lambda: count(1))

    def _add(self, model: Any, key: Any = "", **values: Any) -> Any:
        prefix = "salesforce" if model.__name__.startswith("Sf") else "erp"
        key = key or f"{prefix}:{model.__name__.lower()}-{next(self.numbers)}"
        return model.objects.create(key=key, source=prefix, synced_at=READ_AT, **values)

    # Salesforce

    def role(self, name: str, parent: Any = None) -> Any:
        return self._add(SfUserRole, f"00E{next(self.numbers):012d}AAA", name=name, parent=parent)

    def user(self, name: str, role: Any = None, **values: Any) -> Any:
        values = {"email": f"{name}@example.com", "name": name, **values}
        return self._add(SfUser, user_id(next(self.numbers)), role=role, **values)

    def account(self, name: str = "Acme", erp_number: str = "", **values: Any) -> Any:
        key = values.pop("key", account_id(next(self.numbers)))
        return self._add(SfAccount, key, name=name, erp_number=erp_number, **values)

    def team_member(self, account: Any, user: Any, **values: Any) -> Any:
        return self._add(SfAccountTeamMember, f"01M{next(self.numbers):012d}AAA", account=account, user=user, **values)

    def deal(self, account: Any, amount: Any, close_on: date, **values: Any) -> Any:
        values = {"is_won": True, "is_closed": True, "name": "Deal"} | values
        return self._add(SfOpportunity, account=account, amount=money(amount), close_on=close_on, **values)

    def quote(self, deal: Any, number: str = "", amount: Any = "0", **values: Any) -> Any:
        return self._add(
            SfQuote, account=deal.account, opportunity=deal, number=number, net_amount=money(amount), **values
        )

    def sale(self, account: Any, amount: Any, starts_on: date, **values: Any) -> Any:
        values = {"status": "Activated", "status_code": "Activated", "number": f"S{next(self.numbers)}"} | values
        return self._add(SfOrder, account=account, net_amount=money(amount), starts_on=starts_on, **values)

    # ERP

    def company(self, code: str, currency: str = "EUR") -> Any:
        return self._add(ErpCompany, f"erp:{code}", code=code, name=code, currency=currency)

    def rate(self, currency: str, rate: str, valid_from: date = date(2000, 1, 1), base: str = "EUR") -> Any:
        return self._add(ErpCurrencyRate, currency=currency, base=base, valid_from=valid_from, rate=Decimal(rate))

    def product(self, sku: str, **values: Any) -> Any:
        return self._add(ErpProduct, f"erp:{sku}", sku=sku, name=f"Product {sku}", **values)

    def customer(self, number: str = "100", **values: Any) -> Any:
        key = values.pop("key", f"erp:{number}")
        values = {"number": number, "name": f"Customer {number}", **values}
        return self._add(ErpCustomer, key, **values)

    def invoice(self, customer: Any, net: Any, on: date | None, **values: Any) -> Any:
        values = {"currency": "EUR", "status": "open", "number": str(next(self.numbers))} | values
        return self._add(ErpInvoice, customer=customer, net_amount=money(net), issued_on=on, **values)

    def invoice_line(self, invoice: Any, net: Any, **values: Any) -> Any:
        return self._add(
            ErpInvoiceLine, invoice=invoice, customer_id=invoice.customer_id, net_amount=money(net), **values
        )

    def order(self, customer: Any, net: Any, on: date | None, **values: Any) -> Any:
        values = {"currency": "EUR", "status": "open", "number": str(next(self.numbers))} | values
        return self._add(ErpOrder, customer=customer, net_amount=money(net), ordered_on=on, **values)

    def order_line(self, order: Any, quantity: Any, net: Any, **values: Any) -> Any:
        return self._add(
            ErpOrderLine,
            order=order,
            customer_id=order.customer_id,
            quantity=money(quantity),
            net_amount=money(net),
            **values,
        )

    def delivery(self, customer: Any, shipped_on: date | None, **values: Any) -> Any:
        values = {"status": "shipped" if shipped_on else "planned"} | values
        return self._add(ErpDelivery, customer=customer, shipped_on=shipped_on, **values)

    def delivery_line(self, delivery: Any, order_line: Any, quantity: Any) -> Any:
        return self._add(
            ErpDeliveryLine,
            delivery=delivery,
            customer_id=delivery.customer_id,
            order_line=order_line,
            quantity=money(quantity),
        )

    def link(self, from_kind: str, first: Any, to_kind: str, second: Any, how: str = "stated") -> Any:
        ends = {"from_kind": from_kind, "from_key": first.key, "to_kind": to_kind, "to_key": second.key}
        return self._add(ErpDocumentLink, customer_id=first.customer_id, how=how, **ends)

    def item(self, customer: Any, amount: Any, issued_on: date | None, due_on: date | None, **values: Any) -> Any:
        values = {"currency": "EUR", "dated_allocations": True} | values
        return self._add(
            ErpOpenItem, customer=customer, amount=money(amount), issued_on=issued_on, due_on=due_on, **values
        )

    def payment(self, customer: Any, amount: Any, on: date | None, **values: Any) -> Any:
        values = {"currency": "EUR", "unallocated_amount": money(amount), "number": str(next(self.numbers))} | values
        return self._add(ErpPayment, customer=customer, amount=money(amount), paid_on=on, **values)

    def pay(self, item: Any, amount: Any, on: date | None, **values: Any) -> Any:
        return self._add(
            ErpAllocation,
            open_item=item,
            customer_id=item.customer_id,
            amount=money(amount),
            allocated_on=on,
            currency=item.currency,
            **values,
        )

    # Looking at it

    def linked(self, name: str = "Acme", number: str = "100", **values: Any) -> Any:
        """An account with one ERP customer that carries its number; returns the ERP customer."""
        self.account(name, erp_number=number, **values)
        return self.customer(number)

    def roll_up(self, as_of: date = DAY, *, current: bool = True) -> int:
        return recompute_all(as_of, current=current)

    def publish(
        self,
        *,
        as_of: date = DAY,
        customers: Sequence[Any] = (),
        accounts: Sequence[Any] = (),
        changed: Sequence[str] = (),
        full: bool = False,
    ) -> int:
        """What a source's publish does around the hook: say what it touched, then call it."""
        given = (
            [row.key for row in customers],
            [row.key for row in accounts],
            list(changed),
        )
        with connection.cursor() as cursor:
            for table, values in zip(TABLES, given, strict=True):
                column = "name" if table == "changed_table" else "key"
                cursor.execute(f"drop table if exists pg_temp.{table}")
                cursor.execute(f"create temp table {table} ({column} varchar primary key)")
                cursor.executemany(f"insert into {table} values (%s)", [(value,) for value in values])
        return recompute(SimpleNamespace(as_of=as_of, full=full))

    def figures(self, customer: Any, as_of: date = DAY) -> CustomerRollup:
        """The stored figures of the customer that an ERP customer or account belongs to."""
        return CustomerRollup.objects.get(customer=self.of(customer), as_of=as_of)

    def of(self, row: Any) -> Customer:
        """The customer of an ERP customer or account."""
        if isinstance(row, SfAccount):
            return Customer.objects.get(account=row.key)
        return AccountLink.objects.get(erp_customer=row.key).customer


def money(value: Any) -> Decimal | None:
    """Text or a whole number as Decimal; None stays."""
    return None if value is None else Decimal(value)
