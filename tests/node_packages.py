"""Packages of npm that judge the product from outside, installed once into a cache outside the clone."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SECONDS = 150


def installed(package: Path, name: str) -> Path:
    """The node_modules of a package.json, in a cache that is named after what it wants. Skips without Node and npm."""
    npm = shutil.which("npm")
    if shutil.which("node") is None or npm is None:
        pytest.skip(f"Node and npm are missing here: install nodejs and npm to let {name} judge.")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "customer360"
    place = cache / f"{name}-{hashlib.sha256(package.read_bytes()).hexdigest()[:16]}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "complete").exists():
            shutil.copy(package, place)
            command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=SECONDS, check=False)
            assert done.returncode == 0, f"npm could not install {name}:\n{done.stderr}"
            (place / "complete").touch()
    return place / "node_modules"
