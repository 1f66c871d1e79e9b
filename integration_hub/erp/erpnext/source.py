"""ERPNext through Frappe's REST interface, after its documents and sources; not yet proven against a live system."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from zoneinfo import ZoneInfo

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.adapter import Batch, Capabilities, Question
from integration_hub.erp.declared import columns_of
from integration_hub.erp.erpnext.changes import ErpNextChanges
from integration_hub.erp.erpnext.fields import ErpNextFields
from integration_hub.erp.erpnext.frappe_lists import ALLOWED, Filters, FrappeLists, Listing, Record, suppress_lasting
from integration_hub.erp.erpnext.pages import ErpNextPages
from integration_hub.erp.erpnext.site_time import to_local, zone_of
from integration_hub.erp.erpnext.sums import summed
from integration_hub.erp.erpnext.tables import MISSING, OF_COMPANY, POSTED_ONLY
from integration_hub.erp.http import ReadOnlySession
from integration_hub.erp.http_errors import KEPT
from integration_hub.erp.sign_in import SignIn
from integration_hub.sources import SourceCheck, SourceProblem, Totals

PAGE_ROWS = 500
IN_ONE = 500
"""Names in one condition."""
TRIED = frozenset({"Customer", "Sales Order", "Sales Invoice", "Payment Entry"})
PROOF = (
    "Only lists, counts and five named questions can be asked: no address that writes, submits, cancels or deletes is "
    "on the list of what may leave this machine."
)


class ErpNextAdapter:
    """One site. A document's `modified` is its change mark; documents touched by others come in the same read."""

    def __init__(self, config: SourceConfig) -> None:
        self._config, self._sign_in = config, SignIn(config)
        self.session = ReadOnlySession(config, ALLOWED, self._sign_in.headers, self._sign_in.renew)
        self._lists = FrappeLists(config, self.session)
        self._limit = config.page_rows or PAGE_ROWS

    @cached_property
    def _zone(self) -> ZoneInfo:
        """The site's own time zone, in which it writes every stamp."""
        named = self._config.options.get("time_zone", "")
        if not named:
            with suppress_lasting():  # then zone_of says that it is not known, and what to do
                answer = self._lists.method("frappe.client.get_time_zone")
                named = str(answer.get("time_zone") or "") if isinstance(answer, dict) else ""
        return zone_of(self._config, named)

    @cached_property
    def _versions(self) -> dict[str, str]:
        """App -> version; empty where the user may not ask."""
        with suppress_lasting():
            answer = self._lists.method("frappe.utils.change_log.get_versions")
            if isinstance(answer, dict):
                return {app: str(each.get("version", "")) for app, each in answer.items() if isinstance(each, dict)}
        return {}

    @cached_property
    def _companies(self) -> dict[str, str]:
        """Company -> its currency. Raises SourceProblem for a company of hub.toml that the user does not see."""
        rows = self._lists.rows(Listing("Company", ("name", "default_currency")))
        seen = {str(row["name"]): str(row["default_currency"] or "") for row in rows}
        unknown = [name for name in self._config.companies if name not in seen]
        if unknown:
            raise SourceProblem(
                f'{self._config.label} shows no company "{unknown[0]}".',
                f"Its documents would look as if they had been deleted. {KEPT}",
                "Correct companies in hub.toml, or let the reading user see that company in ERPNext.",
            )
        return {name: seen[name] for name in self._config.companies or seen}

    @cached_property
    def _pages(self) -> ErpNextPages:
        return ErpNextPages(self._config, self._lists, ErpNextFields(self._lists, self._zone, self._companies))

    @cached_property
    def _changes(self) -> ErpNextChanges:
        return ErpNextChanges(self._lists)

    def check(self) -> SourceCheck:
        """Sign in and look. Raises SourceProblem."""
        user = str(self._lists.method("frappe.auth.get_logged_user") or "")
        companies, zone = self._companies, self._zone
        version = ", ".join(f"{app} {self._versions[app]}" for app in ("erpnext", "frappe") if app in self._versions)
        return SourceCheck(
            label=self._config.label,
            version=f"{version or 'ERPNext of unknown version'}, site time {zone.key}",
            read_only_proof=PROOF,
            companies=tuple(companies),
            warnings=tuple(self._may_write(user)),
            proven=False,
        )

    def _may_write(self, user: str) -> Iterator[str]:
        for doctype in (each.object for each in self._config.streams if each.object in TRIED):
            found = self._lists.rows(Listing(doctype, ("name",), limit=1))
            if not found:
                continue
            asked = {"doctype": doctype, "docname": str(found[0]["name"]), "perm_type": "write"}
            answer = self._lists.method("frappe.client.has_permission", asked)
            if isinstance(answer, dict) and answer.get("has_permission") in (True, "1"):
                yield f"The user {user} could write {doctype} in ERPNext: give it a role that only reads."
                return

    def capabilities(self, stream: StreamConfig) -> Capabilities:
        """What can be had of a document type, and what comes with it."""
        fields: dict[str, str] = {}
        with suppress_lasting():
            fields = {} if self._pages.is_computed(stream) else self._lists.described(stream.object)
        beside = {each.name: columns_of(each) for each in self._config.streams if each.within == stream.name}
        return Capabilities(
            columns=columns_of(stream),
            beside=beside,
            fields=fields,
            granularity="instant",
            deletes="sweep",
            counts=not stream.within,
            missing=MISSING.get(stream.object, ()),
        )

    def pull(self, question: Question) -> Iterator[Batch]:
        """Documents by name, and last those that others touched. Raises SourceProblem."""
        stream, since = question.stream, question.since
        conditions = self._conditions(stream)
        if question.keys is not None:
            yield from self._named(stream, question.keys, conditions, "")
            return
        if since is None:
            yield from self._walk(stream, conditions, question.place.removeprefix("n"))
            return
        bound = to_local(self._zone, since)
        if not question.place.startswith("t"):
            changed: Filters = [*conditions, ["modified", ">=", bound]]
            yield from self._walk(stream, changed, question.place.removeprefix("n"))
        after = question.place[1:] if question.place.startswith("t") else ""
        touched = self._changes.touched(stream.object, bound)
        rest: Filters = [*conditions, ["modified", "<", bound]]  # those at or after it have just come
        yield from self._named(stream, [name for name in touched if name > after], rest, "t")
        yield Batch((), gone=self._changes.gone(stream.object, bound))

    def _walk(self, stream: StreamConfig, conditions: Filters, after: str) -> Iterator[Batch]:
        for documents in self._lists.pages(self._listing(stream, conditions), after):
            yield self._batch(stream, documents, f"n{documents[-1]['name']}")

    def _named(self, stream: StreamConfig, names: Sequence[str], conditions: Filters, mark: str) -> Iterator[Batch]:
        size = min(self._limit, IN_ONE)
        for start in range(0, len(names), size):
            chosen = list(names[start : start + size])
            listing = self._listing(stream, [*conditions, ["name", "in", chosen]])
            documents = self._lists.rows(replace(listing, limit=0))
            yield self._batch(stream, documents, f"{mark}{chosen[-1]}" if mark else "")

    def _batch(self, stream: StreamConfig, documents: list[Record], place: str) -> Batch:
        rows, beside = self._pages.complete(stream, documents)
        return Batch(rows, beside, place)

    def _listing(self, stream: StreamConfig, conditions: Filters) -> Listing:
        return Listing(stream.object, self._pages.fields(stream), conditions, limit=self._limit)

    def _conditions(self, stream: StreamConfig) -> list[list[object]]:
        """Those of the stream's `where`, and the companies of hub.toml."""
        found = self._pages.where(stream)
        if stream.object in POSTED_ONLY:
            found.append(["docstatus", "=", 1])
        if self._config.companies and stream.object in OF_COMPANY:
            found.append(["company", "in", list(self._companies)])
        if self._config.companies and stream.object == "Company":
            found.append(["name", "in", list(self._companies)])
        return found

    def keys(self, stream: StreamConfig) -> Iterator[Sequence[str]]:
        """Names of all rows; those of computed rows from the documents that they are computed of."""
        parent = next((each for each in self._config.streams if each.name == stream.within), None)
        if parent is None:
            listing = Listing(stream.object, ("name",), self._conditions(stream), limit=5000)
            for page in self._lists.pages(listing, ""):
                yield [str(row["name"]) for row in page]
        elif self._pages.is_computed(stream):
            bare = replace(parent, columns={})
            for documents in self._lists.pages(self._listing(bare, self._conditions(parent)), ""):
                yield self._pages.computed_keys(parent, stream, documents)
        else:
            listing = Listing(stream.object, ("name",), [["parenttype", "=", parent.object]], limit=5000)
            for page in self._lists.pages(replace(listing, parent=parent.object), ""):
                yield [str(row["name"]) for row in page]

    def totals(self, stream: StreamConfig) -> Totals | None:
        """Count and sums by company and currency, as the site's database computes them."""
        modern = int((self._versions.get("frappe", "").split(".")[0] or "0").removeprefix("v") or 0) >= 16
        return summed(self._lists, stream, self._conditions(stream), modern=modern)

    @property
    def calls(self) -> int:
        """Requests so far."""
        return self.session.calls + self._sign_in.calls

    @property
    def received(self) -> int:
        """Bytes of all answers so far."""
        return self.session.received

    def close(self) -> None:
        """End the session."""
        self.session.close()
