"""Somebody who reads pages all the time, and notes each answer that is none."""

import http.client
import threading
import time
from dataclasses import dataclass, field

PAUSE = 0.2
ANSWER_SECONDS = 15.0


@dataclass
class Answer:
    """When a page was asked for and answered (monotonic), and the status; 0 where nobody answered."""

    asked: float
    answered: float
    status: int
    path: str


@dataclass
class Visitor:
    """Asks for the paths in turn, with the cookie of a session."""

    port: int
    paths: list[str]
    cookie: str
    answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave."""
        self._stopped.set()
        self._thread.join(ANSWER_SECONDS + 1)

    def _run(self) -> None:
        turn = 0
        while not self._stopped.wait(PAUSE):
            path = self.paths[turn % len(self.paths)]
            turn += 1
            asked = time.monotonic()
            status = self.ask(path)
            self.answers.append(Answer(asked, time.monotonic(), status, path))

    def ask(self, path: str) -> int:
        """The status of a page; 0 where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path, headers={"Cookie": self.cookie, "Host": "127.0.0.1"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
