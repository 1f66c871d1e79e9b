"""Odoo 15 to 19, read page by page: documents by id, and flat questions for the children of exactly that page."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.adapter import Batch, Capabilities, Question
from integration_hub.erp.http_errors import KEPT
from integration_hub.erp.odoo.check import check_of
from integration_hub.erp.odoo.errors import odd_answer
from integration_hub.erp.odoo.invoices import Invoices
from integration_hub.erp.odoo.kinds import Kind
from integration_hub.erp.odoo.models import MODULES
from integration_hub.erp.odoo.orders import Orders
from integration_hub.erp.odoo.parties import Companies, Contacts, Customers, Products, Rates
from integration_hub.erp.odoo.payments import Payments
from integration_hub.erp.odoo.reader import KEY_ROWS, PAGE_ROWS, Domain, Reader, prefixed
from integration_hub.erp.odoo.rpc import Odoo, at_its_root
from integration_hub.erp.odoo.stock import Deliveries
from integration_hub.erp.odoo.totals import GROUPED, totals_of
from integration_hub.sources import SourceCheck, SourceProblem, Totals

KINDS: Mapping[str, type[Kind]] = {
    "erp_company": Companies,
    "erp_currency_rate": Rates,
    "erp_product": Products,
    "erp_customer": Customers,
    "erp_contact": Contacts,
    "erp_order": Orders,
    "erp_delivery": Deliveries,
    "erp_invoice": Invoices,
    "erp_payment": Payments,
}
MISSING: Mapping[str, tuple[str, ...]] = {
    "erp_invoice": (
        "Receivables that are no invoices, such as opening balances entered as journal entries, are not delivered.",
    ),
    "erp_payment": (
        "Bank lines that settle invoices without a payment show as allocations only.",
        "A payment without a journal entry (from Odoo 18 on) settles nothing before its bank line arrives.",
    ),
}


class OdooAdapter:
    """See Adapter. Nothing is asked before the first use."""

    def __init__(self, source: SourceConfig) -> None:
        self.source = at_its_root(source)
        self.reader = Reader(Odoo(self.source))
        self._kinds: dict[str, Kind] = {}

    @property
    def calls(self) -> int:
        """Requests sent so far."""
        return self.reader.odoo.session.calls

    @property
    def received(self) -> int:
        """Bytes of all answers so far."""
        return self.reader.odoo.session.received

    def check(self) -> SourceCheck:
        """See Adapter."""
        return check_of(self.reader, tuple(dict.fromkeys(self._kind(each).model for each in self._streams())))

    def capabilities(self, stream: StreamConfig) -> Capabilities:
        """See Adapter. Fields are asked for once per model and session."""
        if stream.within:
            return self._beside(stream)
        kind = self._kind(stream)
        for model, name in kind.named_by.items():
            self.reader.labels(model, name)
        return Capabilities(
            kind.header.columns,
            {layout.stream.name: layout.columns for layout in kind.beside.values()},
            self.reader.fields(kind.model),
            cursor="modified" if kind.stamped else "none",
            deletes="sweep",
            counts=True,
            missing=self._missing(kind),
        )

    def pull(self, question: Question) -> Iterator[Batch]:
        """See Adapter. A stream whose module is not installed yields nothing."""
        kind = self._kind(question.stream)
        if not kind.installed:
            return
        limit = self.source.page_rows or PAGE_ROWS
        last = self._place(question)
        for domain in self._domains(kind, question):
            for page in self.reader.pages(kind.model, [*domain, *kind.live()], kind.header.fields, last, limit):
                rows, beside = kind.make(page)
                yield Batch(rows, beside, "" if question.keys is not None else str(page[-1]["id"]))
        if left := kind.left():
            # All of them, and last: a read that goes on begins behind its pages, and knows nothing of what they held.
            for domain in self._domains(kind, question):
                for ids in self._ids(kind.model, [*domain, *left], ""):
                    yield Batch((), gone=ids)

    def keys(self, stream: StreamConfig) -> Iterator[Sequence[str]]:
        """See Adapter."""
        kind = self._document_kind(stream)
        if not kind.installed:
            return
        if not stream.within:
            yield from self._ids(kind.model, [*kind.domain(), *kind.live()], "")
            return
        layout = kind.beside[stream.target]
        for path, own, end in kind.line_keys(stream.target):
            domain = [*prefixed([*kind.domain(), *kind.live()], f"{path}."), *own, *layout.where]
            yield from self._ids(layout.model, domain, end)

    def totals(self, stream: StreamConfig) -> Totals | None:
        """See Adapter. Lines and items are not counted by themselves: they come whole with their documents."""
        if stream.within:
            return None
        kind = self._kind(stream)
        return totals_of(kind) if kind.installed else Totals(0, {column: {} for column in _sums(stream)})

    def close(self) -> None:
        """See Adapter."""
        self.reader.odoo.close()

    def _ids(self, model: str, domain: Domain, end: str) -> Iterator[Sequence[str]]:
        last = 0
        while True:
            behind = [*domain, ["id", ">", last]]
            found = self.reader.ask(model, "search", domain=behind, order="id", limit=KEY_ROWS)
            ids = [int(each) for each in found] if isinstance(found, list) else [0]
            if not ids:
                return
            if ids[0] <= last or any(first >= second for first, second in pairwise(ids)):
                raise odd_answer(self.source, model, "a page of ids repeats itself or is out of order")
            yield [f"{each}{end}" for each in ids]
            last = ids[-1]

    def _document_kind(self, stream: StreamConfig) -> Kind:
        """The kind of a stream, or of the documents that it comes with."""
        own = [each for each in self.source.streams if each.name == (stream.within or stream.name)]
        return self._kind(own[0])

    def _beside(self, stream: StreamConfig) -> Capabilities:
        """What comes with a document, seen by itself."""
        kind = self._document_kind(stream)
        layout = kind.beside[stream.target]
        lacking = tuple(f"This Odoo has no field {name} of {layout.model}." for name in layout.lacking)
        return Capabilities(layout.columns, {}, self.reader.fields(layout.model), missing=lacking)

    def _streams(self) -> Sequence[StreamConfig]:
        return [each for each in self.source.streams if not each.within]

    def _kind(self, stream: StreamConfig) -> Kind:
        if stream.name not in self._kinds:
            kind = KINDS.get(stream.target)
            if kind is None or stream.object not in {"", kind.model}:
                raise SourceProblem(
                    f'The stream "{stream.name}" wants {stream.object or "nothing"} of Odoo in {stream.target}.',
                    f"Odoo fills {', '.join(KINDS)}, and what comes with documents. {KEPT}",
                    "Correct target and object of the stream in hub.toml, or leave it out.",
                )
            within = [each for each in self.source.streams if each.within == stream.name]
            strange = [each for each in within if each.target not in kind.children]
            if strange:
                raise SourceProblem(
                    f'The stream "{strange[0].name}" cannot come with "{stream.name}".',
                    f"With it come {', '.join(kind.children) or 'no others'}. {KEPT}",
                    "Correct within and target of the stream in hub.toml, or leave it out.",
                )
            self._kinds[stream.name] = kind(self.reader, stream, within)
        return self._kinds[stream.name]

    def _missing(self, kind: Kind) -> tuple[str, ...]:
        if not kind.installed:
            return (f"The module {MODULES.get(kind.model, kind.model)} is not installed: the stream is empty.",)
        layouts = [kind.header, *kind.beside.values()]
        lacking = [f"This Odoo has no field {name} of {each.model}." for each in layouts for name in each.lacking]
        hidden = [
            f"The reading user may not read {model}: names from it stay empty."
            for model in kind.named_by
            if model in self.reader.unreadable
        ]
        return (*lacking, *hidden, *MISSING.get(kind.stream.target, ()))

    def _place(self, question: Question) -> int:
        if question.keys is not None or not question.place:
            return 0
        if not question.place.isdigit():
            raise SourceProblem(
                f"The place where the read of {self.source.label} was interrupted cannot be read.",
                KEPT,
                "Read the stream again from the start: manage.py sync --full.",
            )
        return int(question.place)

    def _domains(self, kind: Kind, question: Question) -> Iterator[Domain]:
        """One domain; or one for each thousand of the keys asked for."""
        if question.keys is None:
            yield kind.domain(question.since)
            return
        keys = [int(each) for each in question.keys]
        for start in range(0, len(keys), PAGE_ROWS):
            yield [*kind.domain(), ["id", "in", keys[start : start + PAGE_ROWS]]]


def _sums(stream: StreamConfig) -> Sequence[str]:
    return tuple(GROUPED[stream.target][1]) if stream.target in GROUPED else ()
