"""Closes documents that their source forgets once they are finished, instead of burying them."""

from psycopg import sql

from integration_hub.warehouse import execute
from integration_hub.warehouse_delta import Delta
from integration_hub.warehouse_merge import Stamp, mark_changed, touch


def close_forgotten(delta: Delta, stamp: Stamp) -> None:
    """Take the rows off the delta's list of gone keys and close them, but for those that a filter leaves out now.

    One that is done or cancelled already stays so. A row that comes back is written anew.
    """
    column = delta.columns.target.customer_column
    if column:
        touch(
            "touched_customer",
            sql.SQL("select m.{} from {} as m join {} as g on g.key = m.key where m.deleted_at is null").format(
                sql.Identifier(column), delta.mirror, delta.gone
            ),
        )
    closed = execute(
        sql.SQL(
            "update {} as m set status = case when m.status in ('done', 'cancelled') then m.status else 'closed' end,"
            " gone_reason = 'closed', synced_at = {at}, run = {run}, fingerprint = null"
            " from {} as g where g.key = m.key and g.reason <> 'excluded' and m.deleted_at is null"
        ).format(delta.mirror, delta.gone, at=stamp.at_value(), run=stamp.run_value())
    )
    execute(sql.SQL("delete from {} where reason <> 'excluded'").format(delta.gone))
    if closed:
        mark_changed(delta.columns.target.table)
