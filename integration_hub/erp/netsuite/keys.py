"""Keys of what comes with NetSuite's transactions, without reading the transactions; some more do no harm."""

from collections.abc import Iterator, Sequence

from integration_hub.erp.netsuite.lines import ALLOCATIONS, LINES, LINES_WHERE
from integration_hub.erp.netsuite.suiteql import Query, SuiteQl


def keys_beside(suiteql: SuiteQl, kind: str, documents: Query) -> Iterator[Sequence[str]]:
    """Keys of lines, open items or allocations of the documents of a query."""
    if kind == LINES:
        source = documents.source.replace(
            "transaction t", "transaction t JOIN transactionline l ON l.transaction = t.id"
        )
        columns = {"transaction": "l.transaction", "id": "l.id"}
        where = (*documents.where, LINES_WHERE, "l.taxline = 'F'")
        for page in suiteql.pages(Query(columns, source, where, ("transaction", "id"))):
            yield [f"{row['transaction']}/{row['id']}" for row in page]
    elif kind == ALLOCATIONS:
        columns = {"a": "k.previousdoc", "b": "k.nextdoc"}
        where = ("k.linktype = 'Payment'",)
        for page in suiteql.pages(Query(columns, "NextTransactionLineLink k", where, ("a", "b"), distinct=True)):
            # By share: what settles, then what is settled; either side may be the one.
            yield [key for row in page for key in (f"{row['b']}/{row['a']}", f"{row['a']}/{row['b']}")]
    else:
        for page in suiteql.pages(Query({"id": "t.id"}, documents.source, documents.where)):
            yield [str(row["id"]) for row in page]
