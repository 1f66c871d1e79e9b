"""A company with one ERP that delivers CSV files: tests write the files and look at the mirror."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import sql

from integration_hub.models import Run, RunKind, RunStatus, StreamRun
from integration_hub.publish import Publication
from integration_hub.runs import start_run
from integration_hub.warehouse import fetch

HEADER = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"

[[sources]]
name = "main"
label = "Main ERP"
kind = "files"
directory = "{directory}"
settle_seconds = 0
{options}
"""

SQL_ERP = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[[sources]]
name = "main"
label = "Main ERP"
kind = "sql"
url = "${ERP_DEMO_URL}"
max_deleted_share = 1.0
"""
"""The head of a configuration whose ERP is the demo's PostgreSQL; streams follow."""


@dataclass(frozen=True)
class Told:
    """What a publish hook saw: the publication, and the temporary tables' content."""

    publication: Publication
    customers: frozenset[str]
    accounts: frozenset[str]
    tables: frozenset[str]


TOLD: list[Told] = []


def listen(publication: Publication) -> int:
    """A publish hook that keeps what it is told, and answers with the number of touched customers."""
    seen = [
        frozenset(row[0] for row in fetch(sql.SQL("select * from {}").format(sql.Identifier(table))))
        for table in ("touched_customer", "touched_account", "changed_table")
    ]
    TOLD.append(Told(publication, *seen))
    return len(seen[0])


@dataclass
class World:
    """The ERP's folder and the configuration that reads it; `streams` is TOML text per stream name."""

    directory: Path
    config: Path
    options: str = ""
    streams: dict[str, str] = field(default_factory=dict)

    def stream(self, name: str, target: str, toml: str = "") -> None:
        """Declare a stream that reads <name>*.csv."""
        self.streams[name] = (
            f'[[sources.streams]]\nname = "{name}"\ntarget = "{target}"\npath = "{name}*.csv"\n{toml}\n'
        )
        self.write()

    def write(self) -> None:
        """Write hub.toml."""
        head = HEADER.format(directory=self.directory, options=self.options)
        self.config.write_text(head + "\n".join(self.streams.values()), encoding="utf-8")

    def deliver(self, name: str, text: str) -> None:
        """Put a whole file of this stream into the ERP's folder, instead of the one before."""
        lines = "\n".join(line.strip() for line in text.strip().splitlines())
        (self.directory / f"{name}.csv").write_text(lines + "\n", encoding="utf-8")

    def sync(self, **options: object) -> Run:
        """Bring the ERP up to date in this process; the finished run, whatever became of it."""
        from integration_hub.jobs import finish

        return finish(start_run(RunKind.SYNC, "main", options=options))


def brought_up_to_date(**options: object) -> Run:
    """A sync of the source "main", which must work."""
    from integration_hub.jobs import finish

    run: Run = finish(start_run(RunKind.SYNC, "main", options=options))
    assert run.status in {RunStatus.SUCCEEDED, RunStatus.PARTIAL}, run.problem
    return run


def counts(run: Run, stream: str) -> Mapping[str, int]:
    """The non-zero counts of one stream of a run."""
    row = StreamRun.objects.get(run_ref=run, stream=f"main.{stream}")
    names = ("read", "inserted", "updated", "unchanged", "deleted", "rejected", "duplicates")
    found = {name: getattr(row, name) for name in names}
    assert row.read == sum(found[name] for name in ("inserted", "updated", "unchanged", "rejected", "duplicates"))
    return {name: count for name, count in found.items() if count}
