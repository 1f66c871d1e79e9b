"""`make bench`: every benchmark against fresh servers; a table for people, then raw JSON with rows and machine.

Names on the command line choose benchmarks: python -m tests.benchmarks load pages. A module of this folder is a
benchmark when it has measure() -> list[dict[str, object]]. A target that is not met is said to be not met.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
    "SECRET_KEY": "only-for-benchmarks-" + "x" * 50,
    "DEMO": "0",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "STATICFILES_BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
    "LOG_LEVEL": "WARNING",
}


def main(arguments: Sequence[str]) -> int:
    """Run the chosen benchmarks. 0 also when a target is missed: a slow machine is no error."""
    known = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(known)}")
    chosen = parser.parse_args(arguments).names or known
    if unknown := set(chosen) - set(known):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    results: dict[str, list[dict[str, object]]] = {}
    for name in chosen:
        with _fresh_database():
            results[name] = import_module(f"tests.benchmarks.{name}").measure()
        _show(name, results[name])
    print(json.dumps({"machine": _machine(), "results": results}, indent=2, default=str))
    return 0


@contextmanager
def _servers() -> Iterator[None]:
    """Own servers, unless addresses are given that do not belong to a running demo."""
    from integration_hub.local import servers

    given = os.environ.get("DEMO") != "1" and "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ
    if given:
        os.environ.update(ENVIRONMENT)
        yield
        return
    with servers.temporary() as addresses:
        os.environ.update(addresses | ENVIRONMENT)
        yield


@contextmanager
def _fresh_database() -> Iterator[None]:
    """An empty migrated database, gone afterwards."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(str(before), verbosity=0)


def _show(name: str, rows: list[dict[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    columns = list(dict.fromkeys(column for row in rows for column in row if not isinstance(row[column], dict)))
    table = Table(*columns, title=f"Benchmark: {name}", pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(row.get(column, "")) for column in columns))
    Console(width=max(100, 14 * len(columns))).print(table)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _machine() -> dict[str, object]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version'), current_setting('fsync')")
        version, fsync = cursor.fetchone() or ("", "")
    return {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load_average": [round(value, 1) for value in os.getloadavg()],
        "python": platform.python_version(),
        "postgresql": version,
        "fsync": fsync,
    }


if __name__ == "__main__":
    with _servers():
        import django

        django.setup()
        sys.exit(main(sys.argv[1:]))
