"""How each type of mirror column reads a source's text, as PostgreSQL expressions. Nothing is rounded or cut."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from psycopg import sql

from integration_hub.config import Column
from integration_hub.sources import SourceProblem

NO_PROBLEM = sql.SQL("null::text")
# What may stand for "no date" in ERPs.
NO_DATES = "{text} in ('', '00000000') or {text} like '0000-00-00%%'"
NUMBER = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?$"
GROUPED = r"^[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?-?$"
GROUPED_COMMA = r"^[-+]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]*)(,[0-9]*)?-?$"
TRAILING_MINUS = "^([0-9.]+)-$"
TRUE, FALSE = ["true", "t", "1", "x", "yes", "y"], ["false", "f", "0", "no", "n", ""]
UPPER, ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
OTHERS = "abcdefghijklmnopqrstuvwxyz0123456789"
INTEGERS: Mapping[str, int] = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


@dataclass(frozen=True)
class Text:
    """The source's text of one column as an expression; it may be null, and '' too where `may_be_blank`."""

    expression: sql.Composable
    may_be_blank: bool = False

    @property
    def filled(self) -> sql.Composable:
        """The text, null where it is empty."""
        return sql.SQL("nullif({}, '')").format(self.expression) if self.may_be_blank else self.expression


def _unchanged(value: sql.Composable) -> sql.Composable:
    return value


@dataclass(frozen=True)
class Expressions:
    """A typed value, why it may be refused, and the value again so that storing it cannot round."""

    value: sql.Composable
    problem: sql.Composable
    strict: Callable[[sql.Composable], sql.Composable] = _unchanged


def _of(template: str, **parts: sql.Composable) -> sql.Composed:
    return sql.SQL(template).format(**parts)


def without_leading_zeros(raw: sql.Composable) -> sql.Composable:
    """ "0000104233" becomes "104233"; a text that is not all digits stays as it is."""
    return _of(
        "case when {raw} ~ '^0[0-9]+$' then coalesce(nullif(ltrim({raw}, '0'), ''), '0') else {raw} end", raw=raw
    )


def looked_up(raw: sql.Composable, values: Mapping[str, str]) -> sql.Composable:
    """The value that the map gives; '' for an empty text without an entry of its own, an error for others."""
    arms: list[sql.Composable] = [
        sql.SQL(" when {} then {}").format(sql.Literal(key.strip()), sql.Literal(value))
        for key, value in values.items()
    ]
    if "" not in values:
        arms.append(sql.SQL(" when '' then ''"))
    return _of(
        "case btrim(coalesce({raw}, '')){arms} else ('~' || {raw})::integer::text end", raw=raw, arms=sql.Composed(arms)
    )


def reference(text: Text, prefix: str | None, *, required: bool, empty: str | None) -> Expressions:
    """A key: "<source>:<id>" with a prefix, a Salesforce id of 18 characters without."""
    bare = _of("nullif(btrim({text}), '')", text=text.expression)
    value = _eighteen(bare) if prefix is None else _of("{prefix} || {bare}", prefix=sql.Literal(prefix), bare=bare)
    if empty is not None:
        value = _of("coalesce({value}, {empty})", value=value, empty=sql.Literal(empty))
    missing = sql.Literal("is empty") if required else NO_PROBLEM
    if prefix is None:
        wrong = _of(
            "when {bare} !~ '^([a-zA-Z0-9]{{15}}|[a-zA-Z0-9]{{18}})$' then {quoted} || ' is not a Salesforce id'",
            bare=bare,
            quoted=_shown(bare),
        )
    else:
        wrong = _of("when length({value}) > 120 then 'is longer than 120 characters'", value=value)
    return Expressions(
        value, _of("case when {bare} is null then {missing} {wrong} end", bare=bare, missing=missing, wrong=wrong)
    )


def _eighteen(bare: sql.Composable) -> sql.Composable:
    """A 15-character id with its three check characters: the capitals of each five characters, read as a number."""
    bits = _of(
        "translate({bare}, {all}, {ones})",
        bare=bare,
        all=sql.Literal(UPPER + OTHERS),
        ones=sql.Literal("1" * len(UPPER) + "0" * len(OTHERS)),
    )
    suffix = sql.SQL(" || ").join(
        _of(
            "substr({alphabet}, 1 + reverse(substr({bits}, {start}, 5))::bit(5)::integer, 1)",
            alphabet=sql.Literal(ID_ALPHABET),
            bits=bits,
            start=sql.Literal(start),
        )
        for start in (1, 6, 11)
    )
    return _of(
        "case when {bare} ~ '^[a-zA-Z0-9]{{15}}$' then {bare} || {suffix} else {bare} end", bare=bare, suffix=suffix
    )


def plain(text: Text, longest: int | None, default: str, choices: tuple[str, ...], *, upper: bool) -> Expressions:
    """A text as it came; one of `choices` where the column has some."""
    own = _of("upper(btrim({text}))", text=text.expression) if upper else text.expression
    if choices:
        allowed = sql.Literal(list(choices))
        filled = text.filled
        value = _of(
            "case when {filled} is null then {default} when {filled} = any({allowed}) then {filled}"
            " else ('~' || {filled})::integer::text end",
            filled=filled,
            default=sql.Literal(default),
            allowed=allowed,
        )
        problem = _of(
            "case when not {filled} = any({allowed}) then {quoted} || ' is none of ' || {words} end",
            filled=filled,
            allowed=allowed,
            quoted=_shown(filled),
            words=sql.Literal(", ".join(choices)),
        )
        return Expressions(value, problem)
    base = _of("nullif({own}, '')", own=own) if default else own
    value = _of("coalesce({base}, {default})", base=base, default=sql.Literal(default))
    if longest is None:
        return Expressions(value, NO_PROBLEM)
    too_long = _of(
        "case when char_length({own}) > {longest} then 'is longer than ' || {longest} || ' characters' end",
        own=own,
        longest=sql.Literal(longest),
    )
    return Expressions(value, too_long)


def _shown(text: sql.Composable) -> sql.Composable:
    return _of("('\"' || left({text}, 60) || '\"')", text=text)


def _number_text(text: sql.Composable, *, comma: bool) -> sql.Composable:
    """The text in PostgreSQL's own notation; what cannot be one gets a mark in front that no number has."""
    bare = _of("btrim({text})", text=text)
    if comma:
        plain_text = _of(
            "case when {bare} ~ {grouped} then replace(replace({bare}, '.', ''), ',', '.') else '~' || {bare} end",
            bare=bare,
            grouped=sql.Literal(GROUPED_COMMA),
        )
    else:
        plain_text = _of(
            "case when {bare} ~ {grouped} then replace({bare}, ',', '') else {bare} end",
            bare=bare,
            grouped=sql.Literal(GROUPED),
        )
    signed = _of("regexp_replace({plain}, {trailing}, '-\\1')", plain=plain_text, trailing=sql.Literal(TRAILING_MINUS))
    return _of(
        "case when {signed} ~ {number} then {signed} else '~' || {signed} end",
        signed=signed,
        number=sql.Literal(NUMBER),
    )


def _number_value(text: Text, config: Column) -> sql.Composable:
    """Digits with one sign in front are cast at once; anything else is brought into that form first."""
    mark = "," if config.decimal_comma else "."
    direct = _of("translate({text}, ',', '.')", text=text.expression) if config.decimal_comma else text.expression
    value = _of(
        "case when {filled} is null then null"
        " when translate({text}, {digits}, '') in ('', '-') and right({text}, 1) <> '-' then {direct}::numeric"
        " else ({cleaned})::numeric end",
        filled=text.filled,
        text=text.expression,
        digits=sql.Literal("0123456789" + mark),
        direct=direct,
        cleaned=_number_text(text.expression, comma=config.decimal_comma),
    )
    return (
        value
        if config.factor is None
        else _of("({value} * {factor}::numeric)", value=value, factor=sql.Literal(config.factor))
    )


def _number_problem(text: Text, config: Column, tests: sql.Composable) -> sql.Composable:
    return _of(
        "case when {filled} is null then null"
        " when not pg_input_is_valid({cleaned}, 'numeric') then {quoted} || ' is not a number' {tests} end",
        filled=text.filled,
        cleaned=_number_text(text.expression, comma=config.decimal_comma),
        quoted=_shown(text.expression),
        tests=tests,
    )


def number(text: Text, config: Column, digits: int, places: int, *, default: object = None) -> Expressions:
    """A decimal number; NaN, infinity, more decimals than the column has and too many digits are refused."""
    value = _number_value(text, config)
    tests = _of(
        "when scale(trim_scale({value})) > {places} then {quoted} || ' has more than ' || {places} || ' decimals'"
        " when abs({value}) >= {limit}::numeric then {quoted} || ' is too large'",
        value=value,
        places=sql.Literal(places),
        quoted=_shown(text.expression),
        limit=sql.Literal(f"1e{digits - places}"),
    )
    return Expressions(
        _with_default(value, default),
        _number_problem(text, config, tests),
        lambda typed: _of(
            "case when scale({typed}) <= {places} or scale(trim_scale({typed})) <= {places} then {typed}"
            " else ('~' || {typed})::numeric end",
            typed=typed,
            places=sql.Literal(places),
        ),
    )


def whole_number(text: Text, config: Column, kind: str, *, default: object = None) -> Expressions:
    """A whole number within the column's range."""
    value = _number_value(text, config)
    tests = _of(
        "when scale(trim_scale({value})) > 0 then {quoted} || ' is not a whole number'"
        " when abs({value}) >= {limit}::numeric then {quoted} || ' is too large'",
        value=value,
        quoted=_shown(text.expression),
        limit=sql.Literal(str(INTEGERS[kind])),
    )
    return Expressions(
        _with_default(value, default),
        _number_problem(text, config, tests),
        lambda typed: _of(
            "case when scale(trim_scale({typed})) <= 0 then {typed} else ('~' || {typed})::numeric end", typed=typed
        ),
    )


def _with_default(value: sql.Composable, default: object) -> sql.Composable:
    if default is None:
        return value
    return _of("coalesce({value}, {default}::numeric)", value=value, default=sql.Literal(str(default)))


def day(text: Text, formats: tuple[str, ...]) -> Expressions:
    """A date; a time of day behind it is left out. "00000000" and "0000-00-00" mean no date."""
    return _moment(text, formats, "date", lambda iso: _of("left({iso}, 10)", iso=iso))


def instant(text: Text, formats: tuple[str, ...]) -> Expressions:
    """An instant; without an offset it is UTC, without a time midnight."""
    return _moment(text, formats, "timestamptz", _unchanged)


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
        direct = _of(
            "when {text} like '____-__-__' and {text} <> '0000-00-00' then {text}::date ", text=text.expression
        )
    value = _of(
        "case {direct}when {text} is null or {none} then null else ({iso}){cast} end",
        direct=direct,
        text=text.expression,
        none=none,
        iso=iso,
        cast=cast,
    )
    wanted = sql.Literal(f" is not a date ({' or '.join(formats or ('YYYY-MM-DD',))} is expected)")
    problem = _of(
        "case when {text} is null or {none} then null"
        " when not pg_input_is_valid({iso}, {kind}) then {quoted} || {wanted} end",
        text=text.expression,
        none=none,
        iso=iso,
        kind=sql.Literal(kind),
        quoted=_shown(text.expression),
        wanted=wanted,
    )
    return Expressions(value, problem)


def _iso(text: sql.Composable, shortened: Callable[[sql.Composable], sql.Composable]) -> sql.Composable:
    """ISO 8601 only: PostgreSQL itself would also read 01/02/2026, and "tomorrow", even behind punctuation."""
    return _of(
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
            _of(
                "when {text} ~ {pattern} then regexp_replace({text}, {pattern}, {replacement}) ",
                text=text,
                pattern=sql.Literal(pattern),
                replacement=sql.Literal(replacement),
            )
        )
    return _of("case {arms}else 'no date' end", arms=sql.Composed(arms))


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


def boolean(text: Text, *, default: bool) -> Expressions:
    """true/false, t/f, 1/0, yes/no, y/n, X and empty, in any case."""
    low = _of("lower(btrim({text}))", text=text.expression)
    value = _of(
        "case when {text} is null then {default} when {low} = any({true}) then true"
        " when {low} = any({false}) then false else ('~' || {text})::boolean end",
        text=text.expression,
        default=sql.Literal(default),
        low=low,
        true=sql.Literal(TRUE),
        false=sql.Literal(FALSE),
    )
    problem = _of(
        "case when not {low} = any({known}) then {quoted} || ' is neither yes nor no' end",
        low=low,
        known=sql.Literal([*TRUE, *FALSE]),
        quoted=_shown(text.expression),
    )
    return Expressions(value, problem)
