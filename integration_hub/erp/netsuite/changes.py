"""What changed at NetSuite, and what is gone, since an instant."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from integration_hub.erp.netsuite.suiteql import Query, SuiteQl, instant
from integration_hub.erp.netsuite.tables import TABLES, Table
from integration_hub.sources import SourceProblem

DELETED_OVERLAP = timedelta(days=2)
"""The days of deletions are dates in a time zone that is not said."""


def changed_since(table: Table, since: datetime) -> str:
    """Changed is a record by its own stamp; a transaction also by that of a line, or of a link to another one."""
    arms = [_stamped("t.lastmodifieddate", since), "t.lastmodifieddate IS NULL"]
    if table.transaction:
        lines = _stamped("x.linelastmodifieddate", since)
        links = f"FROM NextTransactionLineLink x WHERE {_stamped('x.lastmodifieddate', since)}"
        arms.append(f"t.id IN (SELECT x.transaction FROM transactionline x WHERE {lines})")  # noqa: S608 - fixed text
        arms += [f"t.id IN (SELECT x.{side} {links})" for side in ("previousdoc", "nextdoc")]
    return " OR ".join(arms)


def gone_since(suiteql: SuiteQl, table: Table, since: datetime) -> Iterator[str]:
    """Ids named as deleted, and those of payments that were voided. Without the right to see them: the sweep."""
    if table is TABLES["CustPymt"]:
        void = Query({"id": "t.id"}, "transaction t", ("t.type IN ('CustPymt', 'CustRfnd')", "t.voided = 'T'"))
        yield from (str(row["id"]) for row in suiteql.rows(void.only(_stamped("t.lastmodifieddate", since))))
    start = f"TO_DATE('{since - DELETED_OVERLAP:%Y-%m-%d}', 'YYYY-MM-DD')"
    # Ids are unique in a table, whatever kind of record the entry names: what is not there is gone.
    missing = f"NOT EXISTS (SELECT 1 FROM {table.table} t WHERE t.id = d.recordid)"  # noqa: S608 - fixed text
    deleted = Query({"id": "d.recordid"}, "deletedrecord d", (f"d.deleteddate >= {start}", missing), distinct=True)
    try:
        yield from (str(row["id"]) for row in suiteql.rows(deleted))
    except SourceProblem as problem:
        if problem.transient:
            raise


def _stamped(expression: str, since: datetime) -> str:
    return f"SYS_EXTRACT_UTC({expression}) >= {instant(since)}"
