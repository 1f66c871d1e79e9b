"""A year and a half of a trading house, the same on every machine, strictly in order of days."""

import datetime as dt
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.erp.tryton_real.inside import papers
from tests.erp.tryton_real.inside.desk import Desk
from tests.erp.tryton_real.inside.masterdata import Books, World

BEGIN = dt.date(2025, 2, 3)
SALES, BILLS = 27, 15
Step = Callable[[], None]


@dataclass
class History:
    """What is still to happen: (day, order of asking, company, step). Tryton numbers invoices in order of days."""

    desk: Desk
    world: World
    agenda: list[tuple[dt.date, int, Books, Step]] = field(default_factory=list)
    asked: Any = field(default_factory=itertools.count)

    def after(self, days: int, books: Books, step: Step) -> None:
        """Let a step happen so many days from now."""
        day = self.desk.today + dt.timedelta(days=days)
        heapq.heappush(self.agenda, (day, next(self.asked), books, step))

    def run(self) -> None:
        """Let everything happen."""
        while self.agenda:
            day, _, books, step = heapq.heappop(self.agenda)
            self.desk.turn(day)
            self.desk.work_for(books.company)
            try:
                step()
            except Exception as problem:
                problem.add_note(f"on {day} for company {books.company}")
                raise

    def invoice(self, number: int) -> Any:
        """An invoice as it is now."""
        return self.desk.get("account.invoice", number)

    # What happens to an invoice

    def post_later(self, days: int, books: Books, number: int, then: Callable[[int], None] | None = None) -> None:
        """Post a draft invoice in some days, then go on with it."""

        def step() -> None:
            papers.post(self.desk, self.invoice(number))
            if then is not None:
                then(number)

        self.after(days, books, step)

    def pay_later(self, days: int, books: Books, number: int, share: str = "", *, write_off: bool = False) -> None:
        """Pay a share of the whole, or all that is open, in some days."""

        def step() -> None:
            invoice = self.invoice(number)
            amount = (invoice.total_amount * Decimal(share)).quantize(Decimal("0.01")) if share else None
            papers.pay(self.desk, books, invoice, amount, write_off=write_off)

        self.after(days, books, step)

    # What happens to a sale

    def bill_open(self, books: Books, sale: int, then: Callable[[int], None] | None = None) -> None:
        """Post the next day what Tryton prepared for a sale."""
        for invoice in self.desk.get("sale.sale", sale).invoices:
            if invoice.state == "draft":
                self.post_later(1, books, invoice.id, then)

    def ship_later(self, days: int, books: Books, sale: int, share: str = "1", then: Step | None = None) -> None:
        """Send what of a sale waits to be sent."""

        def step() -> None:
            for shipment in self.desk.get("sale.sale", sale).shipments:
                if shipment.state not in ("done", "cancelled"):
                    papers.ship(shipment, share)
            if then is not None:
                then()

        self.after(days, books, step)


def build(desk: Desk, world: World) -> None:
    """Let the whole history happen."""
    from tests.erp.tryton_real.inside import bills, sales

    history = History(desk, world)
    desk.turn(BEGIN)
    for number in range(SALES):
        books = world.books[1 if (number % 9 + number // 9) % 3 == 2 else 0]
        history.after(14 * number, books, lambda n=number, b=books: sales.begin(history, b, n))  # type: ignore[misc]
    for number in range(BILLS):
        books = world.books[number % 2]
        history.after(25 * number + 5, books, lambda n=number, b=books: bills.begin(history, b, n))  # type: ignore[misc]
    history.run()
