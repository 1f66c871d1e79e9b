"""Amounts that are far beyond what is usual for a stream: a decimal point that was lost in the ERP or on the way counts
like any other amount, and shows only here before it stands in a figure.

They are loaded all the same, because they may be right; the run and a notice name them.
"""

from dataclasses import dataclass
from decimal import Decimal

from psycopg import sql

from integration_hub.warehouse import fetch
from integration_hub.warehouse_delta import Delta

CODE = "unusual_amount"
AMOUNTS = {
    "erp_order": "net_amount",
    "erp_invoice": "net_amount",
    "erp_open_item": "open_amount",
    "erp_payment": "amount",
}
"""The amount of a document that is looked at, by mirror table."""
SAMPLE, FEWEST, SHOWN = 5000, 20, 5
"""So many documents say what is usual; in a currency with fewer than FEWEST of them nothing is."""
REMEDY = (
    "Compare them with the ERP and correct them there. If they are right, there is nothing to do: the notice ends with "
    "the next whole read once unusual_factor in hub.toml is higher; 0 switches this off."
)
# What is usual is the median by currency of the documents that lie first in the table: the oldest, as a rule.
STATEMENT = sql.SQL("""
with sample as materialized (
    select m.{currency} as currency, abs(m.{amount}) as amount from {mirror} as m
    where m.source = {source} and m.deleted_at is null and m.{amount} <> 0 limit {sample}
), usual as (
    select currency, percentile_disc(0.5) within group (order by amount) as middle from sample
    group by currency having count(*) >= {fewest}
)
select m.key, m.{amount}, m.{currency}, u.middle, count(*) over ()
from {mirror} as m join usual as u on u.currency = m.{currency}
where m.source = {source} and m.deleted_at is null and abs(m.{amount}) >= u.middle * {factor} {changed}
order by abs(m.{amount}) / u.middle desc, m.key limit {shown}
""")


@dataclass(frozen=True)
class Unusual:
    """The documents found, the furthest off first, and how many there are in all: (key, amount, currency, usual)."""

    shown: tuple[tuple[str, Decimal, str, Decimal], ...]
    count: int

    @property
    def words(self) -> str:
        """What a person should look at."""
        first = "; ".join(
            f"{key.partition(':')[2] or key} over {amount:,.2f} {currency}".strip()
            + f", where {usual:,.2f} is usual ({abs(amount) / usual:,.0f} times as much)"
            for key, amount, currency, usual in self.shown
        )
        more = f" and {self.count - len(self.shown):,} more" if self.count > len(self.shown) else ""
        return f"Unusually large: {first}{more}."


def unusual(delta: Delta, *, whole: bool, factor: int) -> Unusual | None:
    """The documents of a merged delta that are at least `factor` times the usual; None where there are none.

    A `whole` read looks at every row, another one only at what it changed.
    """
    fields = delta.columns.target.fields
    amount = AMOUNTS.get(delta.columns.target.table)
    everything = whole or delta.direct
    if not factor or amount is None or not (everything or delta.inserted + delta.updated):
        return None
    rows = fetch(
        STATEMENT.format(
            mirror=delta.mirror,
            source=delta.source,
            amount=sql.Identifier(str(fields[amount].column)),
            currency=sql.Identifier(str(fields["currency"].column)),
            sample=sql.Literal(SAMPLE),
            fewest=sql.Literal(FEWEST),
            factor=sql.Literal(factor),
            shown=sql.Literal(SHOWN),
            changed=sql.SQL("")
            if everything
            else sql.SQL("and m.key in (select new_key from {})").format(delta.changes),
        )
    )
    return Unusual(tuple(row[:4] for row in rows), rows[0][4]) if rows else None
