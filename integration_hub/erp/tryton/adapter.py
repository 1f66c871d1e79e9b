"""Tryton 8.0 and later, read through its REST interface with the key of a user application."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp import http
from integration_hub.erp.adapter import Batch, Capabilities, Question
from integration_hub.erp.tryton.check import check, companies_wanted
from integration_hub.erp.tryton.documents import Deliveries, Orders
from integration_hub.erp.tryton.fields import Catalogue
from integration_hub.erp.tryton.invoices import Invoices
from integration_hub.erp.tryton.parties import Customers
from integration_hub.erp.tryton.payments import Payments
from integration_hub.erp.tryton.plan import Companies, Contacts, Plan, Products
from integration_hub.erp.tryton.rates import CurrencyRates, Rates
from integration_hub.erp.tryton.wire import Wire
from integration_hub.sources import SourceCheck, Totals

PLANS: Mapping[str, type[Plan]] = {
    "company.company": Companies,
    "currency.currency.rate": CurrencyRates,
    "party.party": Customers,
    "party.relation.all": Contacts,
    "product.product": Products,
    "stock.shipment.out": Deliveries,
    "account.move.line": Payments,
}
"""How models are read that are more than plain records."""
VALUED: Mapping[str, type[Orders] | type[Invoices]] = {"sale.sale": Orders, "account.invoice": Invoices}
"""Those whose foreign documents need rates."""
OPTIONAL = frozenset({"party.relation.all"})
"""Models of modules that many a Tryton does without: their streams are empty there."""


class TrytonAdapter:
    """One database of a Tryton server. Companies are looked up at the first question and stay for its life."""

    def __init__(self, config: SourceConfig, pauses: tuple[float, ...] | None = None) -> None:
        self._wire = Wire(config, http.PAUSES if pauses is None else pauses)
        self._catalogue = Catalogue(self._wire)
        self._rates = Rates(self._wire)
        self._streams = config.streams
        self._companies: list[str] | None = None
        self._plans: dict[str, Plan] = {}

    def check(self) -> SourceCheck:
        """Sign in and look. Raises SourceProblem."""
        return check(self._wire)

    def capabilities(self, stream: StreamConfig) -> Capabilities:
        """What can be had of the stream; asks Tryton's register of fields once."""
        if stream.within:
            can = self._plan(self._stream(stream.within)).capabilities()
            return replace(can, columns=can.beside[stream.name], beside={}, cursor="none")
        if self._absent(stream):
            return Capabilities(columns=("key", *_named(stream)), missing=(f"{stream.object} (module not activated)",))
        return self._plan(stream).capabilities()

    def pull(self, question: Question) -> Iterator[Batch]:
        """Pages by id, each document with everything that belongs to it."""
        if self._absent(question.stream):
            return iter(())
        return self._plan(question.stream).pull(question)

    def keys(self, stream: StreamConfig) -> Iterator[Sequence[str]]:
        """Ids, a few thousand at a time; of lines those that come with their documents."""
        if stream.within:
            return self._plan(self._stream(stream.within)).line_keys(stream.name)
        return iter(()) if self._absent(stream) else self._plan(stream).keys()

    def totals(self, stream: StreamConfig) -> Totals | None:
        """REST counts nothing."""
        return None

    @property
    def calls(self) -> int:
        """Requests sent so far."""
        return self._wire.session.calls

    @property
    def received(self) -> int:
        """Bytes of all answers so far."""
        return self._wire.session.received

    def close(self) -> None:
        """End the session."""
        self._wire.session.close()

    def _stream(self, name: str) -> StreamConfig:
        return next(stream for stream in self._streams if stream.name == name)

    def _absent(self, stream: StreamConfig) -> bool:
        return stream.object in OPTIONAL and not self._catalogue.fields(stream.object)

    def _plan(self, stream: StreamConfig) -> Plan:
        """How the stream is read, thought out once."""
        if stream.name not in self._plans:
            within = {each.name: each for each in self._streams if each.within == stream.name}
            companies = self._chosen()
            if stream.object in VALUED:
                kind = VALUED[stream.object]
                plan: Plan = kind(self._wire, self._catalogue, stream, within, companies, rates=self._rates)
            else:
                plan = PLANS.get(stream.object, Plan)(self._wire, self._catalogue, stream, within, companies)
            self._plans[stream.name] = plan
        return self._plans[stream.name]

    def _chosen(self) -> Sequence[str]:
        """Ids of the companies that hub.toml names; empty for all. The first one's settings are seen on parties."""
        if self._companies is None:
            wanted = companies_wanted(self._wire)
            if wanted:
                self._wire.context["company"] = int(wanted[0].id)
            self._companies = [each.id for each in wanted] if self._wire.source.companies else []
        return self._companies


def _named(stream: StreamConfig) -> list[str]:
    """Source columns of the stream's mapping."""
    return list(dict.fromkeys(name for column in stream.columns.values() for name in column.source))
