"""A whole installation for the bench of operation: an ERP, a practice org, and the product's own processes as they run
in production (gunicorn with threads, an rq worker), on the bench's servers.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client, override_settings

from integration_hub.jobs import finish
from integration_hub.local.commands import HOST, answers
from integration_hub.local.demo import WEB, WORKER
from integration_hub.models import PlanStatus, PushPlan, Run, RunKind, RunStatus
from integration_hub.runs import request_run, start_run
from integration_hub.sources import SALESFORCE
from tests.practice_org import PracticeOrg, start_practice_org

ROOT = Path(__file__).resolve().parents[2]
DONE = (RunStatus.SUCCEEDED, RunStatus.PARTIAL)
LONGEST_SECONDS = 1800
NUMBER, REVENUE, OVERDUE = "ERP_Number__c", "ERP_Revenue__c", "ERP_Overdue__c"
FIELDS = (
    {"name": NUMBER, "label": "ERP number", "type": "string", "length": 40, "externalId": True, "unique": True},
    {"name": REVENUE, "label": "Revenue", "type": "currency", "precision": 18, "scale": 2},
    {"name": OVERDUE, "label": "Overdue", "type": "currency", "precision": 18, "scale": 2},
)
# Twenty-four columns in two tables, skewed customers, three years of invoices until yesterday. Invented.
CUSTOMERS = """
create table public.bench_customer as
select n::text as no, 'Customer ' || n as name, 'Rotterdam' as city, 'NL' as country, 'EUR' as currency,
    timestamptz '2026-01-01 08:00+00' as changed
from generate_series(1, {customers}) n;
alter table public.bench_customer add primary key (no);
"""
INVOICES = """
create table public.{table} as
select n as id, 'R' || lpad(n::text, 8, '0') as number, (1 + {customers} * power(random(), 3))::integer as customer,
    'O' || n / 3 as sales_order, day as issued, day + 30 as due,
    case n % 5 when 0 then 'USD' else 'EUR' end as currency, net, round(net * 0.19, 2) as tax,
    net + round(net * 0.19, 2) as gross, case n % 7 when 0 then 'open' else 'paid' end as status,
    day + time '08:00' as changed
from (
    select n, current_date - 1095 + (n * 1094.0 / {rows})::integer as day, (random() * 9000)::numeric(12, 2) as net
    from generate_series(1, {rows}) n
) made;
alter table public.{table} add primary key (id);
grant select on all tables in schema public to erp_reader;
"""
CONFIG = """
[company]
name = "Bench"
reporting_currency = "EUR"
time_zone = "UTC"
[[sources]]
name = "erp"
label = "ERP"
kind = "sql"
url = "${{ERP_DEMO_URL}}"
[[sources.streams]]
name = "customers"
target = "erp_customer"
query = "select no as key, no as number, name, city, country, currency from bench_customer"
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
cursor = "source_modified_at"
query = '''select id as key, number, customer, sales_order as "order", issued as issued_on, due as due_on, currency,
    net as net_amount, tax as tax_amount, gross as gross_amount, status, changed as source_modified_at
    from bench_invoice'''
[[sources]]
name = "more"
label = "Another ERP"
kind = "sql"
url = "${{ERP_DEMO_URL}}"
[[sources.streams]]
name = "orders"
target = "erp_order"
cursor = "source_modified_at"
query = '''select id as key, number, customer, issued as ordered_on, due as promised_on, currency, net as net_amount,
    gross as gross_amount, status as source_status, sales_order as customer_reference, changed as source_modified_at
    from bench_more'''
[salesforce]
login_url = "{org}"
client_id = "practice-client"
client_secret = "${{BENCH_SECRET}}"
erp_number_field = "{number}"
[push]
approval = "on_brake"
max_changed_share = 1.0
[[push.fields]]
field = "{revenue}"
measure = "revenue_12m"
[[push.fields]]
field = "{overdue}"
measure = "overdue_amount"
"""


@dataclass
class Installation:
    """What runs: the pages at `url` for the session `cookie`, and the processes by name."""

    org: PracticeOrg
    url: str
    cookie: str
    rows: int
    customers: int
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def done_by_worker(self, kind: str, subject: str, **options: object) -> Run:
        """Ask for a run as a page does, and wait until the worker has done it."""
        run = request_run(kind, subject, options=options)
        return self.awaited(lambda: Run.objects.get(pk=run.pk))

    def awaited(self, look: Callable[[], Run | None]) -> Run:
        """The run, once it has ended well. RuntimeError for one that failed or never ends."""
        until = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < until:
            run = look()
            if run is not None and run.finished_at is not None:
                if run.status not in DONE:
                    raise RuntimeError(f"{run}: {run.problem}")
                return run
            time.sleep(0.05)
        raise RuntimeError("a run did not end")

    def peak_mb(self, name: str) -> int:
        """The most memory that a process of this name, or a child of its, had at once."""
        pid = self.processes[name].pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return max(_peak_mb(each) for each in (str(pid), *children))


def _peak_mb(pid: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0  # ended just now
    # A process that has ended and waits to be asked for its code has no memory.
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


@contextmanager
def installation(rows: int, customers: int) -> Iterator[Installation]:
    """The installation with everything loaded once, linked, rolled up and pushed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        org_process, org_url = start_practice_org()
        stack.callback(_ended, org_process)
        org = PracticeOrg(org_url)
        stack.callback(_forget_tables)
        _fill_erp(rows, customers)
        _fill_org(org, customers)
        config = folder / "hub.toml"
        config.write_text(CONFIG.format(org=org_url, number=NUMBER, revenue=REVENUE, overdue=OVERDUE), encoding="utf-8")
        os.environ["BENCH_SECRET"] = org.client_secret
        stack.enter_context(override_settings(HUB_CONFIG=str(config)))
        _load()
        made = Installation(org, "", _session(), rows, customers)
        _start(made, folder, stack)
        yield made


def _fill_erp(rows: int, customers: int) -> None:
    _forget_tables()
    invoices = INVOICES.format(table="bench_invoice", rows=rows, customers=customers)
    execute_erp(CUSTOMERS.format(customers=customers), invoices)


def fill_more(rows: int, customers: int) -> None:
    """The second ERP's table with so many rows."""
    orders = INVOICES.format(table="bench_more", rows=rows, customers=customers)
    execute_erp("drop table if exists public.bench_more", orders)


def _forget_tables() -> None:
    execute_erp(*(f"drop table if exists public.bench_{name}" for name in ("customer", "invoice", "more")))


def execute_erp(*statements: str) -> None:
    """Change the ERP, as its owner."""
    with psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"], autocommit=True) as erp:
        for statement in statements:
            erp.execute(statement.encode())


def _fill_org(org: PracticeOrg, customers: int) -> None:
    org.admin("fields", {"sobject": "Account", "fields": list(FIELDS)})
    org.admin("users_app", {"client_id": org.client_id, "client_secret": org.client_secret, "username": org.username})
    org.admin("usage", {"max": 1_000_000})
    for start in range(1, customers + 1, 5000):
        numbers = range(start, min(start + 5000, customers + 1))
        org.seed("Account", *({"Name": f"Customer {number}", NUMBER: str(number)} for number in numbers))


def _load() -> None:
    """First reads and the first push, whose plan a person approves."""
    for subject in (SALESFORCE, "erp"):
        _well(finish(start_run(RunKind.SYNC, subject)))
    Run.objects.filter(status=RunStatus.QUEUED).delete()
    _well(finish(start_run(RunKind.PUSH, SALESFORCE)))
    waiting = PushPlan.objects.filter(status=PlanStatus.WAITING).first()
    if waiting is not None:
        options = {"approve": waiting.pk, "approved_by": "bench"}
        _well(finish(start_run(RunKind.PUSH, SALESFORCE, options=options)))
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze)")


def _well(run: Run) -> None:
    if run.status not in DONE:
        raise RuntimeError(f"{run}: {run.problem} {run.meaning} {run.remedy}")


def _session() -> str:
    user = User.objects.create_user("iris", "iris@bench.example")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def _start(made: Installation, folder: Path, stack: ExitStack) -> None:
    with socket.socket() as attempt:
        attempt.bind((HOST, 0))
        port = int(attempt.getsockname()[1])
    made.url = f"http://{HOST}:{port}"
    environment = child_environment() | {"HUB_CONFIG": str(folder / "hub.toml"), "STATE_DIR": str(folder)}
    for name, command in (("web", (*WEB, "--bind", f"{HOST}:{port}")), ("worker", WORKER)):
        log = stack.enter_context((folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        stack.callback(_ended, process)
        made.processes[name] = process
    until = time.monotonic() + 60
    while not answers(f"{made.url}/healthz"):
        if time.monotonic() > until or made.processes["web"].poll() is not None:
            raise RuntimeError((folder / "web.log").read_text(encoding="utf-8")[-2000:])
        time.sleep(0.1)


def child_environment() -> dict[str, str]:
    """The environment of a process that works on the bench's own database."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return os.environ | {"DATABASE_URL": database}


def _ended(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(timeout=30)
