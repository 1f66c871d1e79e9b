"""How texts, choices and currency codes are read, as PostgreSQL expressions.

An ERP's text that is longer than its column is cut, visibly: a remark of a million characters must not cost its
document. Keys are no texts in this sense and are never cut. Salesforce declares a length for every field, so one that
is longer than its column has changed its meaning, and is refused.
"""

from psycopg import sql

from integration_hub.column_types import NO_PROBLEM, Expressions, Text, composed, shown
from integration_hub.currencies import KNOWN

CUT = "\u2026"


def plain(text: Text, longest: int | None, default: str, choices: tuple[str, ...], *, cut: bool) -> Expressions:
    """A text as it came; one of `choices` where the column has some. Where the column is too short it is `cut` with an
    ellipsis, or refused.
    """
    own = text.expression
    if choices:
        return _one_of(text, default, choices)
    base = composed("nullif({own}, '')", own=own) if default else own
    value = composed("coalesce({base}, {default})", base=base, default=sql.Literal(default))
    if longest is not None and not cut:
        too_long = composed(
            "case when char_length({own}) > {longest} then 'is longer than ' || {longest} || ' characters' end",
            own=own,
            longest=sql.Literal(longest),
        )
        return Expressions(value, too_long)
    if longest is not None:
        # Bytes are counted at once, and hardly a text has as many bytes as its column has characters.
        value = composed(
            "case when octet_length({own}) <= {longest} or char_length({own}) <= {longest} or {own} is null"
            " then {value} else left({own}, {longest} - 1) || {cut} end",
            own=own,
            longest=sql.Literal(longest),
            value=value,
            cut=sql.Literal(CUT),
        )
    return Expressions(value, NO_PROBLEM)


def currency(text: Text, *, known_only: bool) -> Expressions:
    """A currency's code in capitals. `known_only` refuses one that ISO 4217 does not have; empty is no currency."""
    own = composed("upper(btrim({text}))", text=text.expression)
    value = composed("coalesce({own}, '')", own=own)
    too_long = composed(
        "case when char_length({own}) > 3 then {quoted} || ' is no currency code' end",
        own=own,
        quoted=shown(text.expression),
    )
    if not known_only:
        return Expressions(value, too_long)
    known = sql.Literal(["", *KNOWN])
    # A million rows are tested against two hundred codes: PostgreSQL hashes an array of constants.
    value = composed(
        "case when {own} = any({known}) then {own} when {own} is null then '' else ('~' || {own})::integer::text end",
        own=own,
        known=known,
    )
    problem = composed(
        "case when not {own} = any({known}) then {quoted} || ' is a currency that ISO 4217 does not know' end",
        own=own,
        known=known,
        quoted=shown(own),
    )
    return Expressions(value, problem)


def _one_of(text: Text, default: str, choices: tuple[str, ...]) -> Expressions:
    allowed = sql.Literal(list(choices))
    filled = text.filled
    value = composed(
        "case when {filled} is null then {default} when {filled} = any({allowed}) then {filled}"
        " else ('~' || {filled})::integer::text end",
        filled=filled,
        default=sql.Literal(default),
        allowed=allowed,
    )
    problem = composed(
        "case when not {filled} = any({allowed}) then {quoted} || ' is none of ' || {words} end",
        filled=filled,
        allowed=allowed,
        quoted=shown(filled),
        words=sql.Literal(", ".join(choices)),
    )
    return Expressions(value, problem)
