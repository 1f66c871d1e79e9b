"""`make lint`: every check that needs no running server, all of them even if one fails."""

import os
import subprocess
import sys
import time

from integration_hub.local.terminal import say

# Addresses that are never opened: the checks load the settings and stop there.
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://lint@localhost:1/lint",
    "REDIS_URL": "redis://localhost:1/0",
    "ERP_DEMO_URL": "postgresql://lint@localhost:1/erp",
    "SECRET_KEY": "k3Y!" + "".join(chr(33 + number * 7 % 90) for number in range(80)),
    "DEMO": "0",
    "SECURE_SSL": "1",
    "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
}
CHECKS = {
    "ruff": ("-m", "ruff", "check"),
    "format": ("-m", "ruff", "format", "--check"),
    "types": ("-m", "mypy"),
    "templates": ("-m", "integration_hub.local.templates"),
    # There is no server here to compare with, which Django would warn about.
    "migrations": ("-W", "ignore::RuntimeWarning", "manage.py", "makemigrations", "--check", "--dry-run"),
    "deployment": ("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
}


def main() -> int:
    """Run the checks named on the command line, or all; 1 if one of them found something."""
    failed = []
    for name in sys.argv[1:] or CHECKS:
        began = time.monotonic()
        environment = dict(os.environ) | ENVIRONMENT
        done = subprocess.run([sys.executable, *CHECKS[name]], env=environment, check=False)
        say(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name} ({time.monotonic() - began:.1f} s)")
        if done.returncode != 0:
            failed.append(name)
    say(f"lint: {', '.join(failed)} failed" if failed else "lint: everything is clean")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
