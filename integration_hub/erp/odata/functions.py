"""The functions that a profile's source columns may use (see odata_columns): from texts of a row to a text."""

from collections.abc import Callable, Mapping
from typing import Any

from integration_hub.erp.odata.values import divided

Row = Mapping[str, Any]
Text = Callable[[Row, Row, Mapping[str, str]], str | None]
"""From a row, the document it comes with, and facts of company and source, to text."""


def _latest(texts: list[Text]) -> Text:
    return lambda row, up, facts: max(text(row, up, facts) or "" for text in texts) or None


def _first(texts: list[Text]) -> Text:
    return lambda row, up, facts: next((found for text in texts if (found := text(row, up, facts))), None)


def picking(text: Text, cases: Mapping[str, str]) -> Text:
    """The case that a text is; `*` stands for any other."""
    other = cases.get("*", "")
    return lambda row, up, facts: cases.get(text(row, up, facts) or "", other) or None


def _part(texts: list[Text]) -> Text:
    def text(row: Row, up: Row, facts: Mapping[str, str]) -> str | None:
        # Amounts of one document are written alike, so equal amounts are equal texts up to zeros.
        still, total = (_plain_amount(each(row, up, facts)) for each in texts[:2])
        return "none" if still == "0" else "whole" if still == total else "part"

    return text


def _plain_amount(text: str | None) -> str:
    if not text:
        return "0"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _ratio(texts: list[Text]) -> Text:
    return lambda row, up, facts: divided(texts[0](row, up, facts), texts[1](row, up, facts))


def _rate(texts: list[Text]) -> Text:
    def text(row: Row, up: Row, facts: Mapping[str, str]) -> str | None:
        rate = texts[0](row, up, facts)
        return divided("1", rate) if texts[1](row, up, facts) == "true" else rate

    return text


def _words(texts: list[Text]) -> Text:
    return lambda row, up, facts: " ".join(found for text in texts if (found := text(row, up, facts))) or None


FUNCTIONS: Mapping[str, Callable[[list[Text]], Text]] = {
    "max": _latest,
    "first": _first,
    "part": _part,
    "ratio": _ratio,
    "rate": _rate,
    "words": _words,
}
