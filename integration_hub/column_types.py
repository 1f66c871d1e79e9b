"""How each type of mirror column reads a source's text, as PostgreSQL expressions. Nothing is rounded or cut."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from psycopg import sql

from integration_hub.config import Column

NO_PROBLEM = sql.SQL("null::text")
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


def unchanged(value: sql.Composable) -> sql.Composable:
    """The expression itself."""
    return value


@dataclass(frozen=True)
class Expressions:
    """A typed value, why it may be refused, and the value again so that storing it cannot round."""

    value: sql.Composable
    problem: sql.Composable
    strict: Callable[[sql.Composable], sql.Composable] = unchanged


def composed(template: str, **parts: sql.Composable) -> sql.Composed:
    """A template of these modules with its parts filled in."""
    return sql.SQL(template).format(**parts)


def without_leading_zeros(raw: sql.Composable) -> sql.Composable:
    """ "0000104233" becomes "104233"; a text that is not all digits stays as it is."""
    return composed(
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
    return composed(
        "case btrim(coalesce({raw}, '')){arms} else ('~' || {raw})::integer::text end", raw=raw, arms=sql.Composed(arms)
    )


def reference(text: Text, prefix: str | None, *, required: bool, empty: str | None) -> Expressions:
    """A key: "<source>:<id>" with a prefix, a Salesforce id of 18 characters without."""
    bare = composed("nullif(btrim({text}), '')", text=text.expression)
    value = _eighteen(bare) if prefix is None else composed("{prefix} || {bare}", prefix=sql.Literal(prefix), bare=bare)
    if empty is not None:
        value = composed("coalesce({value}, {empty})", value=value, empty=sql.Literal(empty))
    missing = sql.Literal("is empty") if required else NO_PROBLEM
    if prefix is None:
        wrong = composed(
            "when {bare} !~ '^([a-zA-Z0-9]{{15}}|[a-zA-Z0-9]{{18}})$' then {quoted} || ' is not a Salesforce id'",
            bare=bare,
            quoted=shown(bare),
        )
    else:
        wrong = composed("when length({value}) > 120 then 'is longer than 120 characters'", value=value)
    return Expressions(
        value, composed("case when {bare} is null then {missing} {wrong} end", bare=bare, missing=missing, wrong=wrong)
    )


def _eighteen(bare: sql.Composable) -> sql.Composable:
    """A 15-character id with its three check characters: the capitals of each five characters, read as a number."""
    bits = composed(
        "translate({bare}, {all}, {ones})",
        bare=bare,
        all=sql.Literal(UPPER + OTHERS),
        ones=sql.Literal("1" * len(UPPER) + "0" * len(OTHERS)),
    )
    suffix = sql.SQL(" || ").join(
        composed(
            "substr({alphabet}, 1 + reverse(substr({bits}, {start}, 5))::bit(5)::integer, 1)",
            alphabet=sql.Literal(ID_ALPHABET),
            bits=bits,
            start=sql.Literal(start),
        )
        for start in (1, 6, 11)
    )
    return composed(
        "case when {bare} ~ '^[a-zA-Z0-9]{{15}}$' then {bare} || {suffix} else {bare} end", bare=bare, suffix=suffix
    )


def shown(text: sql.Composable) -> sql.Composable:
    """The beginning of a text in quotation marks, for a reason."""
    return composed("('\"' || left({text}, 60) || '\"')", text=text)


def _number_text(text: sql.Composable, *, comma: bool) -> sql.Composable:
    """The text in PostgreSQL's own notation; what cannot be one gets a mark in front that no number has."""
    bare = composed("btrim({text})", text=text)
    if comma:
        plain_text = composed(
            "case when {bare} ~ {grouped} then replace(replace({bare}, '.', ''), ',', '.') else '~' || {bare} end",
            bare=bare,
            grouped=sql.Literal(GROUPED_COMMA),
        )
    else:
        plain_text = composed(
            "case when {bare} ~ {grouped} then replace({bare}, ',', '') else {bare} end",
            bare=bare,
            grouped=sql.Literal(GROUPED),
        )
    signed = composed(
        "regexp_replace({plain}, {trailing}, '-\\1')", plain=plain_text, trailing=sql.Literal(TRAILING_MINUS)
    )
    return composed(
        "case when {signed} ~ {number} then {signed} else '~' || {signed} end",
        signed=signed,
        number=sql.Literal(NUMBER),
    )


def _number_value(text: Text, config: Column) -> sql.Composable:
    """Digits with one sign in front are cast at once; anything else is brought into that form first."""
    mark = "," if config.decimal_comma else "."
    direct = composed("translate({text}, ',', '.')", text=text.expression) if config.decimal_comma else text.expression
    value = composed(
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
        else composed("({value} * {factor}::numeric)", value=value, factor=sql.Literal(config.factor))
    )


def _number_problem(
    text: Text, config: Column, tests: sql.Composable, *, whole: int, places: int = 0
) -> sql.Composable:
    """What is wrong with a number. Nearly all are plain digits with room to spare: one pattern clears those, because
    the thorough tests cost a hundred times as much.
    """
    point = "," if config.decimal_comma else "[.]"
    fraction = f"({point}[0-9]{{1,{places}}})?" if places else ""
    return composed(
        "case when {filled} is null then null when {text} ~ {usual} then null"
        " when not pg_input_is_valid({cleaned}, 'numeric') then {quoted} || ' is not a number' {tests} end",
        filled=text.filled,
        text=text.expression,
        # A factor may make a number too large or too fine, so then each is tested thoroughly.
        usual=sql.Literal("^$" if config.factor else f"^-?[0-9]{{1,{whole}}}{fraction}$"),
        cleaned=_number_text(text.expression, comma=config.decimal_comma),
        quoted=shown(text.expression),
        tests=tests,
    )


def number(text: Text, config: Column, digits: int, places: int, *, default: object = None) -> Expressions:
    """A decimal number; NaN, infinity, more decimals than the column has and too many digits are refused."""
    value = _number_value(text, config)
    tests = composed(
        "when scale(trim_scale({value})) > {places} then {quoted} || ' has more than ' || {places} || ' decimals'"
        " when abs({value}) >= {limit}::numeric then {quoted} || ' is too large'",
        value=value,
        places=sql.Literal(places),
        quoted=shown(text.expression),
        limit=sql.Literal(f"1e{digits - places}"),
    )
    return Expressions(
        _with_default(value, default),
        _number_problem(text, config, tests, whole=digits - places, places=places),
        lambda typed: composed(
            "case when scale({typed}) <= {places} or scale(trim_scale({typed})) <= {places} then {typed}"
            " else ('~' || {typed})::numeric end",
            typed=typed,
            places=sql.Literal(places),
        ),
    )


def whole_number(text: Text, config: Column, kind: str, *, default: object = None) -> Expressions:
    """A whole number within the column's range."""
    value = _number_value(text, config)
    tests = composed(
        "when scale(trim_scale({value})) > 0 then {quoted} || ' is not a whole number'"
        " when abs({value}) >= {limit}::numeric then {quoted} || ' is too large'",
        value=value,
        quoted=shown(text.expression),
        limit=sql.Literal(str(INTEGERS[kind])),
    )
    return Expressions(
        _with_default(value, default),
        _number_problem(text, config, tests, whole=len(str(INTEGERS[kind])) - 1),
        lambda typed: composed(
            "case when scale(trim_scale({typed})) <= 0 then {typed} else ('~' || {typed})::numeric end", typed=typed
        ),
    )


def _with_default(value: sql.Composable, default: object) -> sql.Composable:
    if default is None:
        return value
    return composed("coalesce({value}, {default}::numeric)", value=value, default=sql.Literal(str(default)))


def boolean(text: Text, *, default: bool) -> Expressions:
    """true/false, t/f, 1/0, yes/no, y/n, X and empty, in any case."""
    low = composed("lower(btrim({text}))", text=text.expression)
    value = composed(
        "case when {text} is null then {default} when {low} = any({true}) then true"
        " when {low} = any({false}) then false else ('~' || {text})::boolean end",
        text=text.expression,
        default=sql.Literal(default),
        low=low,
        true=sql.Literal(TRUE),
        false=sql.Literal(FALSE),
    )
    problem = composed(
        "case when not {low} = any({known}) then {quoted} || ' is neither yes nor no' end",
        low=low,
        known=sql.Literal([*TRUE, *FALSE]),
        quoted=shown(text.expression),
    )
    return Expressions(value, problem)
