"""A random company for property tests: every kind of document, date and currency that figures have to survive."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.customers.world import DAY, READ_AT, World

CURRENCIES = ("EUR", "EUR", "USD", "GBP", "JPY", "")
CATEGORIES = ("Pumps", "Seals", "Seals", "", "Not by line")
KINDS = ("invoice", "invoice", "invoice", "credit_note", "debit_note", "down_payment", "receipt")
# Days before the day of the figures: around it, the same days last year, and long ago.
SPANS = ((-60, 70), (-10, 250), (330, 420), (-60, 1100))


class RandomCompany:
    """Fills the mirror from one seed: the same seed makes the same company."""

    def __init__(self, world: World, seed: int, *, customers: int = 4) -> None:
        self.world, self.rng = world, Random(seed)  # noqa: S311 - the same company every time is the point
        # What lines are of is drawn beside, so that everything else stays as it was.
        self.beside = Random(seed)  # noqa: S311
        world.rate("USD", "0.9137")
        world.rate("USD", "0.8811", DAY - timedelta(days=300))
        world.rate("EUR", "0.8533", base="GBP")
        self.products = [world.product(f"P{number}", category=category) for number, category in enumerate(CATEGORIES)]
        self.customers = [self._customer(number) for number in range(customers)]
        self.accounts = [world.account(f"Account {number}", erp_number=f"{number}") for number in range(customers - 1)]
        self.accounts.append(world.account("Prospect"))
        self.payments: list[Any] = []
        for customer in self.customers:
            self._documents(customer)
        for account in self.accounts:
            for _ in range(self.rng.randint(0, 4)):
                self._deal(account)

    def _customer(self, number: int) -> Any:
        # The last two share an account, and one is in conflict.
        return self.world.customer(str(number), salesforce_account="001999999999999AAA" if number == 1 else "")

    def _documents(self, customer: Any) -> None:
        self.payments += [self._payment(customer) for _ in range(self.rng.randint(0, 4))]
        lines = [line for _ in range(self.rng.randint(0, 6)) for line in self._order(customer)]
        for _ in range(self.rng.randint(0, 3) if lines else 0):
            self._collective(customer, self.rng.sample(lines, self.rng.randint(1, len(lines))))
        for _ in range(self.rng.randint(0, 6)):
            self._invoice(customer, None)
        for _ in range(self.rng.randint(0, 4)):
            self._item(customer, None, self._day(), self._amount())

    def _day(self, missing: float = 0.05) -> date | None:
        if self.rng.random() < missing:
            return None
        return DAY - timedelta(days=self.rng.randint(*self.rng.choice(SPANS)))

    def _after(self, day: date | None, most: int = 60) -> date | None:
        return None if day is None else day + timedelta(days=self.rng.randint(0, most))

    def _amount(self, missing: float = 0.04) -> Decimal | None:
        if self.rng.random() < missing:
            return None
        return Decimal(self.rng.randint(-3_000_0000, 9_000_0000)) / self.rng.choice((100, 10000))

    def _gone(self) -> Any:
        return READ_AT if self.rng.random() < 0.08 else None

    def _money(self) -> dict[str, Any]:
        stated = self.rng.random() < 0.4
        return {
            "currency": self.rng.choice(CURRENCIES),
            "company_currency": self.rng.choice(("EUR", "USD", "")) if stated else "",
            "exchange_rate": Decimal(self.rng.randint(1, 30000)) / 10000 if stated else None,
        }

    def _order(self, customer: Any) -> list[Any]:
        rng, ordered_on = self.rng, self._day()
        order = self.world.order(
            customer,
            self._amount(),
            ordered_on,
            **self._money(),
            status=rng.choice(("open", "open", "open", "done", "closed", "cancelled", "quote")),
            promised_on=self._after(ordered_on) if rng.random() < 0.7 else None,
            requested_on=self._after(ordered_on) if rng.random() < 0.5 else None,
            shipped_on=self._after(ordered_on) if rng.random() < 0.2 else None,
            deleted_at=self._gone(),
        )
        lines = [self._order_line(order) for _ in range(rng.choice((0, 1, 2, 3)))]
        if lines and self.beside.random() < 0.3:
            # The header is what its lines make, with cancelled ones.
            order.net_amount = sum(line.net_amount or 0 for line in lines if line.kind != "text")
            order.save()
        for _ in range(rng.choice((0, 0, 1, 2))):
            delivery = self.world.delivery(
                customer,
                self._after(ordered_on) if rng.random() < 0.8 else None,
                order=order,
                is_return=rng.random() < 0.1,
                deleted_at=self._gone(),
            )
            for line in lines:
                if rng.random() < 0.7:
                    self.world.delivery_line(delivery, line, rng.choice(("1", "2.5", "4", "10")))
        for _ in range(rng.choice((0, 0, 1, 2))):
            self._invoice(customer, order, lines)
        if rng.random() < 0.15:
            self.world.link(
                "order", order, "invoice", self._invoice(customer, None), how=rng.choice(("stated", "derived"))
            )
        return lines

    def _collective(self, customer: Any, lines: list[Any]) -> None:
        """One delivery and one invoice over lines of several orders, now and then with a return and a credit note."""
        rng, shipped_on = self.rng, self._day()
        delivery = self.world.delivery(customer, shipped_on, deleted_at=self._gone())
        delivered = [self.world.delivery_line(delivery, line, rng.choice(("1", "4", "12"))) for line in lines]
        invoice = self._invoice(customer, None, lines, delivered)
        if rng.random() < 0.4:
            back = self.world.delivery(customer, self._after(shipped_on), is_return=True)
            self.world.delivery_line(back, lines[0], "-1")
        if rng.random() < 0.4:
            self._invoice(customer, None, lines[:1], kind="credit_note", reverses=invoice)

    def _order_line(self, order: Any) -> Any:
        rng, states = self.rng, self.rng.random() < 0.2
        return self.world.order_line(
            order,
            rng.choice(("4", "4", "10", "2.5", "0", None)),
            self._amount(),
            kind=rng.choice(("goods", "goods", "goods", "service", "charge", "text")),
            cancelled=rng.random() < 0.1,
            promised_on=self._line_promise(order.ordered_on),
            delivered_quantity=Decimal(rng.choice((0, 2, 4))) if states else None,
            invoiced_quantity=Decimal(rng.choice((0, 2, 4))) if states else None,
        )

    def _line_promise(self, day: date | None) -> date | None:
        promised = day is not None and self.beside.random() < 0.2
        return day + timedelta(days=self.beside.randint(0, 60)) if day and promised else None

    def _invoice(
        self, customer: Any, order: Any, order_lines: Any = (), delivery_lines: Any = (), **values: Any
    ) -> Any:
        rng, issued_on, net = self.rng, self._day(), self._amount()
        invoice = self.world.invoice(
            customer,
            net,
            issued_on,
            **self._money(),
            **{
                "order": order if rng.random() < 0.8 else None,
                "posted_on": self._after(issued_on, 5) if rng.random() < 0.5 else None,
                "gross_amount": None if net is None else net * 2,
                "kind": rng.choice(KINDS),
                "status": rng.choice(("open", "paid", "part_paid", "reversed", "draft", "cancelled")),
                "deleted_at": self._gone(),
            }
            | values,
        )
        for index, line in enumerate(order_lines):
            if rng.random() < 0.6:
                self.world.invoice_line(
                    invoice,
                    self._amount(),
                    order_line=line,
                    quantity=Decimal(rng.choice((1, 2, 4, 10))),
                    product=self.beside.choice((None, *self.products)),
                    delivery_line=delivery_lines[index] if delivery_lines else None,
                )
        for _ in range(rng.choice((0, 0, 1, 2))):
            kind = rng.choice(("goods", "service", "down_payment", "text"))
            product = self.beside.choice((None, *self.products))
            self.world.invoice_line(invoice, self._amount(), kind=kind, product=product, deleted_at=self._gone())
        for _ in range(rng.choice((0, 1, 2))):
            self._item(customer, invoice, issued_on, self._amount())
        return invoice

    def _item(self, customer: Any, invoice: Any, issued_on: date | None, amount: Decimal | None) -> None:
        rng, dated = self.rng, self.rng.random() < 0.8
        item = self.world.item(
            customer,
            amount,
            issued_on,
            self._after(issued_on, 120) if rng.random() < 0.9 else None,
            invoice=invoice,
            currency=invoice.currency if invoice and rng.random() < 0.9 else rng.choice(CURRENCIES),
            dated_allocations=dated,
            open_amount=rng.choice((Decimal(0), amount, self._amount())),
            disputed=rng.random() < 0.2,
            deleted_at=self._gone(),
        )
        for _ in range(rng.choice((0, 0, 1, 2))):
            share = rng.choice((amount, (amount or Decimal(0)) / 4))
            credit = invoice if rng.random() < 0.2 else None
            # Also one of another customer, or in another currency.
            payment = rng.choice(self.payments) if self.payments and rng.random() < 0.6 else None
            self.world.pay(
                item,
                share,
                self._after(issued_on, 200),
                credit_note=credit,
                payment=payment,
                deleted_at=self._gone(),
            )

    def _payment(self, customer: Any) -> Any:
        rest = self.rng.choice((Decimal(0), Decimal(0), None, self._amount()))
        return self.world.payment(
            customer,
            self._amount(),
            self._day(),
            currency=self.rng.choice(CURRENCIES),
            unallocated_amount=rest,
            deleted_at=self._gone(),
        )

    def _deal(self, account: Any) -> None:
        rng = self.rng
        self.world.deal(
            account,
            self._amount(),
            self._day(missing=0) or DAY,
            is_won=rng.random() < 0.8,
            currency=rng.choice(CURRENCIES),
            deleted_at=self._gone(),
        )
