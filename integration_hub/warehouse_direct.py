"""Decides whether a stage may go into its mirror table as a whole: a first load, large enough to be worth it."""

from psycopg import sql

from integration_hub.staging import FULL, Staged
from integration_hub.streams import GONE
from integration_hub.warehouse import one

DIRECT_FROM_ROWS = 20_000


def may_load_whole(staged: Staged) -> bool:
    """Only into an empty table: rows of other sources must not lose their indexes for the length of a load."""
    if staged.mode != FULL or staged.stage.rows < DIRECT_FROM_ROWS or GONE in staged.columns.names:
        return False
    mirror = sql.Identifier(staged.stream.target)
    return not one(sql.SQL("select exists (select 1 from {})").format(mirror))
