"""The whole installation of a run: servers, ERP, Salesforce, the network between, and the product's own processes."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import django
import psycopg

from tests.chaos import events
from tests.chaos.erp import CUSTOMERS, Erp
from tests.chaos.ground import Ground, ground
from tests.chaos.org import AS_OF, CURRENCY, NUMBER, PUSHED, Salesforce
from tests.chaos.processes import Processes
from tests.chaos.relay import Relay
from tests.practice_org import PracticeOrg, start_practice_org

CONFIGURATION = """
[company]
name = "Chaos"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"

[[sources]]
name = "erp"
label = "ERP"
kind = "sql"
url = "${ERP_DEMO_URL}"
every_minutes = 1
max_deleted_share = 0.5

[[sources.streams]]
name = "rates"
target = "erp_currency_rate"
query = "select currency as key, currency, '2000-01-01' as valid_from, rate, 'EUR' as base from fx"

[[sources.streams]]
name = "debtors"
target = "erp_customer"
cursor = "source_modified_at"
overlap_minutes = 0
query = '''select no as key, no as number, name, crm_id as salesforce_account, changed_at as source_modified_at
    from debtor'''

[[sources.streams]]
name = "bills"
target = "erp_invoice"
cursor = "source_modified_at"
overlap_minutes = 0
query = '''select no as key, no as number, debtor as customer, net as net_amount, currency, issued as issued_on,
    changed_at as source_modified_at from bill'''

[[sources.streams]]
name = "items"
target = "erp_open_item"
cursor = "source_modified_at"
overlap_minutes = 30
query = '''select no as key, no as number, bill as invoice, debtor as customer, amount, amount as open_amount,
    due as due_on, currency, changed_at as source_modified_at from item'''

[[sources.streams]]
name = "orders"
target = "erp_order"
cursor = "source_modified_at"
overlap_minutes = 0
query = '''select no as key, no as number, debtor as customer, net as net_amount, currency, ordered as ordered_on,
    changed_at as source_modified_at from sales_order'''

[salesforce]
login_url = "${SALESFORCE_LOGIN_URL}"
client_id = "${SALESFORCE_CLIENT_ID}"
client_secret = "${SALESFORCE_CLIENT_SECRET}"
erp_number_field = "%(number)s"
every_minutes = 1
timeout_seconds = 4

[push]
collections_up_to = 5
approval = "on_brake"
max_changed_share = 1.0
drift = "restore"
"""
MEMORY_MB = 300
"""That one run may take beyond what its worker has."""
FIELD = """
[[push.fields]]
field = "{field}"
measure = "{measure}"
when_empty = "{empty}"
"""


@dataclass
class World:
    """Everything that a driver turns."""

    ground: Ground
    erp: Erp
    salesforce: Salesforce
    erp_network: Relay
    org_network: Relay
    processes: Processes
    events: events.Reader
    port: int
    calm: Path
    changes_only: Path
    cookie: str
    seed: int

    @property
    def url(self) -> str:
        """The product's database."""
        return self.ground.url("customer360", "hub")

    def begin_anew(self, plant: str = "") -> None:
        """Everything as it was at first, with a planted bug if there is to be one; the servers stay."""
        self.processes.end_all()
        self.processes.plant = plant
        self.erp.close()
        self.ground.make_new()
        self.calm.touch()
        self.changes_only.unlink(missing_ok=True)
        list(self.events.new())
        # The same changes in the same order as in a run of its own.
        self.erp, self.salesforce = _companies(self.ground, self.salesforce.org, Random(self.seed))  # noqa: S311


def _companies(base: Ground, org: PracticeOrg, random: Random) -> tuple[Erp, Salesforce]:
    """Both sides with their first rows."""
    erp = Erp(base.url("erp_demo", "hub"), random, datetime.now(ZoneInfo("Europe/Berlin")).date())
    erp.found()
    salesforce = Salesforce(org, random, CUSTOMERS)
    salesforce.found({"client_id": org.client_id, "client_secret": org.client_secret})
    return erp, salesforce


@contextlib.contextmanager
def world(seed: int) -> Iterator[World]:
    """An installation without data yet; its processes are started by the driver."""
    with ground() as base, contextlib.ExitStack() as stack:
        org_process, org_url = start_practice_org()
        stack.callback(org_process.wait)
        stack.callback(org_process.terminate)
        org = PracticeOrg(org_url)
        org_network = Relay(("127.0.0.1", int(org_url.rpartition(":")[2])))
        erp_network = Relay(str(base.place.sockets / ".s.PGSQL.5432"))
        stack.callback(org_network.stop)
        stack.callback(erp_network.stop)
        port = _free_port()
        environment = _environment(base, org, org_network, erp_network, port)
        environment["CHAOS_SEED"] = str(seed)
        _configure(base)
        for name in [name for name in os.environ if name.startswith("PG")]:
            del os.environ[name]
        os.environ.update(environment)
        django.setup()
        cookie = _prepare_database()
        base.keep_as_new()
        base.use_small_disk()
        processes = Processes(base.tether, environment, base.folder / "processes.log", Random(seed))  # noqa: S311
        stack.callback(processes.stop)
        reader = events.Reader(base.folder / "events")
        calm = base.folder / "calm"
        erp, salesforce = _companies(base, org, Random(seed))  # noqa: S311 - the same chaos every time is the point
        calm.touch()
        yield World(
            ground=base,
            erp=erp,
            salesforce=salesforce,
            erp_network=erp_network,
            org_network=org_network,
            processes=processes,
            events=reader,
            port=port,
            calm=calm,
            changes_only=base.folder / "changes-only",
            cookie=cookie,
            seed=seed,
        )


def _environment(base: Ground, org: PracticeOrg, org_network: Relay, erp_network: Relay, port: int) -> dict[str, str]:
    return base.environment | {
        "ERP_DEMO_URL": f"postgresql://erp_reader@127.0.0.1:{erp_network.port}/erp_demo",
        "SALESFORCE_LOGIN_URL": f"http://127.0.0.1:{org_network.port}",
        "SALESFORCE_CLIENT_ID": org.client_id,
        "SALESFORCE_CLIENT_SECRET": org.client_secret,
        "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
        "SECRET_KEY": "only-for-chaos-" + "x" * 50,
        "DEMO": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "STATICFILES_BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "LOG_LEVEL": "WARNING",
        "HUB_CONFIG": str(base.folder / "hub.toml"),
        "STATE_DIR": str(base.folder),
        "CHAOS_LOG": str(base.folder / "processes.log"),
        "CHAOS_CALM": str(base.folder / "calm"),
        "CHAOS_CHANGES_ONLY": str(base.folder / "changes-only"),
        "CHAOS_PORT": str(port),
        "CHAOS_ORDERS": str(base.folder / "orders"),
        "WORKER_MEMORY_MB": str(MEMORY_MB),
        events.VARIABLE: str(base.folder / "events"),
    }


def _configure(base: Ground) -> None:
    fields = "".join(
        FIELD.format(field=field, measure=measure, empty="clear" if field in {AS_OF, CURRENCY} else "zero")
        for field, measure in PUSHED.items()
    )
    text = CONFIGURATION % {"number": NUMBER} + fields
    (base.folder / "hub.toml").write_text(text, encoding="utf-8")


def _prepare_database() -> str:
    """Make the tables and an analyst's session; the cookie that carries it."""
    from django.contrib.auth.models import Group, User
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    call_command("migrate", verbosity=0)
    user = User.objects.create_user("chaos")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    visitor = Client()
    visitor.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    connection.close()
    return "; ".join(f"{name}={morsel.value}" for name, morsel in visitor.cookies.items())


def _free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def when_it_answers(url: str, seconds: float = 30) -> psycopg.Connection:
    """A connection to a database that may just be coming back."""
    until = time.monotonic() + seconds
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
