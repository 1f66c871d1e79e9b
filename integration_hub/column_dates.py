"""How dates and instants read a source's text, as PostgreSQL expressions. ISO 8601 unless a format is declared."""

import re
from collections.abc import Callable

from psycopg import sql

from integration_hub.column_types import Expressions, Text, composed, shown, unchanged
from integration_hub.sources import SourceProblem

# What may stand for "no date" in ERPs.
NO_DATES = "{text} in ('', '00000000') or {text} like '0000-00-00%%'"


def day(text: Text, formats: tuple[str, ...]) -> Expressions:
    """A date; a time of day behind it is left out. "00000000" and "0000-00-00" mean no date."""
    return _moment(text, formats, "date", lambda iso: composed("left({iso}, 10)", iso=iso))


def instant(text: Text, formats: tuple[str, ...]) -> Expressions:
    """An instant; without an offset it is UTC, without a time midnight."""
    return _moment(text, formats, "timestamptz", unchanged)


def _moment(
    text: Text, formats: tuple[str, ...], kind: str, shortened: Callable[[sql.Composable], sql.Composable]
) -> Expressions:
    none = sql.SQL(NO_DATES.replace("%%", "%")).format(text=text.expression)
    iso = (
        _iso(text.expression, shortened)
        if not formats
        else _formatted(text.expression, formats, keep_time=kind == "timestamptz")
    )
    cast = sql.SQL("::" + kind)
    direct: sql.Composable = sql.SQL("")
    if not formats and kind == "date":
        direct = composed(
            "when {text} like '____-__-__' and {text} <> '0000-00-00' then {text}::date ", text=text.expression
        )
    value = composed(
        "case {direct}when {text} is null or {none} then null else ({iso}){cast} end",
        direct=direct,
        text=text.expression,
        none=none,
        iso=iso,
        cast=cast,
    )
    wanted = sql.Literal(f" is not a date ({' or '.join(formats or ('YYYY-MM-DD',))} is expected)")
    problem = composed(
        "case when {text} is null or {none} then null"
        " when not pg_input_is_valid({iso}, {kind}) then {quoted} || {wanted} end",
        text=text.expression,
        none=none,
        iso=iso,
        kind=sql.Literal(kind),
        quoted=shown(text.expression),
        wanted=wanted,
    )
    return Expressions(value, problem)


def _iso(text: sql.Composable, shortened: Callable[[sql.Composable], sql.Composable]) -> sql.Composable:
    """ISO 8601 only: PostgreSQL itself would also read 01/02/2026, and "tomorrow", even behind punctuation."""
    return composed(
        "case when {text} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([ T].*)?$' then {short}"
        " when {text} ~ '^[0-9]{{8}}$' then {text} else 'no date' end",
        text=text,
        short=shortened(text),
    )


def _formatted(text: sql.Composable, formats: tuple[str, ...], *, keep_time: bool) -> sql.Composable:
    arms: list[sql.Composable] = []
    for each in formats:
        pattern, order = _pattern(each)
        replacement = "-".join(f"\\{order[part]}" for part in ("YYYY", "MM", "DD")) + ("\\4" if keep_time else "")
        arms.append(
            composed(
                "when {text} ~ {pattern} then regexp_replace({text}, {pattern}, {replacement}) ",
                text=text,
                pattern=sql.Literal(pattern),
                replacement=sql.Literal(replacement),
            )
        )
    return composed("case {arms}else 'no date' end", arms=sql.Composed(arms))


def _pattern(given: str) -> tuple[str, dict[str, int]]:
    """A regular expression for a date format, and which group holds which part; group 4 is a time of day."""
    parts = re.split("(YYYY|MM|DD)", given)
    names = parts[1::2]
    if sorted(names) != ["DD", "MM", "YYYY"] or re.search("[A-Za-z0-9]", "".join(parts[0::2])):
        raise SourceProblem(
            f'"{given}" is not a date format.',
            "Nothing was read.",
            'Use YYYY, MM and DD once each, as in "DD.MM.YYYY", in the formats in hub.toml.',
        )
    separated = bool(parts[2] and parts[4])
    short = "([0-9]{1,2})" if separated else "([0-9]{2})"
    groups = {"YYYY": "([0-9]{4})", "MM": short, "DD": short}
    body = "".join(groups[part] if part in groups else re.escape(part) for part in parts)
    return f"^ *{body}([ T].*)?$", {name: number for number, name in enumerate(names, 1)}
