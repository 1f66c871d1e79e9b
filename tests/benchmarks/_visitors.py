"""People who read pages at a steady pace, whatever the server does: each waits from when the page was due."""

import http.client
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PAGES_A_SECOND, THREADS = 6, 8
WAITED_SECONDS = 60


@dataclass
class Visitors:
    """Who reads: `seen` are the instants (seconds of time.time) at which pages were due, with their milliseconds."""

    url: str
    cookie: str
    paths: Sequence[str]
    seen: list[tuple[float, float]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _next: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _began: float = field(default_factory=time.time)

    def between(self, start: float, end: float) -> dict[str, object]:
        """Pages that were due in a window: how many, median and 95th percentile in milliseconds."""
        times = [milliseconds for due, milliseconds in self.seen if start <= due < end]
        if len(times) < 2:
            return {"pages": len(times)}
        return {
            "pages": len(times),
            "median_ms": round(statistics.median(times), 1),
            "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
            "longest_ms": round(max(times), 1),
        }

    def _read(self) -> None:
        server = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=WAITED_SECONDS)
        while not self._ended.is_set():
            with self._turn:
                number, self._next = self._next, self._next + 1
            due = self._began + number / PAGES_A_SECOND
            if self._ended.wait(max(0.0, due - time.time())):
                return
            path = self.paths[number % len(self.paths)]
            server.request("GET", path, headers={"Cookie": f"sessionid={self.cookie}"})
            answer = server.getresponse()
            answer.read()
            self.seen.append((due, (time.time() - due) * 1000))
            if answer.status != 200:
                self.wrong.append(f"{path} answered {answer.status}")


@contextmanager
def visitors(url: str, cookie: str, paths: Sequence[str]) -> Iterator[Visitors]:
    """Pages are read while the block runs. RuntimeError where one of them was no page."""
    people = Visitors(url, cookie, paths)
    threads = [threading.Thread(target=people._read, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield people
    finally:
        people._ended.set()
        for thread in threads:
            thread.join(WAITED_SECONDS)
    if people.wrong:
        raise RuntimeError(people.wrong[0])
