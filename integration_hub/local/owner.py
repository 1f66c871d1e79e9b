"""Decides which operating system account runs the embedded servers."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from integration_hub.local import CannotStartError

UNPRIVILEGED_ACCOUNT = "nobody"


@dataclass(frozen=True)
class Owner:
    """An existing account that is not root: PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Hand one path (not what is in it) over to this account."""
        os.chown(path, self.uid, self.gid)


def server_owner() -> Owner | None:
    """The account the servers run as; None means the account of this process, which is then not root."""
    if os.geteuid() != 0:
        return None
    try:
        account = pwd.getpwnam(UNPRIVILEGED_ACCOUNT)
    except KeyError:
        raise CannotStartError(
            f"PostgreSQL does not run as root and this machine has no account {UNPRIVILEGED_ACCOUNT!r} to run it: "
            "start again as an ordinary user."
        ) from None
    return Owner(account.pw_uid, account.pw_gid)
