"""The frame of every operator page, and the few pieces they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from ..message import Response

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STYLE = Path(__file__).with_name("style.css")
FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/practice/style.css">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div class="wide">
<a class="brand" href="/practice/">Practice org</a>
<nav aria-label="Sections"><a href="/practice/#records">Records</a><a href="/practice/#drill">Fire drill</a>
<a href="/practice/#deeds">Deeds</a><a href="/practice/#calls">Last calls</a></nav>
</div></header>
<main id="main" class="wide">
{body}
</main>
</body>
</html>
"""


def page(title: str, body: str, *, status: int = 200) -> Response:
    """A whole page; `body` is HTML, the title is text."""
    text = FRAME.format(title=escape(title), body=body)
    return Response(status, text, {"Content-Security-Policy": POLICY}, "text/html; charset=UTF-8")


def style() -> Response:
    """The style sheet."""
    return Response(200, STYLE.read_text("utf-8"), content_type="text/css; charset=UTF-8")


def table(caption: str, heads: Iterable[str], rows: Iterable[str], empty: str) -> str:
    """A table in a frame that scrolls sideways on a narrow screen; a head that starts with `#` holds numbers."""
    columns = [f'<th scope="col"{_number(head)}>{escape(head.removeprefix("#"))}</th>' for head in heads]
    body = "".join(rows) or f'<tr><td class="muted" colspan="{len(columns)}">{escape(empty)}</td></tr>'
    name = escape(caption)
    return (
        f'<div class="scroll" role="region" aria-label="{name}" tabindex="0"><table>'
        f'<caption class="vh">{name}</caption>'
        f"<thead><tr>{''.join(columns)}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _number(head: str) -> str:
    return ' class="num"' if head.startswith("#") else ""


def button(action: str, label: str, values: Mapping[str, str], *, kind: str = "") -> str:
    """A form that is nothing but one button."""
    return (
        f'<form method="post" action="/practice/{action}">{hidden(values)}'
        f'<button type="submit" class="{kind}">{escape(label)}</button></form>'
    )


def hidden(values: Mapping[str, str]) -> str:
    """Values that a form sends along unseen."""
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in values.items()
    )


def field(key: str, name: str, label: str, *, value: str = "", attributes: str = "") -> str:
    """A labelled text input; `key` makes its id unique on the page."""
    known = f"{key}-{name}"
    return (
        f'<p class="field"><label for="{known}">{escape(label)}</label>'
        f'<input id="{known}" name="{name}" value="{escape(value)}" {attributes}></p>'
    )


def choice(key: str, name: str, label: str, options: Iterable[str], chosen: str = "") -> str:
    """A labelled list to choose from."""
    known = f"{key}-{name}"
    items = "".join(f"<option{' selected' if each == chosen else ''}>{escape(each)}</option>" for each in options)
    return (
        f'<p class="field"><label for="{known}">{escape(label)}</label>'
        f'<select id="{known}" name="{name}">{items}</select></p>'
    )
