"""A worker has the code of its jobs before it forks for the first of them."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

LOADED = """
import os, sys
import django
django.setup()
from unittest.mock import patch
import django_rq
from rq import Worker
with patch.object(Worker, "work", return_value=True):
    worker = django_rq.get_worker(sys.argv[1])
    before = set(sys.modules)
    worker.work()
later = set(sys.modules)
for name in sys.argv[2:]:
    print(name, name in before, name in later)
"""


@pytest.mark.parametrize(
    ("queue", "modules"),
    [
        ("default", ["integration_hub.sync", "customers.publishing", "integration_hub.push.pushing"]),
        ("exports", ["reports.export_jobs", "reports.export_xlsx"]),
    ],
)
def test_what_the_jobs_of_a_queue_call_is_loaded_before_the_first_of_them(queue: str, modules: list[str]) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LOADED, queue, *modules],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "integration_hub.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()
    assert told == [f"{module} False True" for module in modules]


def test_every_queue_says_what_its_jobs_call() -> None:
    assert settings.JOBS.keys() == settings.RQ_QUEUES.keys()
