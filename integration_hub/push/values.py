"""Exact text of values, so that wanted and live ones compare the way Salesforce keeps them.

The rule stands here twice, for one value in Python and for many in SQL; a test holds the two together.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from psycopg import sql

from integration_hub.salesforce.describe import FieldInfo

NUMBER_TYPES = frozenset({"currency", "double", "percent", "int", "long"})
TEXT_TYPES = frozenset({"string", "textarea", "picklist", "combobox"})
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)

BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What str.strip takes off; PostgreSQL's btrim must be told."""


def exact_text(value: object, info: FieldInfo) -> str | None:
    """The value as text in one form per meaning; None for an empty one.

    Numbers stand at the field's scale, rounded half-up; dates are ISO; texts lose the outer blanks that Salesforce
    drops.
    """
    if value is None:
        return None
    if info.type in NUMBER_TYPES:
        return _number(value, info.scale)
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    return text or None


def _number(value: object, scale: int) -> str | None:
    text = str(value).strip()
    if not text:
        return None
    rounded = _WIDE.quantize(Decimal(text), Decimal(1).scaleb(-scale))
    # Salesforce has no negative zero.
    return f"{abs(rounded) if rounded.is_zero() else rounded:f}"


def exact_sql(value: sql.Composable, info: FieldInfo) -> sql.Composable:
    """An expression for `exact_text` of an expression that has its own type: numeric, date or text."""
    if info.type in NUMBER_TYPES:
        return sql.SQL("round({}, {})::text").format(value, sql.Literal(info.scale))
    if info.type == "date":
        return sql.SQL("({})::text").format(value)
    return sql.SQL("nullif(btrim({}, {}), '')").format(value, sql.Literal(BLANKS))


def exact_sql_of_text(value: sql.Composable, info: FieldInfo) -> sql.Composable:
    """An expression for `exact_text` of an expression that is a text, as Salesforce sends every value."""
    if info.type in NUMBER_TYPES:
        return exact_sql(sql.SQL("nullif(btrim({}, {}), '')::numeric").format(value, sql.Literal(BLANKS)), info)
    return sql.SQL("nullif(btrim({}, {}), '')").format(value, sql.Literal(BLANKS))


def to_send(text: str | None, info: FieldInfo) -> Decimal | str | None:
    """What goes to Salesforce for an exact text: a number for a number field, else the text; None clears."""
    return Decimal(text) if text is not None and info.type in NUMBER_TYPES else text


def movement(before: str | None, after: str | None, info: FieldInfo) -> Decimal | None:
    """How far a number moves, an empty one counting as zero; None for texts and dates."""
    if info.type not in NUMBER_TYPES:
        return None
    return abs(Decimal(after or 0) - Decimal(before or 0))
