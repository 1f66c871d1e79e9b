"""One PostgreSQL and one Valkey for the whole test run, started before Django reads its settings."""

import atexit
import contextlib
import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import django
import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

from integration_hub.local import servers
from integration_hub.local.environment import users_environment
from tests import emptied, migrated

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
ADDRESSES = ("DATABASE_URL", "REDIS_URL")
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "DEMO": "0",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    # The manifest is made by collectstatic, which tests need not wait for.
    "STATICFILES_BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
    "LOG_LEVEL": "WARNING",
}
MARKS_THAT_MAY_SKIP = ("browser", "external", "chaos")
LONG = ("slow", "browser")
MEMORY = Path("/dev/shm")  # noqa: S108
"""What is written there never meets a disk: temporary tables, of which tests make very many, are files."""
ENOUGH_MEMORY = 4 * 1024**3
"""Bytes; in a container the folder often holds 64 MB, which is too little for databases and their journal."""


def _fastest_folder() -> Path | None:
    """Where the servers of this run keep their data; None for where temporary files usually are."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY else None


def _prepare_environment() -> None:
    """Name the servers of this run; xdist's workers inherit the names and take a Redis database each."""
    if not WORKER:
        # Addresses of a running demo (it says DEMO=1) are not meant for tests, which empty what they use.
        given = [] if os.environ.get("DEMO") == "1" else [name for name in ADDRESSES if name in os.environ]
        if len(given) == 1:
            raise pytest.UsageError(
                f"{given[0]} is set: set both of {' and '.join(ADDRESSES)}, or none to get own servers."
            )
        if not given:
            running = contextlib.ExitStack()
            addresses = running.enter_context(servers.temporary(_fastest_folder()))
            atexit.register(running.close)
            os.environ.update(addresses)
            for name in os.environ.keys() - users_environment().keys():
                del os.environ[name]
            os.environ["TABLES_FROM"] = migrated.TEMPLATE if migrated.restored(addresses["DATABASE_URL"]) else ""
        os.environ.update(ENVIRONMENT)
        # Delivered files are kept there.
        state = tempfile.mkdtemp(prefix="state-")
        atexit.register(shutil.rmtree, state, ignore_errors=True)
        os.environ["STATE_DIR"] = state
    elif "ERP_DEMO_ADMIN_URL" in os.environ:
        _own_erp_database()
    os.environ["DJANGO_SETTINGS_MODULE"] = ENVIRONMENT["DJANGO_SETTINGS_MODULE"]
    # Database 0 is never used: it may hold somebody's queue when REDIS_URL was given.
    number = int(WORKER.removeprefix("gw") or "0") + 1
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].partition('?')[0]}?db={number}"


def _own_erp_database() -> None:
    """Give this xdist worker an ERP database of its own, with the same rights as the one all would share."""
    name = f"erp_demo_{WORKER}"
    superuser = os.environ["ERP_DEMO_ADMIN_URL"].replace("//hub@", "//postgres@").replace("/erp_demo?", "/postgres?")
    with psycopg.connect(superuser, autocommit=True) as connection:
        for statement in (
            "create database {} template erp_demo owner hub",
            "revoke all on database {} from public",
            "grant connect on database {} to erp_reader",
        ):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
    for address in ("ERP_DEMO_URL", "ERP_DEMO_ADMIN_URL"):
        os.environ[address] = os.environ[address].replace("/erp_demo?", f"/{name}?")


_prepare_environment()
django.setup()
# Not set where servers were given, and empty where no tables are kept yet.
connection.settings_dict["TEST"]["TEMPLATE"] = os.environ.get("TABLES_FROM") or None
# What makes a password slow to guess would cost a test that makes a user half a second.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TransactionTestCase._fixture_teardown = emptied.empty  # type: ignore[method-assign]
REDIS = redis.from_url(os.environ["REDIS_URL"])

pytest_plugins = ["tests.practice_org"]


def pytest_configure(config: pytest.Config) -> None:
    """Hide the settings from xdist's workers until each has named its own servers.

    With the variable in their environment the settings would be read before this file is, with the queue's address
    that is meant for the first worker: then all would share its queue, and empty it for each other.
    """
    if getattr(config.option, "dist", "no") != "no":
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_collection() -> None:
    """Look for no garbage while modules are loaded, which stay to the end."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, otherwise in the order that chance gave: no worker waits for the other at last."""
    items.sort(key=lambda item: not any(item.get_closest_marker(mark) for mark in LONG))


def pytest_collection_finish() -> None:
    """Let the garbage collector look no more at modules and tests, and at what tests leave only now and then."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With REQUIRE_ALL=1 a missing tool is a failure: on the build machine nothing may be left out unnoticed."""
    report = yield
    may_not_skip = any(item.get_closest_marker(mark) for mark in MARKS_THAT_MAY_SKIP)
    if report.skipped and may_not_skip and os.environ.get("REQUIRE_ALL") == "1" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1, and this test was skipped: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print which adapter ran which case of the contract, and why a case does not apply to one."""
    told = [
        value
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        for name, value in getattr(report, "user_properties", ())
        if name == "contract"
    ]
    if not told:
        return
    terminalreporter.section("contract of the ERP adapters")
    reasons: dict[tuple[str, str], list[str]] = {}
    ran: dict[str, list[str]] = {}
    for subject, case, reason in sorted(map(tuple, told)):
        if reason:
            reasons.setdefault((subject, reason), []).append(case)
        else:
            ran.setdefault(subject, []).append(case)
    for subject, cases in ran.items():
        terminalreporter.write_line(f"{subject}: run: {', '.join(cases)}")
        for (other, reason), absent in reasons.items():
            if other == subject:
                terminalreporter.write_line(f"{subject}: not applicable: {', '.join(absent)}: {reason}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The database of the tests, whose audit may be emptied: after tests that commit, every table is."""
    if "TABLES_FROM" in os.environ and WORKER in ("", "gw0"):
        migrated.keep(os.environ["DATABASE_URL"], str(connection.settings_dict["NAME"]))
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("alter table hub_audit disable trigger hub_audit_append_only")


@pytest.fixture(scope="session", autouse=True)
def _no_collected_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder without collected files, as pages take them from where they are written."""
    settings.STATIC_ROOT = str(tmp_path_factory.mktemp("staticfiles"))


@pytest.fixture(autouse=True)
def _empty_redis() -> Iterator[None]:
    """Leave nothing in the queue for the next test."""
    assert settings.RQ_QUEUES["default"]["URL"] == os.environ["REDIS_URL"], "the queue of another worker"
    yield
    REDIS.flushdb()
    REDIS.connection_pool.disconnect()  # no unread answer of one test is taken for that of the next


@pytest.fixture
def redis_client() -> redis.Redis:
    """A client of this worker's own Redis database, which is empty at the start of every test."""
    return REDIS
