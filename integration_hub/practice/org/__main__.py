"""`python -m integration_hub.practice.org --port P --state FILE`: run the practice org."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

from .journal import StateFileError
from .keeping import open_org
from .org import OWN_APP
from .server import LOOPBACK, PracticeServer

DEFAULT_PORT = 8900


def serve(port: int, state: Path | None, *, with_parent: bool = False) -> int:
    """Serve until SIGINT or SIGTERM; the exit code. Port 0 takes a free one; the address is printed when ready."""
    try:
        server = PracticeServer(port, lambda: open_org(state))
    except StateFileError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"The practice org cannot listen on {LOOPBACK}:{port}: {error.strerror}. Choose another --port.",
            file=sys.stderr,
        )
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    if with_parent:
        threading.Thread(target=_stop_with_parent, args=(server, os.getppid()), daemon=True).start()
    print(f"practice org listening on {server.url}", flush=True)
    print(_how_to_connect(server), flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    return 0


def _how_to_connect(server: PracticeServer) -> str:
    """What a client needs to know. The secret of an app that came from outside is not repeated."""
    lines = [f"operator page: {server.url}/practice/", f"login address: {server.url} (SALESFORCE_LOGIN_URL)"]
    for app in server.org.sessions.apps.values():
        secret = app.client_secret if app == OWN_APP else "as it was given"
        lines.append(f"app key: {app.client_id} (SALESFORCE_CLIENT_ID), secret: {secret} (SALESFORCE_CLIENT_SECRET)")
    return "\n".join(lines)


def _stop_with_parent(server: PracticeServer, parent: int) -> None:
    """A test run that was killed must not leave its server behind."""
    while os.getppid() == parent:
        time.sleep(1)
    server.shutdown()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options, shared with the management command."""
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", type=Path, help="file that keeps records over restarts; without it, memory only")
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this ends")


def main() -> int:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="practice_org", description="A Salesforce stand-in on loopback.")
    arguments(parser)
    options = parser.parse_args()
    return serve(options.port, options.state, with_parent=options.with_parent)


if __name__ == "__main__":
    sys.exit(main())
