"""ERPs that speak OData v2 or v4, such as SAP S/4HANA and Business Central: everything else is in their profile.

Options of a source of kind "odata" (its profile sets them): `odata` = "v2" or "v4"; `companies` = the entity set that
lists companies, where objects hold {company}; `company` = the entity set below a company that holds its facts;
`sap_client` = the client of an SAP system; `missing.<target>` = what this ERP does not provide, in words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.adapter import Batch, Capabilities, Question
from integration_hub.erp.http import Allowed, ReadOnlySession
from integration_hub.erp.odata.check import clock_warnings, find_companies, skew_of
from integration_hub.erp.odata.columns import COMPANY, OPEN, OPTION
from integration_hub.erp.odata.filters import changed_since, of_keys
from integration_hub.erp.odata.metadata import Metadata, parse
from integration_hub.erp.odata.pages import Service
from integration_hub.erp.odata.plan import FLAT, Plan, described, plan, split_object
from integration_hub.erp.odata.read import Read, only_keys
from integration_hub.erp.odata.receivable import Receivable
from integration_hub.erp.sign_in import SignIn
from integration_hub.sources import SourceCheck, Totals

PAGE_ROWS = 500
KEY_ROWS = 5000
INSTANT_OVERLAP = 30
DAY_OVERLAP = 2880
"""A mark that is a day, of a clock in another time zone: two days are read again."""
UNPROVEN = "not yet proven against a live system"


class ODataAdapter:
    """One OData service, or several below one address. Only GET leaves it, and only to what its profile names."""

    def __init__(self, config: SourceConfig) -> None:
        self._config = config
        self._sign_in = SignIn(config)
        self._version = config.options.get("odata", "v4")
        self._session = ReadOnlySession(
            config, self._allowed(), authorize=self._sign_in.headers, renew=self._sign_in.renew
        )
        always = {"sap-client": config.options["sap_client"]} if "sap_client" in config.options else {}
        self._service = Service(self._session, self._version, always)
        self._metadata: dict[str, Metadata] = {}
        self._companies: Sequence[Mapping[str, str]] | None = None
        self._facts: dict[str, Mapping[str, str]] = {}

    @property
    def calls(self) -> int:
        """Requests sent so far, those for tokens included."""
        return self._session.calls + self._sign_in.calls

    @property
    def received(self) -> int:
        """Bytes of all answers so far."""
        return self._session.received

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def check(self) -> SourceCheck:
        """Sign in, read every service's description, and list the companies. Raises SourceProblem."""
        roots = sorted({split_object(each.object)[0] for each in self._config.streams if not each.within})
        for root in roots:
            self._described(root)
        companies = self._known_companies()
        return SourceCheck(
            label=self._config.label,
            version=f"OData {self._version}, services: {len(roots)}; {UNPROVEN}",
            read_only_proof=(
                "Only GET leaves Customer 360, and only to the entity sets of its profile; OData does not say what "
                f"else the user may do there. Built from documents, {UNPROVEN}."
            ),
            companies=tuple(each.get("name", "") for each in companies),
            warnings=clock_warnings(self._session.skew) + self._unused_companies(),
            proven=False,
        )

    def capabilities(self, stream: StreamConfig) -> Capabilities:
        """Columns as the profile names them, without those that this release does not have."""
        if stream.within:
            documents = next(each for each in self._config.streams if each.name == stream.within)
            known = self._plan(documents)
            table = next(each for each in known.beside if each.stream.name == stream.name)
        else:
            known = self._plan(stream)
            table = known.documents
        metadata = self._described(known.root)
        by_day = any(each.day for each in known.stamps)
        words = self._config.options.get(f"missing.{stream.target}", "")
        return Capabilities(
            columns=table.columns,
            beside={each.stream.name: each.columns for each in known.beside} if not stream.within else {},
            fields=described(table, metadata, known.entity),
            cursor="modified" if known.stamps else "none",
            granularity="day" if by_day else "instant",
            overlap_minutes=DAY_OVERLAP if by_day else INSTANT_OVERLAP,
            counts=not stream.within and not stream.filters,
            missing=(words,) if words else (),
        )

    def pull(self, question: Question) -> Iterator[Batch]:
        """Pages behind the last key, or along next links where keys have no order; lines come with their page."""
        known = self._plan(question.stream)
        read = self._read(known)
        receivable = Receivable(self._service, known) if OPEN in known.documents.columns else None
        if receivable is not None:
            receivable.prepare()
            read.adjust = receivable.adjust
        if question.keys is not None:
            for company, condition in of_keys(known, question.keys, self._version):
                yield from read.documents(company, condition)
            return
        yield from read.batches(changed_since(known, question.since, self._version), question.place)
        if receivable is not None and question.since is not None:
            for condition in list(receivable.involved()):
                yield from read.documents("", condition)

    def keys(self, stream: StreamConfig) -> Iterator[Sequence[str]]:
        """Keys as the mirror writes them, of documents or of what comes with them."""
        name = stream.within or stream.name
        documents = next(each for each in self._config.streams if each.name == name)
        known = self._plan(documents)
        few = only_keys(lambda own, lines: plan(own, lines, self._described(known.root)), known, stream.name)
        read = replace(self._read(few), size=self._config.page_rows or KEY_ROWS)
        separator = stream.columns["key"].separator
        for batch in read.batches([documents.where]):
            rows = batch.beside[stream.name] if stream.within else batch.rows
            yield [separator.join(part or "" for part in row) for row in rows]

    def totals(self, stream: StreamConfig) -> Totals | None:
        """The count; OData v2 and Business Central compute no sums."""
        if stream.within or stream.filters:
            return None
        return Totals(self._read(self._plan(stream)).count(stream.where))

    def _plan(self, stream: StreamConfig) -> Plan:
        beside = [each for each in self._config.streams if each.within == stream.name]
        return plan(stream, beside, self._described(split_object(stream.object)[0]))

    def _read(self, known: Plan) -> Read:
        companies = [""]
        if "{company}" in known.address:
            companies = [each["id"] for each in self._known_companies()]
        size = self._config.page_rows or PAGE_ROWS
        return Read(self._service, known, companies, lambda company: self._facts_of(known, company), size)

    def _described(self, root: str) -> Metadata:
        """The service's metadata, read once."""
        if root not in self._metadata:
            address = f"{root}/$metadata".lstrip("/")
            answer = self._service.get(address, None, {"Accept": "application/xml"})
            self._session.skew = skew_of(answer.headers.get("Date", ""))
            text = answer.body if isinstance(answer.body, str) else ""
            self._metadata[root] = parse(text, self._config.label)
        return self._metadata[root]

    def _known_companies(self) -> Sequence[Mapping[str, str]]:
        if self._companies is None:
            address = self._config.options.get("companies", "")
            self._companies = find_companies(self._service, self._config, address) if address else []
        return self._companies

    def _facts_of(self, known: Plan, company: str) -> Mapping[str, str]:
        """Facts of the company and the source under the names that a profile uses for them."""
        if company not in self._facts:
            facts = {f"{OPTION}/{name}": text for name, text in self._config.options.items()}
            if company:
                own = next(each for each in self._known_companies() if each["id"] == company)
                address = self._config.options.get("company", "").replace("{company}", company)
                rows, _, _ = self._service.rows_of(self._service.get(address, {}).body) if address else ([], 0, "")
                found = {**(rows[0] if rows else {}), **own}
                facts |= {f"{COMPANY}/{name}": str(text) for name, text in found.items() if text}
                facts[COMPANY] = company
            self._facts[company] = facts
        return self._facts[company]

    def _unused_companies(self) -> tuple[str, ...]:
        if not self._config.companies or "companies" in self._config.options:
            return ()
        return ("companies in hub.toml does not limit this source: set where of its streams instead.",)

    def _allowed(self) -> tuple[Allowed, ...]:
        """GET of each entity set that a stream names, of what its rows lead to, and of the services' descriptions."""
        base = re.escape(urlsplit(self._config.url).path.rstrip("/"))
        options = self._config.options
        paths = {f"{base}/{_pattern(options[name])}" for name in ("companies", "company") if name in options}
        for stream in self._config.streams:
            flat = FLAT.fullmatch(stream.object)
            if stream.within and not flat:
                continue
            root, address = split_object(flat[1] if flat else stream.object)
            service = f"{base}/{re.escape(root)}" if root else base
            paths |= {rf"{service}/\$metadata", rf"{service}/{_pattern(address)}(\([^/]*\)/\w+)?"}
        return tuple(Allowed("GET", path) for path in sorted(paths))


def _pattern(address: str) -> str:
    return re.escape(address).replace(re.escape("{company}"), "[^/()]+")
