"""Transactions that commit in another order than they began, as `... race CONFIGURATION DATABASE prepare KEY` or
`... race CONFIGURATION DATABASE write SECONDS`, which prints how many committed after a younger one.
"""

import datetime as dt
import random
import sys
import threading
import time
from typing import Any

from trytond.transaction import Transaction  # type: ignore[import-not-found]

from tests.erp.tryton_real.inside import masterdata, papers, reader
from tests.erp.tryton_real.inside.desk import Desk

ORDERS, WRITERS, LONGEST_SECONDS = 24, 6, 2.5


def prepare(desk: Desk, key: str) -> None:
    """Orders in draft, and the user that mirrors them."""
    world = masterdata.build(desk)
    desk.turn(dt.date(2026, 3, 2))
    for number in range(ORDERS):
        positions: list[papers.Position] = [(number % 8, "2", "10.0000"), ((number + 1) % 8, "3", "7.5000")]
        papers.sale(desk, world, world.books[0], number % 12, positions, reference="as seeded")
    reader.build(desk, [books.company for books in world.books], key)


class Writers:
    """Each has orders of its own, writes one at a time, and dawdles before it commits."""

    def __init__(self, desk: Desk, database: str, seconds: float) -> None:
        self.pool, self.database = desk.settings.pool, database
        self.until = time.monotonic() + seconds
        self.commits: list[tuple[dt.datetime, float]] = []
        """(stamp that the database gave, when it was committed)"""
        with Transaction().start(database, 0, readonly=True):
            self.orders = [sale.id for sale in self.pool.get("sale.sale").search([], order=[("id", "ASC")])]
        self.problems: list[BaseException] = []

    def run(self) -> int:
        """Write until the time is over; how many transactions committed after one with a younger stamp."""
        threads = [threading.Thread(target=self._work, args=(number,)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.problems:
            raise self.problems[0]
        in_order = sorted(self.commits, key=lambda commit: commit[1])
        youngest, late = dt.datetime.min, 0
        for stamp, _ in in_order:
            late += stamp < youngest
            youngest = max(youngest, stamp)
        return late

    def _work(self, number: int) -> None:
        dice = random.Random(number)  # noqa: S311
        mine = self.orders[number::WRITERS]
        count = 0
        try:
            while time.monotonic() < self.until:
                count += 1
                with Transaction().start(self.database, 0) as transaction:
                    stamp = self._write(dice.choice(mine), dice.choice(("header", "line")), f"{number}/{count}")
                    time.sleep(dice.uniform(0, LONGEST_SECONDS))
                    transaction.commit()
                self.commits.append((stamp, time.monotonic()))
        except BaseException as problem:
            self.problems.append(problem)
            raise

    def _write(self, order: int, what: str, text: str) -> Any:
        """Change an order's reference, or the text of its first line by itself; the stamp that it has got."""
        sale = self.pool.get("sale.sale")(order)
        record, values = (sale, {"reference": text}) if what == "header" else (sale.lines[0], {"description": text})
        model = self.pool.get(record.__name__)
        model.write([record], values)
        return model(record.id).write_date


def main() -> int:
    """Do the one or the other."""
    configuration, database, what, rest = sys.argv[1:]
    desk = Desk(configuration, database)
    if what == "prepare":
        prepare(desk, rest)
    else:
        print(Writers(desk, database, float(rest)).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
