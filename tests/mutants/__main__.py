"""`make mutants`: takes each protection away, one line at a time, and shows its trap's test turn red.

The changed file stands in a copy of the project; the clone itself is never touched. Numbers on the command line choose
traps: make mutants ARGS="7 extra". Ends with 1 when a test stays green, or is red already without any change.
"""

import os
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
from tests.mutants.catalogue import Mutation, mutations

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = max(1, min(4, os.cpu_count() or 1))
LONGEST_SECONDS = 300
RED, GREEN = 1, 0  # how pytest ends


@dataclass(frozen=True)
class Bench:
    """A copy of the project with servers of its own, where one mutation at a time is tried."""

    copy: Path
    environment: dict[str, str]

    def run(self, tests: Sequence[str]) -> tuple[int, str]:
        """Run tests there; pytest's exit code and what it said. A run that takes too long counts as red."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--reuse-db", *tests]
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


def main(arguments: Sequence[str]) -> int:
    """Try the chosen mutations; 0 only when every one of them is noticed."""
    chosen = [each for each in mutations() if not arguments or each.trap in arguments]
    if not chosen:
        print(f"There is no mutation of trap {', '.join(arguments)}.")
        return 1
    with _benches(min(AT_ONCE, len(chosen))) as benches:
        if not _sound(benches, chosen):
            return 1
        survived = _try_all(benches, chosen)
    print(f"{len(chosen) - len(survived)} of {len(chosen)} mutations turned their trap's test red.")
    for mutation in survived:
        print(f"not noticed: trap {mutation.name}")
    return 1 if survived else 0


def _sound(benches: "Queue[Bench]", chosen: Sequence[Mutation]) -> bool:
    """Whether every named test is green as long as nothing is changed."""
    bench = benches.get()
    code, said = bench.run(list(dict.fromkeys(test for each in chosen for test in each.tests)))
    benches.put(bench)
    if code != GREEN:
        print(f"Without any mutation the tests are not green:\n{said}")
    return code == GREEN


def _try_all(benches: "Queue[Bench]", chosen: Sequence[Mutation]) -> list[Mutation]:
    def attempt(mutation: Mutation) -> bool:
        bench = benches.get()
        began = time.monotonic()
        try:
            code, said = bench.try_out(mutation)
        finally:
            benches.put(bench)
        words = "red" if code == RED else f"STAYED GREEN (pytest ended with {code})"
        print(f"trap {mutation.name}: {words}, {time.monotonic() - began:.1f} s", flush=True)
        if code not in {RED, GREEN}:
            print(said)
        return code == RED

    with ThreadPoolExecutor(benches.qsize()) as pool:
        noticed = list(pool.map(attempt, chosen))
    return [mutation for mutation, seen in zip(chosen, noticed, strict=True) if not seen]


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
