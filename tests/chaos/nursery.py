"""Runs in a process of its own, the ward: it has loaded everything once, and forks nurseries from that, which in turn
fork workers, schedulers and web servers, so that each new one costs milliseconds. Orders to both come as lines of JSON,
and each is answered with one.

What is forked is the product: its commands, its WSGI application, its settings. Changed are only pauses (those between
two tries are fractions of a second), the clock where an order says so, and the places where a run may kill itself.
"""

import ctypes
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any

import django

from integration_hub.local.tether import PR_SET_PDEATHSIG
from tests.chaos import events
from tests.chaos.leaving import Leaving

SHARE_OF_DEATHS = 0.03
"""How likely a run kills itself at each named place it passes."""
Body = Callable[[], None]


class Dice:
    """Stands where a place's name is asked for, and is equal to some of them by chance."""

    def __init__(self) -> None:
        self.random = Random(0)  # noqa: S311 - chance, no secret
        self.calm = Path(os.environ["CHAOS_CALM"])

    def get(self, name: str) -> object:
        """What the environment says; of the places it says that this is the one, or not."""
        return self if name == "FAILPOINT" else os.environ.get(name)

    def __eq__(self, place: object) -> bool:
        if self.random.random() >= SHARE_OF_DEATHS or self.calm.exists():
            return False
        events.write("died", place=str(place))
        return True

    def __hash__(self) -> int:
        return id(self)


def _change(module: ModuleType, **values: object) -> None:
    for name, value in values.items():
        setattr(module, name, value)


def prepare() -> None:
    """Load the product once, with short pauses."""
    django.setup()
    from integration_hub import database_limits, failpoints, jobs, runs
    from integration_hub.push import sending
    from integration_hub.salesforce import polling, result_page, session

    _change(runs, RETRY_AFTER=tuple(timedelta(seconds=each) for each in (0.2, 0.4, 0.8)))
    _change(sending, PAUSES=(0.02, 0.05, 0.1))
    _change(session, PAUSES=(0.02, 0.05, 0.1, 0.2))
    _change(result_page, PAUSES=(0.02, 0.05, 0.1))
    _change(polling, FIRST_PAUSE=0.02)
    dice = Dice()
    _change(failpoints, os=SimpleNamespace(environ=dice, kill=os.kill, getpid=os.getpid))
    finish = jobs.finish

    def finished(run: Any, report: Any = None) -> Any:
        dice.random = Random(f"{os.environ['CHAOS_SEED']}:{run.pk}")  # noqa: S311
        events.write("begin", run=run.pk, kind=run.kind, subject=run.subject)
        done = finish(run, report)
        events.write("end", run=run.pk, status=done.status)
        return done

    _change(jobs, finish=finished)
    Leaving().install()
    _read_no_more_than_changed()
    import_module("integration_hub.wsgi")
    # Only what serves pages has their limits.
    database_limits.for_runs()
    # Addresses are read at the first request otherwise, by every web process for itself.
    import_module("integration_hub.urls")


def _read_no_more_than_changed() -> None:
    """While the driver wants to see what reads of changes alone make of the mirror, no whole read is asked for where
    counts differ: it would put right what they lost before anybody looks.
    """
    from integration_hub import reconcile_load, runs

    request, changes_only = runs.request_run, Path(os.environ["CHAOS_CHANGES_ONLY"])

    def asked(*arguments: Any, **options: Any) -> Any:
        return None if changes_only.exists() else request(*arguments, **options)

    _change(reconcile_load, request_run=asked)


def _worker() -> None:
    from django.core.management import call_command

    call_command(
        "rqworker",
        "default",
        worker_class="rq.worker.Worker",
        worker_ttl=60,
        serializer="rq.serializers.JSONSerializer",
        verbosity=0,
    )


def _scheduler() -> None:
    from django.core.management import call_command

    call_command("scheduler", seconds=0.5)


def _web() -> None:
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

    from integration_hub import database_limits
    from integration_hub.wsgi import application

    database_limits.for_pages()

    class Pages(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            options = {
                "bind": f"127.0.0.1:{os.environ['CHAOS_PORT']}",
                "worker_class": "integration_hub.web_worker.PatientWorker",
                "workers": 2,
                "threads": 2,
                "reuse_port": True,
                "control_socket_disable": True,
                "loglevel": "warning",
                "graceful_timeout": 1,
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return application

    Pages().run()


BODIES: Mapping[str, Body] = {"worker": _worker, "scheduler": _scheduler, "web": _web}


def fork(what: str, shift: float, line: int) -> int:
    """Start one; its process id. `shift` is how many seconds its clock is off, `line` what only the nursery reads."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    os.close(line)
    log = os.open(os.environ["CHAOS_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)
    if shift:
        _move_clock(shift)
    try:
        BODIES[what]()
    except SystemExit as ended:
        os._exit(int(ended.code or 0) if not isinstance(ended.code, str) else 1)
    except BaseException as error:  # noqa: BLE001 - nothing of the parent may run in the child
        os.write(2, f"{what} ended: {type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os._exit(0)


def _move_clock(seconds: float) -> None:
    """Everything in the product that asks for the instant asks Django for it."""
    from django.utils import timezone

    real = timezone.now

    def moved() -> datetime:
        return real() + timedelta(seconds=seconds)

    _change(timezone, now=moved)


def ended() -> list[int]:
    """The children that have ended since this was last asked."""
    found: list[int] = []
    while True:
        try:
            child, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if not child:
            return found
        found.append(child)


def nurse(plant: str) -> None:
    """In a process of its own: obey the driver until it hangs up, with a planted bug if there is to be one."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if plant:
        from tests.chaos.plants import PLANTS

        PLANTS[plant]()
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.environ["CHAOS_ORDERS"])
        with line.makefile("rw", encoding="utf-8") as orders:
            for text in orders:
                order = json.loads(text)
                if order["do"] == "look":
                    answer: dict[str, Any] = {"ended": ended()}
                else:
                    answer = {"pid": fork(order["what"], order["shift"], line.fileno())}
                orders.write(f"{json.dumps(answer)}\n")
                orders.flush()


def main() -> int:
    """Start a nursery for each order, until they end."""
    prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print(json.dumps({"ready": time.monotonic()}), flush=True)
    for text in sys.stdin:
        child = os.fork()
        if not child:
            try:
                nurse(json.loads(text)["plant"])
            finally:
                os._exit(0)
        print(json.dumps({"pid": child}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
