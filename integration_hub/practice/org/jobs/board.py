"""The Bulk jobs of the org and how their states move on from poll to poll."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

QUERY, INGEST = "query", "ingest"
RUNNING = frozenset({"UploadComplete", "InProgress"})
TERMINAL = frozenset({"JobComplete", "Failed", "Aborted"})
MOST_FINISHED = 200
JobLines = dict[str, dict[str, Any] | None]


@dataclass
class Job:
    """One job with its data: CSV records are kept as raw text lines without their line end."""

    id: str
    kind: str
    operation: str
    object: str
    created_by: str
    created: str
    version: str
    state: str
    line_ending: str = "LF"
    delimiter: str = "COMMA"
    query: str = ""
    external_id: str = ""
    uploaded: bool = False
    upload: str = ""
    header: str = ""
    results: Sequence[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unprocessed: list[str] = field(default_factory=list)
    outcome: str = "JobComplete"
    error_message: str | None = None
    polls_left: int = 1

    def poll(self) -> None:
        """Move on as a real job does between two looks: some polls in progress, then the outcome."""
        if self.state not in RUNNING:
            return
        self.polls_left -= 1
        self.state = self.outcome if self.polls_left <= 0 else "InProgress"

    def dump(self) -> dict[str, Any]:
        """The job with all its lines, for the journal."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {"results": list(self.results)}

    @property
    def end_of_line(self) -> str:
        """The line end of uploads and results."""
        return "\r\n" if self.line_ending == "CRLF" else "\n"


class JobBoard:
    """Jobs by id."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._changed: dict[str, tuple[str, ...]] = {}

    def __iter__(self) -> Iterator[Job]:
        return iter(list(self._jobs.values()))

    def get(self, job_id: str) -> Job | None:
        """The job, or None."""
        return self._jobs.get(job_id)

    def put(self, job: Job) -> None:
        """Keep a new or changed job; far too many finished ones push out the oldest, as time does in a real org."""
        finished = [each.id for each in self._jobs.values() if each.state in TERMINAL and each.id != job.id]
        for old in finished[: max(0, len(finished) - MOST_FINISHED)]:
            self.drop(old)
        self._jobs[job.id] = job
        self._changed[job.id] = ()

    def moved(self, job: Job) -> None:
        """Note that only a job's state changed: its data need not be journalled again."""
        self._changed.setdefault(job.id, ("state", "polls_left"))

    def drop(self, job_id: str) -> None:
        """Forget a job."""
        del self._jobs[job_id]
        self._changed[job_id] = ()

    def take_changes(self) -> JobLines:
        """What changed since the last call: the whole job, parts of it, or None for one that is gone."""
        changed: JobLines = {}
        for job_id, parts in self._changed.items():
            job = self._jobs.get(job_id)
            changed[job_id] = None if job is None else {part: getattr(job, part) for part in parts} or job.dump()
        self._changed.clear()
        return changed

    def forget_changes(self) -> None:
        """Note that nobody needs to be told what changed."""
        self._changed.clear()

    def dump(self) -> JobLines:
        """Every job for the journal."""
        self._changed.clear()
        return {job_id: job.dump() for job_id, job in self._jobs.items()}

    def load(self, lines: JobLines) -> None:
        """Take over jobs from the journal."""
        for job_id, each in lines.items():
            if each is None:
                self._jobs.pop(job_id, None)
            elif "id" in each:
                self._jobs[job_id] = Job(**each)
            else:
                self._jobs[job_id] = replace(self._jobs[job_id], **each)
