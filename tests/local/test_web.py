"""The web pages as the demo runs them: loaded once for all workers, and back soon after their master was killed."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from integration_hub.local.children import Child, Children
from integration_hub.local.commands import HOST, answers, remembered_port
from integration_hub.local.demo import WEB
from integration_hub.local.place import CLONE
from integration_hub.local.tether import Tether

LOADED = """
import sys
import threading
import integration_hub.wsgi
from django.db import connections
print(threading.active_count(), [each.connection for each in connections.all()], "reports.urls" in sys.modules)
"""
APPLICATION = """
import os, time

def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(60)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getppid()).encode()]
"""


def test_what_the_workers_are_forked_with_has_no_thread_and_no_connection() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED], cwd=CLONE, capture_output=True, text=True, check=True)
    assert loaded.stdout.split("\n")[-2] == "1 [None] True"


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    tether = Tether(str(tmp_path))
    running = Children(tether, lambda _words: None)
    yield running
    running.stop()
    tether.close()


def test_a_killed_master_is_replaced_although_its_workers_have_slow_requests(
    children: Children, tmp_path: Path
) -> None:
    (tmp_path / "pages.py").write_text(APPLICATION, encoding="utf-8")
    url = f"http://{HOST}:{remembered_port(tmp_path / 'port')}"
    arguments = ["pages:application" if each == "integration_hub.wsgi:application" else each for each in WEB]
    command = [sys.executable, *arguments, "--bind", url.removeprefix("http://")]
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{CLONE}"}
    with (tmp_path / "log").open("ab") as log:
        begin = partial(
            children.tether.start, command, log=log, stop_signal=signal.SIGTERM, cwd=tmp_path, env=environment
        )
        web = children.add(Child("web", begin, tmp_path / "log"))
        wait_for(children, url)
        before = pid(web)
        slow = [subprocess.Popen([sys.executable, "-c", f"{ASK}({url + '/slow'!r})"]) for _ in range(4)]
        time.sleep(2)
        os.kill(before, signal.SIGKILL)
        began = time.monotonic()
        while pid(web) in (0, before):
            children.look_after()
            time.sleep(0.05)
        wait_for(children, url)
        took = time.monotonic() - began
        with urllib.request.urlopen(url, timeout=5) as response:
            assert int(response.read()) == pid(web)
        for each in slow:
            each.kill()
            each.wait()
    assert "Connection in use" not in (tmp_path / "log").read_text()
    assert took < 20


ASK = "import urllib.request; urllib.request.urlopen"


def pid(child: Child) -> int:
    """0 while it does not run."""
    return child.process.pid if child.process else 0


def wait_for(children: Children, url: str) -> None:
    """Until a page is answered."""
    deadline = time.monotonic() + 60
    while not answers(url):
        children.look_after()
        assert time.monotonic() < deadline
        time.sleep(0.05)
