"""`make demo`: everything Customer 360 consists of, on this machine, in the foreground, until Ctrl-C."""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import FrameType

from integration_hub.local import CannotStartError, postgres, valkey
from integration_hub.local.children import Child, Children
from integration_hub.local.commands import HOST, Commands, remembered_port, wanted_port
from integration_hub.local.environment import given_addresses, installation, read, users_environment, write_private
from integration_hub.local.place import STATE, Place, prepare
from integration_hub.local.servers import alone
from integration_hub.local.terminal import say, step
from integration_hub.local.tether import PR_SET_PDEATHSIG, Tether
from integration_hub.local.watchdog import end
from integration_hub.practice.company.logins import LOGINS

LOOK_SECONDS = 0.25
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# On macOS a process that was forked with everything loaded crashes in libraries of the system.
UNFORKED = ("--worker-class", "rq.worker.SimpleWorker") if sys.platform == "darwin" else ()
# What integration_hub.settings says of the queue; the worker does not read it there.
JSON_ONLY = ("--serializer", "rq.serializers.JSONSerializer")
WORKER, EXPORTER = (
    ("manage.py", "rqworker", queue, *UNFORKED, "--worker-ttl", "60", *JSON_ONLY) for queue in ("default", "exports")
)
DATABASE, WEB_ROLE = "customer360", "hub_web"
WEB = (
    *("-m", "gunicorn", "integration_hub.wsgi:application", "--no-control-socket"),
    # The address of a draft of rules may be longer than the usual 4,094 letters; this is the most there is.
    *("--limit-request-line", "8190"),
    *("--worker-class", "integration_hub.web_worker.PatientWorker"),
    *("--workers", "2", "--threads", "4", "--graceful-timeout", "3"),
    # Loaded once for all workers: they answer again in half the time.
    *(() if sys.platform == "darwin" else ("--preload",)),
)


def main() -> int:
    """Start everything and stay; 1 with one sentence on the terminal when something is in the way."""
    asked = listen_for_the_end()
    stop_with_make()
    try:
        began = time.monotonic()
        with alone(STATE) as lock, children(prepare(STATE), lock.fileno()) as (place, running):
            port = wanted_port(os.environ.get("PORT", "8000"))
            start(place, running, port)
            announce(place, port, time.monotonic() - began)
            while not asked:
                running.look_after()
                time.sleep(LOOK_SECONDS)
            raise KeyboardInterrupt
    except CannotStartError as problem:
        say(str(problem))
        return 1
    except PermissionError as problem:
        say(f"{problem.filename} may not be written: it belongs to the account that started Customer 360 here before.")
        return 1
    except KeyboardInterrupt:
        say("Stopped; the data are kept for the next start.")
        return 0


def listen_for_the_end() -> list[int]:
    """The signals that have asked for the end, also where the exception that they raise is lost: Python drops one that
    meets the end of an object's life.
    """
    asked: list[int] = []

    def interrupt(number: int, _: FrameType | None) -> None:
        asked.append(number)
        raise KeyboardInterrupt

    for number in STOPPING:
        # nohup asks to survive the end of the terminal; Ctrl-C counts even where a background shell ignores it.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, interrupt)
    return asked


def stop_with_make() -> None:
    """Under make, end when make ends: a killed make would otherwise leave this process behind, unseen."""
    if "MAKELEVEL" in os.environ and sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


@contextlib.contextmanager
def children(place: Place, lock: int) -> Iterator[tuple[Place, Children]]:
    """Children that are stopped at the end of the block, however it ends; `lock` stays locked until all are gone."""
    end({}, str(place.state))  # what a start left whose watchdog was killed too
    tether = Tether(str(place.state), keep_open=(lock,))
    running = Children(tether, say)
    try:
        yield place, running
    finally:
        # A second Ctrl-C must not interrupt the orderly end, which takes half a minute at most.
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        if running.running:
            say("Stopping ...")
        running.stop()
        tether.close()


def start(place: Place, running: Children, port: int) -> None:
    """All steps in order, each of them quick when there is nothing to do."""
    practice_port = remembered_port(place.state / "practice-port")
    practice_url = f"http://{HOST}:{practice_port}"
    given = given_addresses()
    environment = installation(place, salesforce_url=practice_url, public_url=f"http://{HOST}:{port}", given=given)
    write_private(place.state / "env", environment)
    commands = Commands(place, running.tether, users_environment() | environment)
    with step("PostgreSQL and Valkey"):
        start_servers(place, running, given)
    with step("tables (migrate)"):
        commands.manage("migrate", "--noinput")
        of_web = web_commands(commands, given)
    with step("static files (collectstatic)"):
        commands.manage("collectstatic", "--noinput")
    with step(f"practice Salesforce, port {practice_port}"):
        state = str(place.state / "practice-org.journal")
        arguments = ("manage.py", "practice_org", "--port", str(practice_port), "--state", state)
        run(running, commands, "practice-org", *arguments, answers_at=f"{practice_url}/services/data/")
    with step("demo company (ERP, accounts, logins)"):
        commands.manage("demo_company", meanwhile=running.look_after)
    with step("worker"):
        run(running, commands, "worker", *WORKER)
    with step("pipeline (sync, link, roll up, push)"):
        commands.manage("pipeline", "--wait", meanwhile=running.look_after)
    kept = place.state / "past-weeks"
    if not kept.exists():
        # What links by an exact identifier was always so: the figures of the past are made with it.
        with step("links by exact identifiers (match)"):
            commands.manage("match", meanwhile=running.look_after)
            commands.manage("rollup", meanwhile=running.look_after)
        with step("past weeks (figures of 8 Sundays)"):
            commands.manage("rollup", "--weeks", "8", meanwhile=running.look_after)
        kept.touch()
    with step(f"scheduler and web pages, port {port}"):
        run(running, commands, "scheduler", "manage.py", "scheduler")
        run(running, commands, "exporter", *EXPORTER)
        run(running, of_web, "web", *WEB, "--bind", f"{HOST}:{port}", answers_at=f"http://{HOST}:{port}/healthz")


def web_commands(commands: Commands, given: Mapping[str, str]) -> Commands:
    """The same for the web, which connects by a role of its own, as README asks for: it can add to the audit, but not
    change what stands there. On a database of the user's own nobody may make roles unasked: there the web has none.
    """
    if "DATABASE_URL" in given:
        return commands
    superuser = {"DATABASE_URL": postgres.url(commands.place, DATABASE, postgres.SUPERUSER)}
    as_superuser = replace(commands, environment={**commands.environment, **superuser})
    as_superuser.manage("database_roles", "--web-role", WEB_ROLE, "--apply")
    own = {"DATABASE_URL": postgres.url(commands.place, DATABASE, WEB_ROLE)}
    return replace(commands, environment={**commands.environment, **own})


def start_servers(place: Place, running: Children, given: Mapping[str, str]) -> None:
    """PostgreSQL and Valkey, each unless another one is given by its address."""
    if "DATABASE_URL" not in given:
        begin = partial(postgres.start, place, running.tether)
        running.add(Child("PostgreSQL", begin, place.logs / "postgres.log", stop_signal=signal.SIGINT, is_server=True))
    if "REDIS_URL" not in given:
        begin = partial(valkey.start, place, running.tether)
        running.add(Child("Valkey", begin, place.logs / "valkey.log", is_server=True))


def run(running: Children, commands: Commands, name: str, *arguments: str, answers_at: str = "") -> None:
    """Start one of the project's own processes; with `answers_at`, wait until it serves HTTP there."""
    again = partial(commands.start, name, *arguments)
    begin = partial(commands.start_answering, name, answers_at, *arguments) if answers_at else again
    running.add(Child(name, begin, commands.log(name), start_again=again))


def announce(place: Place, port: int, seconds: float) -> None:
    """The address, the demo logins, and where the practice org is switched to misbehave."""
    say(f"\nReady after {seconds:.1f} s: http://{HOST}:{port}/")
    environment = read(place.state / "env")
    password = environment["DEMO_PASSWORD"]
    for login, role in LOGINS:
        say(f"  {login:<16} {password}   {role}")
    say(f"Fire drill, what a misbehaving Salesforce looks like: {environment['SALESFORCE_LOGIN_URL']}/practice/")
    say(f"Output of all processes: {place.logs}. Ctrl-C stops everything; the data are kept.\n")


if __name__ == "__main__":
    sys.exit(main())
