"""The environment of every process of a local installation: addresses, and secrets made once."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from integration_hub.local import CannotStartError, postgres, valkey
from integration_hub.local.place import CLONE, Place

SERVER_ADDRESSES = ("DATABASE_URL", "REDIS_URL", "ERP_DEMO_URL", "ERP_DEMO_ADMIN_URL")


def server_environment(place: Place) -> dict[str, str]:
    """How the servers of a place are reached, and by which role: the ERP's reader may not write, its owner may."""
    return {
        "DATABASE_URL": postgres.url(place, "customer360", "hub"),
        "ERP_DEMO_URL": postgres.url(place, "erp_demo", "erp_reader"),
        "ERP_DEMO_ADMIN_URL": postgres.url(place, "erp_demo", "hub"),
        "REDIS_URL": valkey.url(place),
    }


def users_environment() -> dict[str, str]:
    """The environment of the user without what leads PostgreSQL's client library elsewhere (PGPORT, PGSERVICE ...)."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def given_addresses() -> dict[str, str]:
    """The servers the user's environment names; nothing where it is the environment of a demo (it says DEMO=1)."""
    if os.environ.get("DEMO") == "1":
        return {}
    given = {name: os.environ[name] for name in SERVER_ADDRESSES if os.environ.get(name)}
    missing = [name for name in ("ERP_DEMO_URL", "ERP_DEMO_ADMIN_URL") if name not in given]
    if "DATABASE_URL" in given and missing:
        raise CannotStartError(
            "DATABASE_URL names a database of your own, so the demo's ERP database must be named too: "
            f"set {' and '.join(missing)}."
        )
    return given


def installation(
    place: Place,
    *,
    salesforce_url: str = "",
    public_url: str = "",
    given: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """The whole environment of a demo: a practice org at `salesforce_url`, `given` servers instead of its own.

    With both addresses the practice org shows the pages at `public_url` inside itself: its one app signs in and signs
    requests with the same consumer secret, as an app in Salesforce does.
    """
    secrets_kept = _kept_secrets(place)
    framed = {"PUBLIC_URL": public_url, "SALESFORCE_CANVAS_SECRET": secrets_kept["SALESFORCE_CLIENT_SECRET"]}
    return {
        **server_environment(place),
        **given,
        **secrets_kept,
        **(framed if salesforce_url and public_url else {}),
        "DEMO": "1",
        "HUB_CONFIG": os.environ.get("HUB_CONFIG", str(CLONE / "hub.toml")),
        "STATE_DIR": str(place.state),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SALESFORCE_LOGIN_URL": salesforce_url,
        "SALESFORCE_CLIENT_ID": "customer360-demo",
    }


def _kept_secrets(place: Place) -> dict[str, str]:
    """The secrets of this installation, made at its first start."""
    path = place.state / "secrets"
    if not path.exists():
        write_private(
            path,
            {
                "SECRET_KEY": secrets.token_urlsafe(48),
                "SALESFORCE_CLIENT_SECRET": secrets.token_urlsafe(48),
                "DEMO_PASSWORD": secrets.token_hex(6),
            },
        )
    return read(path)


def write_private(path: Path, values: Mapping[str, str]) -> None:
    """Write KEY=value lines for this user's eyes only, in one step, so that a reader never meets half a file."""
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
