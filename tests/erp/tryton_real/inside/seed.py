"""Seed a fresh Tryton database: `python -m tests.erp.tryton_real.inside.seed CONFIGURATION DATABASE KEY`."""

import sys

from tests.erp.tryton_real.inside import history, masterdata, reader
from tests.erp.tryton_real.inside.desk import Desk


def main() -> int:
    """Master data, a year and a half of documents, and the user that mirrors them."""
    configuration, database, key = sys.argv[1:4]
    desk = Desk(configuration, database)
    world = masterdata.build(desk)
    history.build(desk, world)
    reader.build(desk, [books.company for books in world.books], key)
    return 0


if __name__ == "__main__":
    sys.exit(main())
