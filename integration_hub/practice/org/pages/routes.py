"""Which address below /practice/ shows which page."""

from __future__ import annotations

from html import escape

from ..errors import ApiError
from ..message import Request, Response
from ..org import Org
from .canvas import canvas_page
from .layout import page, style
from .overview import overview
from .records import object_page, record_page

LONGEST_PATH = 3


def operator_page(org: Org, request: Request, path: str) -> Response | None:
    """The page of this path, or None when there is none; ApiError 404 for objects and records that are not there."""
    if path == "":
        return overview(org, request)
    if path == "style.css":
        return style()
    parts = path.split("/")
    if parts[0] == "canvas" and len(parts) == 2:
        return canvas_page(org, request, parts[1])
    if parts[0] != "objects" or not 1 < len(parts) <= LONGEST_PATH:
        return None
    return object_page(org, request, parts[1]) if len(parts) == 2 else record_page(org, parts[1], parts[2])


def refused_page(error: ApiError) -> Response:
    """A refusal for a person: what was wrong, and the way back."""
    body = (
        f'<h1>That did not work</h1><p class="lead">{escape(error.message)}</p>'
        '<p>Nothing was changed. <a href="/practice/">Back to the practice org</a></p>'
    )
    return page("That did not work - Practice org", body, status=error.status)
