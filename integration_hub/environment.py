"""Reads the process environment once; beside a running demo, also the file its launcher left in .hub/env."""

import os
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent


def read_local_environment(base: Path = BASE_DIR) -> None:
    """Fill in what the launcher wrote to .hub/env, unless a database is already named; the environment wins."""
    path = base / ".hub" / "env"
    if "DATABASE_URL" in os.environ or not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip())


read_local_environment()
env = environ.Env()
