"""One PostgreSQL and one Valkey for the whole test run, started before Django reads its settings."""

import atexit
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
import redis

from integration_hub.local import servers

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


def _prepare_environment() -> None:
    """Name the servers of this run; xdist's workers inherit the names and take a Redis database each."""
    if not WORKER:
        # Addresses of a running demo (it says DEMO=1) are not meant for tests, which empty what they use.
        given = [] if os.environ.get("DEMO") == "1" else [name for name in ADDRESSES if name in os.environ]
        if len(given) == 1:
            raise pytest.UsageError(f"{given[0]} is set: set both of {' and '.join(ADDRESSES)}, or none to get own servers.")
        if not given:
            running = contextlib.ExitStack()
            addresses = running.enter_context(servers.temporary())
            atexit.register(running.close)
            os.environ.update({name: addresses[name] for name in (*ADDRESSES, "ERP_DEMO_URL")})
        os.environ.update(ENVIRONMENT)
    # Database 0 is never used: it may hold somebody's queue when REDIS_URL was given.
    number = int(WORKER.removeprefix("gw") or "0") + 1
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].partition('?')[0]}?db={number}"


_prepare_environment()
django.setup()
REDIS = redis.from_url(os.environ["REDIS_URL"])

if (Path(__file__).parent / "practice_org.py").exists():
    pytest_plugins = ["tests.practice_org"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With REQUIRE_ALL=1 a missing tool is a failure: on the build machine nothing may be left out unnoticed."""
    report = yield
    may_not_skip = any(item.get_closest_marker(mark) for mark in MARKS_THAT_MAY_SKIP)
    if report.skipped and may_not_skip and os.environ.get("REQUIRE_ALL") == "1" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1, and this test was skipped: {reason}"
    return report


@pytest.fixture(autouse=True)
def _empty_redis() -> Iterator[None]:
    """Leave nothing in this worker's Redis database for the next test."""
    yield
    REDIS.flushdb()


@pytest.fixture
def redis_client() -> redis.Redis:
    """A client of this worker's own Redis database, which is empty at the start of every test."""
    return REDIS
