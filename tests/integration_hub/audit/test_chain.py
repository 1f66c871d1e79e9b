"""The chain: what is recorded follows what was recorded before, and whatever is changed afterwards is found."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, close_old_connections, connection, transaction
from django.utils import timezone

from integration_hub.audit import record
from integration_hub.audit.chain import GENESIS
from integration_hub.audit.pruning import NotPruned, prune
from integration_hub.audit.roles import BadRole, web_role
from integration_hub.audit.verifying import head, read_head, verify
from integration_hub.models import AuditRow


def some_acts(number: int = 6) -> list[AuditRow]:
    return [record("plan.approved", "plan", each, after={"values": each}, who="anna") for each in range(number)]


def change(statement: str, *values: int) -> None:
    """What somebody with all rights does to the table."""
    with connection.cursor() as cursor:
        cursor.execute("alter table hub_audit disable trigger hub_audit_append_only")
        cursor.execute(statement, values)


@pytest.mark.django_db
def test_rows_follow_each_other_without_gaps_and_come_back_as_they_were_hashed() -> None:
    start = head()
    odd = {
        "text": "Zürich 𐍈 \x00 \ud800 " + "x" * 900,
        "amount": Decimal("10.50"),
        "day": timezone.now(),
        "many": list(range(500)),
        "nested": {"b": 1, "a": [None, True]},
        "big": 10**25,
    }
    first = record("segment.saved", "segment", 7, before=odd, after=[odd], who="anna\x00", run=5)
    second = record("segment.saved", "segment", 8)
    assert first.previous == (start.hash if start else GENESIS)
    assert (second.sequence, second.previous) == (first.sequence + 1, first.hash)
    assert second.who == "command line"
    found = verify()
    assert found.is_whole, found.problem
    assert str(found.head) == f"{second.sequence}:{second.hash}"
    with pytest.raises(ValueError, match="no verb"):
        record("Saved a segment")
    with pytest.raises(TypeError, match="does not know how to write"):
        record("segment.saved", after=object())


@pytest.mark.django_db
def test_what_is_undone_with_its_act_was_never_recorded() -> None:
    before = head()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert some_acts(1)[0].sequence // 0
    assert head() == before


REFUSED_TO_ALL = (
    "update hub_audit set who = 'nobody' where false",
    "delete from hub_audit where false",
    "truncate hub_audit",
    "truncate hub_audit cascade",
)


@pytest.mark.parametrize("role", ["origin", "replica"])
def test_the_database_refuses_everything_but_adding_even_to_a_superuser(superuser: Any, role: str) -> None:
    with superuser.transaction(force_rollback=True):
        superuser.execute("alter table hub_audit enable always trigger hub_audit_append_only")
        superuser.execute(f"set local session_replication_role = {role}")
        for statement in REFUSED_TO_ALL:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), superuser.transaction():
                superuser.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update hub_audit set who = 'ben' where sequence = %s", "its content was changed"),
        ("update hub_audit set after = '{{\"values\": 99}}' where sequence = %s", "its content was changed"),
        ("update hub_audit set at = at - interval '1 day' where sequence = %s", "its content was changed"),
        ("update hub_audit set previous = repeat('a', 64) where sequence = %s", "does not follow"),
    ],
)
def test_a_changed_row_is_named(statement: str, told: str) -> None:
    rows = some_acts()
    change(statement.replace("{{", "{").replace("}}", "}"), rows[3].sequence)
    found = verify()
    assert (found.broken_at, told in found.problem) == (rows[3].sequence, True), found.problem


@pytest.mark.django_db
def test_a_removed_row_is_named_and_a_removed_end_against_a_noted_head(capsys: pytest.CaptureFixture[str]) -> None:
    rows = some_acts()
    noted = read_head(str(head()))
    change("delete from hub_audit where sequence = %s", rows[-1].sequence)
    assert verify().is_whole  # of itself nothing shows that there was more
    assert verify(noted).broken_at == rows[-1].sequence
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "--verify", "--head", str(noted))
    assert ended.value.code == 1
    assert f"Row {rows[-1].sequence}: it is missing" in capsys.readouterr().err
    record("plan.approved", "plan", "in its place")
    assert "written anew" in verify(noted).problem
    change("delete from hub_audit where sequence = %s", rows[2].sequence)
    found = verify()
    assert found.broken_at == rows[3].sequence
    assert found.problem == f"Row {rows[3].sequence}: row {rows[2].sequence} before it is missing."
    change("delete from hub_audit where sequence = %s", rows[1].sequence)
    assert f"rows {rows[1].sequence} to {rows[2].sequence} before it are missing" in verify().problem
    change("delete from hub_audit where sequence <= %s", rows[3].sequence)
    assert "no checkpoint" in verify().problem


@pytest.mark.django_db
def test_the_command_verifies_and_exports(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    some_acts()
    call_command("audit", "--verify")
    told = capsys.readouterr().out
    assert "The chain is whole" in told
    assert str(head()) in told
    call_command("audit")
    assert str(head()) in capsys.readouterr().out
    call_command("audit", "--export", str(tmp_path / "audit.csv"))
    lines = (tmp_path / "audit.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == AuditRow.objects.count() + 1
    assert lines[1].split(",")[-1] == str(head()).partition(":")[2]


@pytest.mark.django_db
def test_pruning_leaves_a_checkpoint_and_a_chain_that_begins_there(append_only: None) -> None:
    some_acts()
    now = timezone.now()
    with pytest.raises(NotPruned, match="at least 400"):
        prune(30, now)
    assert prune(400, now).rows == 0
    last = head()
    assert last is not None
    later = some_acts(2)
    done = prune(400, later[0].at + timedelta(days=400))
    assert (done.last, verify().is_whole) == (last.sequence, True)
    assert AuditRow.objects.order_by("sequence").values_list("sequence", flat=True)[0] == later[0].sequence
    change("update hub_audit set after = jsonb_set(after, '{hash}', '\"x\"') where what = 'audit.pruned'")
    assert "no checkpoint" in verify().problem
    with pytest.raises(NotPruned, match="broken"):
        prune(400, now)


REFUSED_TO_THE_WEB = (
    "update hub_audit set who = 'ben'",
    "delete from hub_audit",
    "truncate hub_audit",
    "drop trigger hub_audit_append_only on hub_audit",
    "alter table hub_audit disable trigger hub_audit_append_only",
    "alter table hub_audit disable trigger all",
    "drop table hub_audit",
    "create or replace function hub_audit_refuse() returns trigger language sql as ''",
    "set session_replication_role = replica",
    "create table public.mine (id int)",
    "create role another login",
)


def test_the_role_of_the_web_adds_and_reads_but_changes_nothing(web: str, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {web}")
        row = some_acts(1)[0]
        for statement in REFUSED_TO_THE_WEB:
            with pytest.raises(ProgrammingError), transaction.atomic():
                cursor.execute(statement)
        # Its work it can do.
        cursor.execute("update hub_run set problem = '' where false")
        cursor.execute("delete from django_session where false")
        cursor.execute("select nextval('hub_run_id_seq')")
        cursor.execute("reset role")
    assert AuditRow.objects.get(pk=row.pk).who == "anna"


def test_only_a_name_that_can_be_a_role_is_written_into_statements() -> None:
    for name in ("owner", "web; drop table hub_run", "", "Web"):
        with pytest.raises(BadRole):
            web_role(name, "customer360", "owner")


@pytest.mark.django_db
def test_a_role_that_may_make_no_roles_is_told_what_to_do() -> None:
    with pytest.raises(CommandError, match=r"permission denied.*as an administrator of the server"):
        call_command("database_roles", "--apply", "--web-role", "customer360_never")


@pytest.mark.django_db
def test_the_command_prints_the_role(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("database_roles")
    assert "grant select, insert on public.hub_audit to customer360_web;" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no name for a role"):
        call_command("database_roles", "--web-role", "not a role")


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_at_once_leave_one_whole_chain() -> None:
    together = threading.Barrier(20)

    def act(number: int) -> None:
        together.wait()
        try:
            for each in range(10):
                record("plan.approved", "plan", f"{number}/{each}", who=f"thread {number}")
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    found = verify()
    assert (found.rows, found.is_whole) == (200, True), found.problem
    assert found.head is not None
    assert found.head.sequence == 200
