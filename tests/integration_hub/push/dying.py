"""Pushes in a process of their own that ends in the middle: at a failpoint, or killed from outside."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from tests.integration_hub.push.conftest import World

ROOT = Path(__file__).resolve().parents[3]


def push_and_die(world: World, failpoint: str, *arguments: str) -> None:
    """Run `manage.py push` in a process of its own that kills itself at the failpoint."""
    died = _start(world, *arguments, failpoint=failpoint)
    _, errors = died.communicate(timeout=60)
    assert died.returncode == -signal.SIGKILL, errors


def push_and_kill(world: World, when: Callable[[], bool]) -> None:
    """Run `manage.py push` in a process of its own, and kill it shortly after `when` says so."""
    child = _start(world)
    end = time.monotonic() + 60
    while not when():
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    time.sleep(0.3)
    child.kill()
    child.communicate(timeout=60)


def _start(world: World, *arguments: str, failpoint: str = "") -> subprocess.Popen[str]:
    # The server of this test run, but the database that pytest-django made.
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = os.environ | {
        "FAILPOINT": failpoint,
        "DATABASE_URL": urlunsplit(address),
        "HUB_CONFIG": str(world.folder / "hub.toml"),
        "DJANGO_SETTINGS_MODULE": "tests.integration_hub.push.child_settings",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "push", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
