"""The clerk of inside/change.py as a process beside trytond."""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tests.erp.tryton_real.environment import ROOT
from tests.erp.tryton_real.server import Running


class Clerk:
    """Does one thing at a time, by Tryton's own methods."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process, self._log = process, log

    def do(self, what: str, *arguments: str) -> str:
        """Have it done, and committed; the id of the record. RuntimeError with the clerk's last words if it fails."""
        _pipe(self._process.stdin).write(json.dumps({"do": what, "with": arguments}) + "\n")
        _pipe(self._process.stdin).flush()
        answer = _pipe(self._process.stdout).readline()
        if not answer:
            raise RuntimeError(f"{what} failed:\n{self._log.read_text(encoding='utf-8')[-4000:]}")
        return str(json.loads(answer))


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


@contextlib.contextmanager
def at_work(running: Running) -> Iterator[Clerk]:
    """A clerk on the database of a running Tryton, for the length of a block."""
    log = running.folder / "clerk.log"
    module = "tests.erp.tryton_real.inside.change"
    settings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [
        str(running.tryton.venv / "bin" / "python"),
        "-m",
        module,
        str(running.folder / "trytond.conf"),
        running.database,
    ]
    with (
        log.open("w", encoding="utf-8") as words,
        subprocess.Popen(
            command, cwd=ROOT, env=settings, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=words,
        ) as process,
    ):  # fmt: skip
        try:
            yield Clerk(process, log)
        finally:
            _pipe(process.stdin).close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
