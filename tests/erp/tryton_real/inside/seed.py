"""Seed a fresh Tryton database: `python -m tests.erp.tryton_real.inside.seed CONFIGURATION DATABASE KEY`."""

import gc
import sys

from tests.erp.tryton_real.inside import history, masterdata, reader
from tests.erp.tryton_real.inside.desk import Desk


def main() -> int:
    """Master data, a year and a half of documents, and the user that mirrors them."""
    configuration, database, key = sys.argv[1:4]
    desk = Desk(configuration, database)
    gc.freeze()  # Tryton's registry stays to the end: looking through it again and again costs a quarter of the time
    gc.set_threshold(50_000, 20, 20)
    world = masterdata.build(desk)
    history.build(desk, world)
    reader.build(desk, [books.company for books in world.books], key)
    return 0


if __name__ == "__main__":
    sys.exit(main())
