"""The difference between a stage and the mirror, as what follows it knows it: counts, and temporary tables by name."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from integration_hub.column_texts import CUT
from integration_hub.columns import ColumnMap, Mapped
from integration_hub.models.common import Label
from integration_hub.streams import GONE
from integration_hub.warehouse import Stage, execute, fetch


@dataclass(frozen=True)
class Delta:
    """The difference between one stage and the mirror, in temporary tables named after `number`.

    read = inserted + updated + unchanged + rejected + duplicates. `filtered` rows were left out by the stream's
    filters and are not counted as read. `direct` says that there is no delta table: the mirror is empty, and the
    stage goes there as a whole.
    """

    number: int
    stage: Stage
    columns: ColumnMap
    read: int = 0
    filtered: int = 0
    rejected: int = 0
    duplicates: int = 0
    inserted: int = 0
    updated: int = 0
    same_keys: bool = False  # the stage holds exactly the keys that are live in the mirror
    direct: bool = False
    renewed: int = 0  # unchanged rows whose text differs from the one they were read from
    held: int = 0  # those of the rejected rows that could be read, but whose document is in quarantine
    keeps: bool = False  # there is a table of rows that the mirror keeps, because their document is in quarantine

    @property
    def changes(self) -> sql.Identifier:
        """Temporary table with the rows to write: pos, fingerprint, old customer and account, a column per value."""
        return sql.Identifier(f"delta_{self.number}")

    @property
    def skipped(self) -> sql.Identifier:
        """Temporary table (pos, column_name, reason, document): rows that are not loaded; a duplicate has no reason.

        `document` is the key of the document in quarantine that a row belongs to.
        """
        return sql.Identifier(f"skipped_{self.number}")

    @property
    def gone(self) -> sql.Identifier:
        """Temporary table (key, reason): rows to mark as gone."""
        return sql.Identifier(f"gone_{self.number}")

    @property
    def kept(self) -> sql.Identifier:
        """Temporary table (key), if the delta `keeps` any: rows of the mirror that do not count as gone."""
        return sql.Identifier(f"kept_{self.number}")

    @property
    def renewals(self) -> sql.Identifier:
        """Temporary table (key, fingerprint): unchanged rows that were delivered as another text."""
        return sql.Identifier(f"renewed_{self.number}")

    @property
    def candidates(self) -> sql.Identifier:
        """Temporary table (pos): rows whose text is not the one that the mirror's row was read from."""
        return sql.Identifier(f"candidate_{self.number}")

    @property
    def mirror(self) -> sql.Identifier:
        """The mirror table."""
        return sql.Identifier(self.columns.target.table)

    @property
    def source(self) -> sql.Literal:
        """The source's name, as it stands in the mirror's rows."""
        return sql.Literal(self.columns.source)

    @property
    def loaded(self) -> int:
        """Rows that are in the mirror after publishing, written or unchanged."""
        return self.read - self.rejected - self.duplicates

    def rows(self, *, fenced: bool = False, candidates: bool = False) -> sql.Composable:
        """The stage's rows to load, as a table `s` with their position; fenced: nothing else is evaluated before."""
        skipping = fenced or self.rejected or self.duplicates
        few = sql.SQL(" and s.ctid = any (array(select c.pos from {} as c))").format(self.candidates)
        return sql.SQL("(select s.ctid as pos, s.* from {} as s where {}{}{}{}) as s").format(
            self.stage.table,
            self.columns.kept,
            few if candidates else sql.SQL(""),
            sql.SQL(" and not exists (select 1 from {} as k where k.pos = s.ctid)").format(self.skipped)
            if self.rejected or self.duplicates
            else sql.SQL(""),
            sql.SQL(" offset 0") if skipping else sql.SQL(""),
        )


def drop_tables(delta: Delta) -> None:
    """Remove the temporary tables."""
    tables = (delta.changes, delta.skipped, delta.gone, delta.kept, delta.renewals, delta.candidates)
    names = sql.SQL(", ").join(sql.SQL("pg_temp.{}").format(table) for table in tables)
    execute(sql.SQL("drop table if exists {}").format(names))


def duplicate_keys(delta: Delta, most: int) -> list[str]:
    """The first keys that more than one row of the stage has."""
    found = fetch(
        sql.SQL(
            "select distinct {key} as key from {skipped} as k join {stage} as s on s.ctid = k.pos"
            " where k.reason is null order by key limit {most}"
        ).format(key=delta.columns.key.value, skipped=delta.skipped, stage=delta.stage.table, most=sql.Literal(most))
    )
    return [str(key) for (key,) in found]


def cut_texts(delta: Delta) -> int:
    """How many of the rows to write hold a text that was longer than its column and ends with an ellipsis now."""
    tests = [
        sql.SQL("(char_length({0}) = {1} and right({0}, 1) = {2})").format(
            sql.Identifier(column.column if delta.direct else f"new_{column.column}"),
            sql.Literal(delta.columns.target.fields[column.name].max_length),
            sql.Literal(CUT),
        )
        for column in delta.columns.stored
        if isinstance(delta.columns.target.fields[column.name], Label)
    ]
    if not tests or delta.stage.unread:
        return 0
    rows = delta.mirror if delta.direct else delta.changes
    found = fetch(sql.SQL("select count(*) from {} where {}").format(rows, sql.SQL(" or ").join(tests)))
    return int(found[0][0])


def came_gone(delta: Delta, at: datetime) -> list[str]:
    """In words, how many of the rows written were delivered as gone: they are counted as new or changed, and are no
    rows here. Asked after the merge; `at` is the instant of publishing.
    """
    if value_of(delta, GONE) is None or not delta.inserted + delta.updated:
        return []
    new, changed = fetch(
        sql.SQL(
            "select count(*) filter (where d.is_new), count(*) filter (where not d.is_new) from {} as d"
            " join {} as m on m.key = d.new_key where d.new_gone and m.deleted_at = {}"
        ).format(delta.changes, delta.mirror, sql.Literal(at))
    )[0]
    told = [f"{new:,} of the new rows came already deleted."] if new else []
    return [*told, *([f"{changed:,} of the changed rows had been deleted at the source."] if changed else [])]


def value_of(delta: Delta, name: str) -> sql.Composable | None:
    """The expression of a mapped column over the stage; None where the stream does not deliver it."""
    found: Mapped | None = next((column for column in delta.columns.columns if column.name == name), None)
    return found.value if found else None
