"""`make mutants`: takes each protection away, one line at a time, and shows its trap's test turn red.

The changed file stands in a copy of the project; the clone itself is never touched. Names on the command line choose
traps: make mutants ARGS="7 extra_bom", or all of the extra ones by "extra". Ends with 1 when a test stays green, or is
red already without any change.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from integration_hub.local import servers
from tests.mutants.catalogue import Mutation, mutations, name_of

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = max(1, min(4, os.cpu_count() or 1))
COLUMNS = (22, 66, 60)
LONGEST_SECONDS = 300
CHAINED = re.compile(r"^(?:During handling of|The above exception was) .*$", re.MULTILINE)
RED, GREEN = 1, 0  # how pytest ends
WITHOUT = ("cacheprovider", "xdist", "playwright", "randomly", "hypothesispytest")
"""Plugins that these tests do not need: loading them takes a third of a short test's time."""


@dataclass(frozen=True)
class Bench:
    """A copy of the project with servers of its own, where one mutation at a time is tried."""

    copy: Path
    environment: dict[str, str]

    def run(self, tests: Sequence[str]) -> tuple[int, str]:
        """Run tests there; pytest's exit code and what it said. A run that takes too long counts as red."""
        without = [f"-pno:{plugin}" for plugin in WITHOUT]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=short", "--reuse-db", *without, *tests]
        try:
            done = subprocess.run(
                command,
                cwd=self.copy,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=LONGEST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return RED, "it took too long"
        return done.returncode, done.stdout

    def try_out(self, mutation: Mutation) -> tuple[int, str]:
        """Change the line, run the tests, and put the line back."""
        path = self.copy / mutation.file
        text = path.read_text(encoding="utf-8")
        path.write_text(mutation.mutated(text), encoding="utf-8")
        try:
            return self.run(mutation.tests)
        finally:
            path.write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Tried:
    """What became of the tests with one mutation; `reason` is the first line of the failure."""

    mutation: Mutation
    red: bool
    reason: str
    seconds: float

    @property
    def word(self) -> str:
        """How it is called in the table."""
        return "red" if self.red else "STAYED GREEN"


def main(arguments: Sequence[str]) -> int:
    """Try the chosen mutations; 0 only when every one of them is noticed."""
    chosen = [each for each in mutations() if not arguments or each.trap in arguments or each.group in arguments]
    if not chosen:
        print(f"There is no mutation of trap {', '.join(arguments)}.")
        return 1
    with _benches(min(AT_ONCE, len(chosen))) as benches:
        if not _sound(benches, chosen):
            return 1
        tried = _try_all(benches, chosen)
    _print_table(tried)
    survived = [each.mutation for each in tried if not each.red]
    print(f"{len(tried) - len(survived)} of {len(tried)} mutations turned their trap's test red.")
    for mutation in survived:
        print(f"not noticed: trap {mutation.name}")
    return 1 if survived else 0


def _sound(benches: "Queue[Bench]", chosen: Sequence[Mutation]) -> bool:
    """Whether every named test is green as long as nothing is changed."""
    tests = list(dict.fromkeys(test for each in chosen for test in each.tests))
    began, shares = time.monotonic(), [tests[place :: benches.qsize()] for place in range(benches.qsize())]

    def run(share: Sequence[str]) -> tuple[int, str]:
        with _taken(benches) as bench:
            return bench.run(share) if share else (GREEN, "")

    with ThreadPoolExecutor(len(shares)) as pool:
        ended = list(pool.map(run, shares))
    for code, said in ended:
        if code != GREEN:
            print(f"Without any mutation the tests are not green:\n{said}")
    print(f"without any mutation: {len(tests)} tests in {time.monotonic() - began:.1f} s", flush=True)
    return all(code == GREEN for code, _ in ended)


def _try_all(benches: "Queue[Bench]", chosen: Sequence[Mutation]) -> list[Tried]:
    def attempt(mutation: Mutation) -> Tried:
        with _taken(benches) as bench:
            began = time.monotonic()
            code, said = bench.try_out(mutation)
        tried = Tried(mutation, code == RED, _reason(said), time.monotonic() - began)
        print(f"trap {mutation.name}: {tried.word}, {tried.seconds:.1f} s. {tried.reason}", flush=True)
        if code not in {RED, GREEN}:
            print(f"pytest ended with {code}:\n{said}")
        return tried

    with ThreadPoolExecutor(benches.qsize()) as pool:
        return list(pool.map(attempt, chosen))


def _reason(said: str) -> str:
    """The first line of the failure; of several exceptions, of the one that came last."""
    last = CHAINED.split(said)[-1]
    lines = (line[1:].strip() for line in last.splitlines() if line.startswith("E  "))
    return next(lines, "")[:160]


def _print_table(tried: Sequence[Tried]) -> None:
    print()
    _print_row("trap", "protection taken away", "test", "")
    for each in tried:
        tests = [name_of(test) for test in each.mutation.tests]
        _print_row(each.mutation.trap, each.mutation.what, tests[0], each.word)
        for test in tests[1:]:
            _print_row("", "", test, "")


def _print_row(*cells: str) -> None:
    widths = (*COLUMNS, 0)
    shown = (
        cell if len(cell) <= width or not width else f"{cell[: width - 3]}..."
        for cell, width in zip(cells, widths, strict=True)
    )
    print("  ".join(text.ljust(width) for text, width in zip(shown, widths, strict=True)).rstrip())


@contextmanager
def _taken(benches: "Queue[Bench]") -> "Iterator[Bench]":
    bench = benches.get()
    try:
        yield bench
    finally:
        benches.put(bench)


@contextmanager
def _benches(count: int) -> "Iterator[Queue[Bench]]":
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ExitStack() as running:
        benches: Queue[Bench] = Queue()
        for number in range(count):
            copy = Path(folder) / str(number)
            for name in listed.stdout.splitlines():
                target = copy / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target)
            addresses = running.enter_context(servers.temporary())
            benches.put(Bench(copy, {**os.environ, **addresses, "DEMO": "0"}))
        yield benches


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
