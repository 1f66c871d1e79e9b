"""The environment of every process of a local installation: addresses, and secrets made once."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from integration_hub.local import postgres, valkey
from integration_hub.local.place import CLONE, Place

SECRETS = ("SECRET_KEY", "SALESFORCE_CLIENT_SECRET")


def server_environment(place: Place) -> dict[str, str]:
    """What a process needs to use the servers of a place."""
    return {
        "DATABASE_URL": postgres.url(place, "customer360", "hub"),
        "ERP_DEMO_URL": postgres.url(place, "erp_demo", "erp_reader"),
        "REDIS_URL": valkey.url(place),
        "HUB_CONFIG": os.environ.get("HUB_CONFIG", str(CLONE / "hub.toml")),
        "STATE_DIR": str(place.state),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DEMO": "1",
        "SALESFORCE_CLIENT_ID": "customer360-demo",
    }


def kept_secrets(place: Place) -> dict[str, str]:
    """The secrets of this installation, made at its first start, readable by its user only."""
    path = place.state / "secrets"
    if not path.exists():
        write_private(path, {name: secrets.token_urlsafe(48) for name in SECRETS})
    return read(path)


def write_private(path: Path, values: Mapping[str, str]) -> None:
    """Write KEY=value lines, in one step, so that a reader never meets half a file."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    fresh.rename(path)


def read(path: Path) -> dict[str, str]:
    """The KEY=value lines of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}
