"""The outside client: installed once into a cache outside the clone, driven one scenario at a time."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "jsforce"
SECONDS = 60


@dataclass(frozen=True)
class Judge:
    """Runs scenarios of judge.cjs against one org with one session."""

    node: str
    modules: Path
    url: str
    token: str

    def see(self, scenario: str, **arguments: Any) -> Any:
        """What the client saw; AssertionError with its own words when it failed."""
        command = [self.node, str(HERE / "judge.cjs"), scenario, self.url, self.token, json.dumps(arguments)]
        environment = {**os.environ, "NODE_PATH": str(self.modules)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The client's packages, installed by npm into a cache that is named after the wanted versions."""
    npm = shutil.which("npm")
    if shutil.which("node") is None or npm is None:
        pytest.skip("Node and npm are missing here: install nodejs and npm to let the outside client judge.")
    package = HERE / "package.json"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "customer360"
    place = cache / f"jsforce-{hashlib.sha256(package.read_bytes()).hexdigest()[:16]}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "complete").exists():
            shutil.copy(package, place)
            command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=150, check=False)
            assert done.returncode == 0, f"npm could not install the client:\n{done.stderr}"
            (place / "complete").touch()
    return place / "node_modules"
