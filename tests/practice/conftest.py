"""The outside client: installed once into a cache outside the clone, driven one scenario at a time."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.node_packages import installed

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
    """The outside client, installed by npm."""
    return installed(HERE / "package.json", "jsforce")
