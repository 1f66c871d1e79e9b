"""Asks a real org what documentation leaves open, and writes an anonymised transcript. This module only reads."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from integration_hub.config import SalesforceConfig
from integration_hub.salesforce.asking import Answer, Asker
from integration_hub.salesforce.probe_masking import Masker
from integration_hub.salesforce.soql import select
from integration_hub.sources import SourceProblem

PAUSE = 2.0
POLLS = 60
CURSORS = 12
LENGTHS = (4_000, 8_000, 12_000, 16_000, 16_400, 20_000, 33_000)
"""Characters of a query that is sent in an address."""
UNSURE_OBJECTS = ("AccountShare", "AccountTeamMember", "UserRole", "CurrencyType", "Quote", "Order")


@dataclass
class Probe:
    """One visit. `lines` is the transcript: each step with its masked request and answer, and what follows from it."""

    asker: Asker
    mask: Masker = field(default_factory=Masker)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def step(
        self,
        point: int,
        title: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        csv: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask and write down. Raises OrgUnreachable when nothing comes back."""
        answer = self.asker.ask(method, path, params=params, body=body, csv=csv, headers=headers)
        is_json = isinstance(answer.body, dict | list)
        self.lines.append(
            {
                "point": point,
                "step": title,
                "method": method,
                "path": self.mask.path(path.partition("?")[0]),
                "status": answer.status,
                "headers": self.mask.headers(answer.headers),
                "body": self.mask.shape(answer.body) if is_json else self.mask.csv(answer.text),
            }
        )
        return answer

    def note(self, point: int, text: str) -> None:
        """Write down what was concluded, in words that name nobody."""
        self.lines.append({"point": point, "note": text})

    def attempt(self, point: int, what: Callable[["Probe"], None]) -> None:
        """Do one point; what stops it is noted, and the others go on."""
        try:
            what(self)
        except SourceProblem as problem:
            self.note(point, f"stopped: {self.mask.text(problem.problem)}")
        except (KeyError, TypeError, ValueError, IndexError) as error:
            # An answer of an unforeseen shape is what a probe is for; the step above it shows the shape.
            self.note(point, f"stopped: the answer could not be read ({type(error).__name__})")


def open_probe(config: SalesforceConfig) -> Probe:
    """Sign in. Raises SalesforceProblem and its kinds."""
    probe = Probe(Asker(config))
    probe.lines.append({"transcript": "salesforce_probe", "format": 1, "api_version": config.api_version})
    return probe


def read_points(probe: Probe) -> None:
    """Every open point that can be settled without writing."""
    probe.attempt(1, _ingest_jobs_there)
    probe.attempt(3, _stamps)
    probe.attempt(5, results_asked_early)
    probe.attempt(7, _number_fields)
    probe.attempt(8, _cursors)
    probe.attempt(8, _long_queries)
    probe.attempt(9, _columns)


def _ingest_jobs_there(probe: Probe) -> None:
    """Result files of an ingest job that is there already, such as that of an earlier push."""
    answer = probe.step(1, "list of ingest jobs", "GET", "jobs/ingest")
    ended = [job for job in answer.body["records"] if job.get("jobType") == "V2Ingest" or job.get("state")]
    done = next((job["id"] for job in ended if job["state"] in {"JobComplete", "Failed"}), None)
    if done is None:
        probe.note(1, "no ended ingest job is there: only --write can tell")
        return
    result_files(probe, str(done))


def result_files(probe: Probe, job: str) -> None:
    """The three result files of an ended ingest job, and both spellings of the third."""
    for name in ("successfulResults", "failedResults", "unprocessedrecords", "unprocessedRecords"):
        probe.step(1, name, "GET", f"jobs/ingest/{job}/{name}/", headers={"Accept": "text/csv"})


def _stamps(probe: Probe) -> None:
    fields = probe.asker.describe("Account").fields.values()
    calculated = sum(info.calculated for info in fields)
    probe.note(3, f"Account has {'some' if calculated else 'no'} formula or roll-up fields")
    soql = select(["Id", "SystemModstamp", "LastModifiedDate"], "Account") + " ORDER BY SystemModstamp DESC LIMIT 200"
    rows = probe.step(3, "newest stamps", "GET", "query/", params={"q": soql}).body["records"]
    equal = sum(row["SystemModstamp"] == row["LastModifiedDate"] for row in rows)
    later = sum(row["SystemModstamp"] > row["LastModifiedDate"] for row in rows)
    share = "all" if rows and equal == len(rows) else "some" if equal else "none"
    probe.note(3, f"stamp equals LastModifiedDate in {share} of the newest; later in {'some' if later else 'none'}")


def results_asked_early(probe: Probe) -> None:
    """Point 5: results of a query job before it is complete; a query job changes nothing in the org's data."""
    order = {"operation": "query", "query": "SELECT Id FROM Account LIMIT 2000"}
    made = probe.step(5, "query job", "POST", "jobs/query", body=order)
    if made.status >= 300:
        return
    path = f"jobs/query/{made.body['id']}"
    probe.step(5, "results at once", "GET", f"{path}/results", headers={"Accept": "text/csv"})
    state = wait_for_job(probe, 5, path)
    if state == "JobComplete":
        probe.step(5, "results when complete", "GET", f"{path}/results", headers={"Accept": "text/csv"})
    probe.step(5, "delete the query job", "DELETE", path)


def wait_for_job(probe: Probe, point: int, path: str) -> str:
    """Poll to the end or to the last try; the state then. Only the last answer is written down."""
    for _ in range(POLLS):
        state = str(probe.asker.get(path)["state"])
        if state in {"JobComplete", "Failed", "Aborted"}:
            break
        time.sleep(PAUSE)
    return str(probe.step(point, "job when it has ended", "GET", path).body["state"])


def _number_fields(probe: Probe) -> None:
    infos = probe.asker.describe("Account").fields.values()
    for kind in ("percent", "currency", "double"):
        sizes = sorted({f"({info.precision}, {info.scale})" for info in infos if info.type == kind})
        probe.note(7, f"{kind} fields of Account: {' '.join(sizes) or 'none'}")


def _cursors(probe: Probe) -> None:
    """How many queries one user can have open: the first is continued after many others were begun."""
    first = ""
    for number in range(CURSORS):
        answer = probe.asker.ask(
            "GET",
            "query/",
            params={"q": select(["Id"], "Account") + f" ORDER BY Id LIMIT {2_001 + number}"},
            headers={"Sforce-Query-Options": "batchSize=200"},
        )
        following = answer.body.get("nextRecordsUrl") if isinstance(answer.body, dict) else None
        if not following:
            probe.note(8, "fewer accounts than a page: cursors cannot be tried")
            return
        first = first or str(following)
    probe.note(8, f"the locator has {len(first.rpartition('/')[2])} characters")
    page = probe.asker.ask("GET", first)
    outcome = "goes on" if page.status == 200 else f"status {page.status} {probe.mask.shape(page.body)}"
    probe.note(8, f"the first of {CURSORS} open queries: {outcome}")


def _long_queries(probe: Probe) -> None:
    for length in LENGTHS:
        soql = "SELECT Id FROM Account WHERE Id = null"
        soql += " OR Id = null" * ((length - len(soql)) // len(quote_plus(" OR Id = null")))
        answer = probe.asker.ask("GET", "query/", params={"q": soql})
        text = f"a query of {len(quote_plus(soql))} characters in the address: status {answer.status} {_code(answer)}"
        probe.note(8, text.strip())


def _code(answer: Answer) -> str:
    return answer.code if answer.status >= 300 else ""


def _columns(probe: Probe) -> None:
    for sobject in UNSURE_OBJECTS:
        answer = probe.asker.ask("GET", f"sobjects/{sobject}/describe")
        if answer.status >= 300:
            probe.note(9, f"{sobject}: status {answer.status} {answer.code}")
            continue
        fields = list(_standard(answer.body["fields"]))
        probe.note(9, f"{sobject}: {', '.join(fields)}")


def _standard(fields: list[Mapping[str, Any]]) -> Iterator[str]:
    """Name and type of the fields that every org has; those of this org name its business."""
    for each in fields:
        name = str(each["name"])
        if "__" not in name and not each.get("custom"):
            yield f"{name} {each['type']}"
