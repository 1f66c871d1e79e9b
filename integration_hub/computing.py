"""Sources that compute over their own rows: only what a statement answers travels, not the rows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from psycopg import sql

from integration_hub.config import StreamConfig
from integration_hub.sources import Source

COUNTING: Mapping[str, str] = {"work_mem": "64MB", "enable_sort": "off"}
"""Settings for a statement that counts: PostgreSQL cannot know how few cells there are, and would sort all rows."""
Statement = Callable[[sql.Composable], sql.Composed]
"""Makes a statement of the rows, a relation `s`: c1 is the text of the first column, as a stage would hold it, and t1
its value as the source holds it.
"""


@runtime_checkable
class ComputingSource(Source, Protocol):
    """A source that runs PostgreSQL's expressions, those of column_types among them, over a stream's rows."""

    def computes(self, stream: StreamConfig) -> Mapping[str, str]:
        """The stream's columns, as a read would deliver them, with PostgreSQL's names of their types; none where the
        server cannot hash a record.
        """

    def computed(
        self, stream: StreamConfig, names: Sequence[str], statement: Statement, *, every_row: bool
    ) -> list[Any] | None:
        """The answer, as tuples, over the snapshot that is read from; None where a value could not be cast.

        Of the relation only the columns `names` may be used. `every_row`: the statement looks at all values of all
        rows, so each text is made once; else only those are made that it asks for. Raises SourceProblem.
        """
