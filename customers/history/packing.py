"""How the figures of a day become few bytes: lines of text, less what a base says already, compressed.

A line is what COPY writes of a customer: its id and the columns, separated by tabs. Numbers of days that grow by one
every day are written as the day from which they count, so that they stay the same. A packed text begins with the names
of the columns, as tables grow columns over the years; then follows a line for each customer that differs from the base:

    +<line>                             not in the base, or nearly all differs
    -<id>                               in the base only
    =<id> TAB <number>=<value> TAB ...  some columns differ, numbered from 1
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

LEVEL = 6
NULL = "\\N"
Lines = Mapping[str, str]
"""Lines by the id of their customer."""


def compress(columns: Sequence[str], lines: Iterable[str]) -> bytes:
    """A text with its columns' names, compressed."""
    return zlib.compress("\n".join(("\t".join(columns), *lines)).encode(), LEVEL)


def expand(data: bytes) -> tuple[tuple[str, ...], list[str]]:
    """The columns and the lines of a compressed text."""
    head, *lines = zlib.decompress(data).decode().split("\n")
    return tuple(head.split("\t")), lines


def difference(base: Lines, lines: Lines) -> list[str]:
    """What makes `lines` of `base`; both have the same columns."""
    told = [f"-{customer}" for customer in base if customer not in lines]
    for customer, line in lines.items():
        before = base.get(customer)
        if before is None:
            told.append(f"+{line}")
        elif before != line:
            told.append(_changes(customer, before, line))
    return told


def _changes(customer: str, before: str, line: str) -> str:
    pairs = zip(before.split("\t"), line.split("\t"), strict=True)
    changed = "\t".join(f"{number}={new}" for number, (old, new) in enumerate(pairs) if old != new)
    told = f"={customer}\t{changed}"
    return told if len(told) <= len(line) else f"+{line}"


def apply(base: Lines, told: Iterable[str]) -> dict[str, str]:
    """The lines that a difference makes of its base."""
    lines = dict(base)
    for each in told:
        sign, rest = each[0], each[1:]
        if sign == "-":
            del lines[rest]
        elif sign == "+":
            lines[rest.partition("\t")[0]] = rest
        else:
            customer, *changes = rest.split("\t")
            values = lines[customer].split("\t")
            for change in changes:
                number, _, value = change.partition("=")
                values[int(number)] = value
            lines[customer] = "\t".join(values)
    return lines


def by_customer(lines: Iterable[str]) -> dict[str, str]:
    """Lines by the id that they begin with."""
    return {line.partition("\t")[0]: line for line in lines}


def fixed(values: Sequence[str], growing: Sequence[int], day: date) -> list[str]:
    """Numbers of days up to `day`, at the places `growing`, as the ordinal of the day from which they count."""
    made = list(values)
    for place in growing:
        if made[place] != NULL:
            made[place] = str(day.toordinal() - int(made[place]))
    return made
