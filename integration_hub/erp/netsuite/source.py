"""NetSuite through SuiteQL, after its documents and public code; not yet proven against a live system."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.adapter import Batch, Capabilities, Question, Row
from integration_hub.erp.declared import as_rows, columns_of
from integration_hub.erp.http import ReadOnlySession
from integration_hub.erp.http_errors import KEPT
from integration_hub.erp.netsuite.changes import changed_since, gone_since
from integration_hub.erp.netsuite.documents import NetSuiteDocuments, add_codes
from integration_hub.erp.netsuite.keys import keys_beside
from integration_hub.erp.netsuite.lines import ALLOCATIONS, COMPUTED, COMPUTED_OF_LINES, ITEMS, LINE_COLUMNS, LINES
from integration_hub.erp.netsuite.sign_in import TokenSignIn
from integration_hub.erp.netsuite.suiteql import ALLOWED, MOST_ROWS, PATH, Query, Record, SuiteQl, number
from integration_hub.erp.netsuite.sums import summed
from integration_hub.erp.netsuite.tables import ALWAYS, MISSING, TABLES, Table
from integration_hub.erp.sign_in import SignIn
from integration_hub.sources import SourceCheck, SourceProblem, Totals

OWN_FIELD = re.compile("[a-z][a-z0-9_]{0,60}")
PROOF = (
    "Only POST /services/rest/query/v1/suiteql with one statement that begins with SELECT or WITH can leave this "
    "machine, and SuiteQL itself can only read."
)


class NetSuiteAdapter:
    """One account. All records are read by id; changed ones by their stamp, their lines' and their links' in UTC."""

    def __init__(self, config: SourceConfig) -> None:
        self._config = config
        limit = min(config.page_rows or MOST_ROWS, MOST_ROWS)
        by_token = "token_id" in config.options
        self._sign_in: SignIn | TokenSignIn = (
            TokenSignIn(config, PATH, {"limit": str(limit)}) if by_token else SignIn(config)
        )
        self.session = ReadOnlySession(config, ALLOWED, self._sign_in.headers, self._sign_in.renew)
        self._suiteql = SuiteQl(config, self.session, limit)
        self._documents = NetSuiteDocuments(self._suiteql)
        self._single = config.options.get("one_world", "yes") == "no"
        self._currency = only_currency(config)

    @cached_property
    def _companies(self) -> Mapping[str, str]:
        """Id -> name of the subsidiaries that are read. Raises SourceProblem for one of hub.toml that is not seen."""
        if self._single:
            return {}
        seen = {
            str(row["id"]): str(row.get("name", ""))
            for row in self._suiteql.rows(TABLES["subsidiary"].query({"id": "t.id", "name": "t.name"}))
        }
        wanted = self._config.companies
        unknown = [each for each in wanted if each not in seen and each not in seen.values()]
        if unknown:
            raise SourceProblem(
                f'{self._config.label} shows no subsidiary "{unknown[0]}".',
                f"Its documents would look as if they had been deleted. {KEPT}",
                "Correct companies in hub.toml (ids or names), or give the role that subsidiary in NetSuite.",
            )
        return {key: name for key, name in seen.items() if not wanted or key in wanted or name in wanted}

    def check(self) -> SourceCheck:
        """Sign in and look. Raises SourceProblem."""
        if self._single:
            self._suiteql.page("SELECT COUNT(*) AS n FROM customer")
        return SourceCheck(
            label=self._config.label,
            version="NetSuite, SuiteQL over REST v1",
            read_only_proof=PROOF,
            companies=tuple(self._companies.values()),
            proven=False,
        )

    def capabilities(self, stream: StreamConfig) -> Capabilities:
        """What can be had of a kind of record, and what comes with it."""
        table = TABLES.get(stream.object)
        return Capabilities(
            columns=columns_of(stream),
            beside={each.name: columns_of(each) for each in self._config.streams if each.within == stream.name},
            cursor="modified" if table and table.stamped else "none",
            deletes="sweep",
            counts=not stream.within,
            missing=MISSING.get(stream.object, ()),
        )

    def pull(self, question: Question) -> Iterator[Batch]:
        """Records by id. Raises SourceProblem."""
        stream, table = question.stream, self._table(question.stream)
        query = self._of(stream, table)
        if question.keys is not None:
            for start in range(0, len(question.keys), MOST_ROWS):
                chosen = ", ".join(number(key) for key in question.keys[start : start + MOST_ROWS])
                for page in self._suiteql.pages(query.only(f"t.id IN ({chosen})")):
                    yield self._batch(stream, table, page, "")
            return
        if question.since is not None:
            query = query.only(changed_since(table, question.since))
        for page in self._suiteql.pages(query, [question.place] if question.place else []):
            yield self._batch(stream, table, page, str(page[-1]["id"]))
        if question.since is not None:
            yield Batch((), gone=tuple(gone_since(self._suiteql, table, question.since)))

    def _table(self, stream: StreamConfig) -> Table:
        if stream.object not in TABLES:
            raise SourceProblem(
                f'"{stream.object}" of the stream "{stream.name}" is nothing that is read from NetSuite.',
                KEPT,
                f"Use one of: {', '.join(TABLES)}.",
            )
        return TABLES[stream.object]

    def _of(self, stream: StreamConfig, table: Table) -> Query:
        """The stream's query: what it maps, and the account's own fields among that, under its conditions."""
        if any(mark in stream.where for mark in (";", "--", "/*")):
            raise SourceProblem(
                f'The where of "{stream.name}" is no plain condition.', KEPT, "Write one condition in SuiteQL, on t."
            )
        mapped = {*columns_of(stream), *ALWAYS}
        columns = {alias: each for alias, each in table.columns.items() if alias in mapped}
        columns.update(own_fields(stream, {*table.columns, *COMPUTED}, "t"))
        if self._currency:
            columns.update({alias: each for alias, each in self._currency.items() if alias in columns})
        if self._single:
            left_out = {"company"} if self._currency else {"company", "company_currency"}
            columns = {alias: each for alias, each in columns.items() if alias not in left_out}
        conditions = [stream.where]
        if self._config.companies and table.company:
            conditions.append(f"{table.company} IN ({', '.join(number(key) for key in self._companies)})")
        return table.query(columns, *conditions)

    def _batch(self, stream: StreamConfig, table: Table, records: list[Record], place: str) -> Batch:
        beside = self._beside(stream, records) if table.transaction else {}
        return Batch(as_rows(records, columns_of(stream)), beside, place)

    def _beside(self, stream: StreamConfig, records: list[Record]) -> dict[str, Sequence[Row]]:
        add_codes(records)
        found: dict[str, list[Record]] = {}
        within = [each for each in self._config.streams if each.within == stream.name]
        if stream.object != "CustPymt":
            line_stream = next((each for each in within if each.object == LINES), None)
            more = own_fields(line_stream, {*LINE_COLUMNS, *COMPUTED_OF_LINES}, "l") if line_stream else {}
            found[LINES] = self._documents.lines(records, more)
        if stream.object in {"ItemShip", "CustInvc"}:
            self._documents.link(found[LINES], [str(each["id"]) for each in records])
        if stream.object == "CustInvc":
            found[ITEMS], found[ALLOCATIONS] = self._documents.settle(records)
        return {each.name: as_rows(found.get(each.object, ()), columns_of(each)) for each in within}

    def keys(self, stream: StreamConfig) -> Iterator[Sequence[str]]:
        """Ids of all records; for what comes with documents, its keys."""
        parent = next((each for each in self._config.streams if each.name == stream.within), None)
        query = self._of(parent or stream, self._table(parent or stream))
        yield from keys_beside(self._suiteql, stream.object if parent else "", query)

    def totals(self, stream: StreamConfig) -> Totals | None:
        """Count and sums by company, month and currency, as NetSuite computes them."""
        return summed(self._suiteql, self._of(stream, self._table(stream)), stream)

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


def own_fields(stream: StreamConfig, known: set[str], prefix: str) -> dict[str, str]:
    """Fields of the account's own that the stream maps, such as custbody_region. Raises SourceProblem."""
    found = [name for name in columns_of(stream) if name not in known]
    wrong = [name for name in found if not OWN_FIELD.fullmatch(name)]
    if wrong:
        raise SourceProblem(
            f'"{wrong[0][:60]}" of the stream "{stream.name}" is no name of a NetSuite field.',
            KEPT,
            "Write its internal id in lower case, such as custbody_region, in hub.toml.",
        )
    return {name: f"{prefix}.{name}" for name in found}


def only_currency(config: SourceConfig) -> dict[str, str]:
    """What stands for the currency in an account without multiple currencies. Raises SourceProblem."""
    code = config.options.get("currency", "")
    if code and not re.fullmatch("[A-Z]{3}", code):
        raise SourceProblem(
            f'The currency "{code[:20]}" of {config.label} is no ISO code.',
            KEPT,
            'Write currency = "USD" in [sources.options] of hub.toml, or leave it out.',
        )
    return {"currency": f"'{code}'", "company_currency": f"'{code}'", "exchange_rate": "1"} if code else {}
