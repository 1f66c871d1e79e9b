"""Lists of a Frappe site (ERPNext): documents by key, child rows by their documents, counts and sums."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from integration_hub.config import SourceConfig
from integration_hub.erp.http import Allowed, ReadOnlySession
from integration_hub.erp.http_errors import KEPT, broken
from integration_hub.sources import SourceProblem

GET_LIST = "/api/method/frappe.client.get_list"
ALLOWED = (
    Allowed("GET", r"(/[^/]+)*/api/resource/[^/]+"),
    Allowed("POST", r"(/[^/]+)*/api/method/frappe\.client\.get_list"),
    Allowed("GET", r"(/[^/]+)*/api/method/frappe\.client\.(get_count|get_time_zone|has_permission)"),
    Allowed("GET", r"(/[^/]+)*/api/method/frappe\.desk\.form\.load\.getdoctype"),
    Allowed("GET", r"(/[^/]+)*/api/method/frappe\.auth\.get_logged_user"),
    Allowed("GET", r"(/[^/]+)*/api/method/frappe\.utils\.change_log\.get_versions"),
)
LONGEST_QUERY = 3000
"""Characters of a query from which a list is asked for by POST: Frappe's web server takes request lines of 4,094."""

WITHOUT_VALUE = frozenset(
    {"Section Break", "Column Break", "Tab Break", "Fold", "Heading", "HTML", "Button", "Image", "Table"}
)
"""Types of fields that hold nothing of their own."""

Record = dict[str, Any]
Filters = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Listing:
    """One list: fields of a doctype under conditions; `parent` is the doctype whose rights hold for child rows."""

    doctype: str
    fields: tuple[str, ...]
    filters: Filters = ()
    either: Filters = ()
    order: str = "name asc"
    limit: int = 0
    parent: str = ""
    group: str = ""

    def arguments(self) -> dict[str, str]:
        """As Frappe's get_list takes them; a limit of 0 means all."""
        named = {
            "fields": json.dumps(self.fields),
            "filters": json.dumps([list(each) for each in self.filters]),
            "or_filters": json.dumps([list(each) for each in self.either]) if self.either else "",
            "order_by": self.order,
            "limit_page_length": str(self.limit),
            "parent": self.parent,
            "group_by": self.group,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class FrappeLists:
    """Reads lists of one site through a read-only session."""

    source: SourceConfig
    session: ReadOnlySession

    def rows(self, listing: Listing) -> list[Record]:
        """All rows of the list. Raises SourceProblem where a field is not shown to this user."""
        arguments = listing.arguments()
        if len(urlencode(arguments)) > LONGEST_QUERY:
            body = {"doctype": listing.doctype, **arguments}
            found = self.session.post(GET_LIST, body).body
            rows = found.get("message") if isinstance(found, dict) else None
        else:
            found = self.session.get(f"/api/resource/{quote(listing.doctype)}", params=arguments).body
            rows = found.get("data") if isinstance(found, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise broken(self.source, f"it holds no list of {listing.doctype}")
        if rows and not listing.group:
            self._complete(listing, rows[0])
        return rows

    def _complete(self, listing: Listing, row: Record) -> None:
        """Frappe leaves out, without a word, fields above the user's permission level."""
        hidden = [name for name in listing.fields if name not in row]
        if hidden:
            raise SourceProblem(
                f"{self.source.label} does not show {', '.join(hidden[:5])} of {listing.doctype}.",
                f"The reading user's permission level is too low, and figures would be missing. {KEPT}",
                f"Give its role read rights on {listing.parent or listing.doctype} at every permission level.",
            )

    def pages(self, listing: Listing, after: str) -> Iterator[list[Record]]:
        """Pages by name, the first of them behind `after`. Raises SourceProblem where a page repeats."""
        last, before = after, frozenset[str]()
        while True:
            more = [["name", ">", last]] if last else []
            rows = self.rows(replace(listing, filters=[*listing.filters, *more]))
            names = [str(row["name"]) for row in rows]
            self._in_order(listing, names, last, before)
            if rows:
                yield rows
            if len(rows) < listing.limit:
                return
            last, before = names[-1], frozenset(names)

    def _in_order(self, listing: Listing, names: Sequence[str], last: str, before: frozenset[str]) -> None:
        wrong = "a page came twice" if before.intersection(names) or last in names else ""
        if len(set(names)) != len(names):
            wrong = "a row came twice"
        elif not wrong and _descends([last, *names] if last else names):
            wrong = "its rows are out of order"
        elif len(names) > listing.limit:
            wrong = f"{len(names)} rows came where {listing.limit} were asked for"
        if wrong:
            raise broken(self.source, f"{wrong} ({listing.doctype})")

    def children(self, listing: Listing, names: Sequence[str]) -> list[Record]:
        """All child rows of these documents, in the order of each document."""
        conditions: Filters = [["parent", "in", list(names)], ["parenttype", "=", listing.parent], *listing.filters]
        fields = tuple(dict.fromkeys(("name", "parent", "idx", *listing.fields)))
        found = self.rows(
            Listing(listing.doctype, fields, conditions, order="parent asc, idx asc", parent=listing.parent)
        )
        wanted = set(names)
        if any(row["parent"] not in wanted for row in found):
            raise broken(self.source, f"it holds {listing.doctype} of other documents")
        return found

    def described(self, doctype: str) -> dict[str, str]:
        """Fields of a doctype with their types, as its form is built from them. Raises SourceProblem."""
        found = self.session.get("/api/method/frappe.desk.form.load.getdoctype", params={"doctype": doctype}).body
        for document in found.get("docs", ()) if isinstance(found, dict) else ():
            if document.get("name") == doctype:
                fields = (each for each in document.get("fields", ()) if each.get("fieldtype") not in WITHOUT_VALUE)
                return {str(each["fieldname"]): str(each["fieldtype"]) for each in fields}
        return {}

    def method(self, name: str, params: Mapping[str, str] | None = None) -> Any:
        """What a method answers. Raises SourceProblem."""
        found = self.session.get(f"/api/method/{name}", params=params).body
        if not isinstance(found, dict):
            raise broken(self.source, f"{name} answered without a message")
        return found.get("message")


def _descends(names: Sequence[str]) -> bool:
    """Whether two neighbours of the same shape stand the wrong way round.

    How texts sort is the site's collation; only names that differ in nothing but digits compare alike everywhere.
    """
    shape, former = "", ""
    for name in names:
        this = re.sub("[0-9]", "0", name)
        if this == shape and name < former:
            return True
        shape, former = this, name
    return False


@contextmanager
def suppress_lasting() -> Iterator[None]:
    """Go on without what a site does not know or does not show to this user. What may pass is raised."""
    try:
        yield
    except SourceProblem as problem:
        if problem.transient or "(status 401)" in problem.problem:
            raise
