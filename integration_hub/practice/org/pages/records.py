"""The records of one object, page by page and by search, and one record with all its fields."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from html import escape
from itertools import islice
from urllib.parse import urlencode

from ..errors import not_found
from ..fields import COMPOUND_TYPES, ID_TYPES, Field, ObjectType, Record, Value
from ..identifiers import to_18
from ..message import Request, Response
from ..org import Org
from .canvas import SHOWN_ON
from .layout import button, choice, field, hidden, page, table

PER_PAGE = 50
COLUMNS = {
    "Account": ("Name", "AccountNumber", "BillingCity", "OwnerId", "SystemModstamp"),
    "Contact": ("Name", "Email", "AccountId", "SystemModstamp"),
    "Opportunity": ("Name", "StageName", "Amount", "CloseDate", "AccountId"),
    "Quote": ("QuoteNumber", "Name", "Status", "TotalPrice", "OpportunityId"),
    "Order": ("OrderNumber", "Status", "TotalAmount", "EffectiveDate", "AccountId"),
    "User": ("Name", "Username", "UserRoleId", "IsActive"),
    "AccountHistory": ("AccountId", "Field", "OldValue", "NewValue", "CreatedDate"),
}


def object_page(org: Org, request: Request, name: str) -> Response:
    """Records that contain `?q=` in any value, newest first; `?page=` counts from 1. ApiError 404 for no object."""
    sobject = _sobject(org, name)
    words, number = request.query.get("q", "").strip(), _page_number(request)
    start = (number - 1) * PER_PAGE
    found = list(islice(_matching(org, sobject, words), start, start + PER_PAGE + 1))
    columns = COLUMNS.get(sobject.name) or tuple(sobject.names()[1:6])
    rows = [_row(org, sobject, columns, record) for record in found[:PER_PAGE]]
    search = (
        f'<form class="search" role="search" method="get"><label for="q">Search in all fields</label>'
        f'<input id="q" name="q" type="search" value="{escape(words)}"><button type="submit">Search</button></form>'
    )
    shown = table(f"{sobject.plural}, page {number}", ("Id", *columns, "State"), rows, "No record fits.")
    body = (
        f'<p class="crumbs"><a href="/practice/">Practice org</a></p><h1>{escape(sobject.plural)}</h1>'
        f'{search}<section class="card">{shown}</section>{_pager(words, number, more=len(found) > PER_PAGE)}'
    )
    return page(f"{sobject.plural} - Practice org", body)


def record_page(org: Org, name: str, record_id: str) -> Response:
    """One record with every field and the buttons to change it. ApiError 404 when there is none."""
    sobject = _sobject(org, name)
    record = org.store.get(sobject.name, to_18(record_id) or "")
    if record is None:
        raise not_found()
    rows = [
        f'<tr><th scope="row">{escape(each.label)}</th><td class="mono muted">{each.name}</td>'
        f'<td class="wrap">{_value(org, each, record.get(each.name))}</td></tr>'
        for each in sobject
        if each.type not in COMPOUND_TYPES
    ]
    title = str(record.get("Name") or record["Id"])
    app = ""
    if sobject.name in SHOWN_ON.values():
        app = f'<p><a href="/practice/canvas/{record["Id"]}">Customer 360 on this page</a></p>'
    shown = table(f"Fields of {title}", ("Field", "API name", "Value"), rows, "No field.")
    back = f'<a href="/practice/objects/{sobject.name}">{escape(sobject.plural)}</a>'
    body = (
        f'<p class="crumbs"><a href="/practice/">Practice org</a> / {back}</p><h1>{escape(title)} {_state(record)}</h1>'
        f'{app}{_buttons(sobject, record)}<section class="card">{shown}</section>'
    )
    return page(f"{title} - Practice org", body)


def _sobject(org: Org, name: str) -> ObjectType:
    found = org.schema.get(name)
    if found is None:
        raise not_found()
    return found


def _page_number(request: Request) -> int:
    text = request.query.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 8 else 1


def _matching(org: Org, sobject: ObjectType, words: str) -> Iterator[Record]:
    folded = words.casefold()
    for record in reversed(org.store.rows[sobject.name].values()):
        if not folded or any(folded in str(value).casefold() for value in record.values() if value is not None):
            yield record


def _row(org: Org, sobject: ObjectType, columns: tuple[str, ...], record: Record) -> str:
    cells = "".join(
        f"<td>{_value(org, sobject.by_name[name.lower()], record.get(name))}</td>"
        for name in columns
        if sobject.has(name)
    )
    link = f'<a class="mono" href="/practice/objects/{sobject.name}/{record["Id"]}">{record["Id"]}</a>'
    return f'<tr><th scope="row">{link}</th>{cells}<td>{_state(record)}</td></tr>'


def _value(org: Org, known: Field, value: Value) -> str:
    if value is None:
        return '<span class="muted">empty</span>'
    if known.type in ID_TYPES and known.reference_to:
        for target in known.reference_to:
            parent = org.store.get(target, str(value)) if target else None
            if parent is not None:
                label = escape(str(parent.get("Name") or value))
                return f'<a href="/practice/objects/{target}/{value}">{label}</a>'
    if isinstance(value, bool):
        return "yes" if value else "no"
    return escape(f"{value:,}" if isinstance(value, Decimal) else str(value))


def _state(record: Record) -> str:
    if not record.get("IsDeleted"):
        return ""
    return f'<span class="badge">{"Merged away" if record.get("MasterRecordId") else "Deleted"}</span>'


def _pager(words: str, number: int, *, more: bool) -> str:
    def link(target: int, label: str) -> str:
        query = escape(urlencode({"q": words, "page": target}))
        return f'<a href="?{query}">{label}</a>'

    before = link(number - 1, "Previous page") if number > 1 else ""
    after = link(number + 1, "Next page") if more else ""
    return f'<nav class="pager" aria-label="Pages">{before}<span>Page {number}</span>{after}</nav>'


def _buttons(sobject: ObjectType, record: Record) -> str:
    here = f"/practice/objects/{sobject.name}/{record['Id']}"
    known = {"sobject": sobject.name, "ids": str(record["Id"]), "next": here}
    buttons = ""
    if sobject.deletable:
        gone = bool(record.get("IsDeleted"))
        buttons = button("undelete", "Undelete", known) if gone else button("delete", "Delete", known)
        buttons += button("hard_delete", "Delete for good", {**known, "next": f"/practice/objects/{sobject.name}"})
    if record.get("IsDeleted") or not sobject.updateable:
        return f'<div class="buttons">{buttons}</div>'
    names = [each.name for each in sobject if each.updateable]
    own = hidden({"sobject": sobject.name, "id": str(record["Id"]), "next": here})
    edit = (
        f'<form class="card edit" method="post" action="/practice/edit" aria-label="Edit one field">{own}'
        f"{choice('edit', 'field', 'Field', names)}{field('edit', 'value', 'New value')}"
        f"{field('edit', 'user', 'Edited by', value='colleague@practice.example')}"
        '<button type="submit">Edit by hand</button></form>'
    )
    return f'<div class="buttons">{buttons}</div>{edit}'
