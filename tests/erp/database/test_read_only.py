"""Read-only is proven, not promised; and what a database refuses is said in words that hold no address or password."""

import re
from importlib import resources

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import mssql, mysql, oracle

from integration_hub.config import SourceConfig
from integration_hub.erp.database import mssql as database_mssql
from integration_hub.erp.database import oracle as database_oracle
from integration_hub.erp.database.dialect import Cause
from integration_hub.erp.database.queries import Query, derived
from integration_hub.erp.database.source import DatabaseSource, open_sql
from integration_hub.erp.postgresql.source import SqlSource
from integration_hub.sources import ResumableSource, SourceProblem, SourceRefused
from tests.erp.database import mariadb
from tests.erp.database.worlds import Database, read, stream


def name_of(maria: Database) -> str:
    """The test's own database, which its reader is called like."""
    return maria.url.partition("//")[2].partition(":")[0]


def problem(world: Database, url: str) -> SourceProblem:
    with pytest.raises(SourceProblem) as caught:
        world.source(url=url).check()
    text = str(caught.value)
    assert "secret" not in text
    assert "hidden-host" not in text
    assert caught.value.meaning
    assert caught.value.remedy
    return caught.value


@pytest.mark.external
def test_a_role_that_only_reads_is_accepted_with_a_proof(maria):
    maria.write("create table so (no integer)")
    maria.write("create view seen as select no from so")
    check = maria.source().check()
    assert check.label == "Test ERP"
    assert re.match(r"MariaDB \d+\.\d+\.\d+$", check.version)
    assert check.proven
    assert f'may read 2 tables and views of "{name_of(maria)}" and write none' in check.read_only_proof


def test_a_file_is_proven_read_only_by_how_it_is_opened(lite):
    lite.write("create table so (no integer)")
    check = lite.source().check()
    assert check.version.startswith("SQLite 3.")
    assert "opened for reading only" in check.read_only_proof


@pytest.mark.external
@pytest.mark.parametrize(
    "right", ["insert", "update", "delete", "create", "drop", "alter", "execute", "trigger", "insert (no)", "all"]
)
def test_a_single_right_to_write_is_refused_and_named(maria, right):
    maria.write("create table so (no integer)")
    place = f"{name_of(maria)}.so" if right.startswith("insert") else f"{name_of(maria)}.*"
    maria.write(f"grant {right} on {place} to {name_of(maria)}@localhost")
    with pytest.raises(SourceRefused) as caught:
        maria.source().check()
    assert "could write to the ERP: it may" in caught.value.problem
    assert right.partition(" ")[0].upper() in caught.value.problem
    assert "GRANT SELECT ON" in caught.value.remedy


@pytest.mark.external
def test_the_administrator_is_refused(maria):
    url = maria.url.replace(f"{name_of(maria)}:secret@", "admin:@")
    assert "ALL PRIVILEGES on *.*" in problem(maria, url).problem


@pytest.mark.external
def test_a_right_to_write_behind_a_role_counts_too_though_the_role_is_not_switched_on(maria):
    role = f"r{name_of(maria)}"
    maria.write(f"create role {role}")
    try:
        maria.write(f"grant {role} to {name_of(maria)}@localhost")
        assert maria.source().check().proven
        maria.write(f"grant update on {name_of(maria)}.* to {role}")
        with pytest.raises(SourceRefused, match="UPDATE on"):
            maria.source().check()
    finally:
        maria.write(f"drop role {role}")


@pytest.mark.external
def test_harmless_rights_are_accepted(maria):
    maria.write(f"grant show view, create temporary tables on {name_of(maria)}.* to {name_of(maria)}@localhost")
    maria.write(f"grant process, replication client on *.* to {name_of(maria)}@localhost")
    assert maria.source().check().proven


@pytest.mark.external
def test_a_function_that_writes_is_stopped_by_the_read_only_session(maria):
    maria.write("create table so (no integer)")
    maria.write("insert into so values (?)", [(1,)])
    maria.write(
        "create function sneaky() returns integer sql security definer modifies sql data "
        "begin insert into so values (2); return 1; end"
    )
    # The view runs it with its owner's rights, so the reader needs none.
    maria.write("create sql security definer view seen as select no, sneaky() as x from so")
    with pytest.raises(SourceRefused, match="tried to write to the ERP"):
        read(maria.source(), stream("select * from seen"))
    assert read(maria.source(), stream("select no from so")) == ["1"]


@pytest.mark.external
def test_what_mariadb_refuses_is_said_in_words(maria):
    wrong = problem(maria, maria.url.replace(":secret@", ":secret-no@"))
    assert "name or password is not accepted" in wrong.problem
    assert not wrong.transient
    gone = problem(maria, maria.url.replace(f"/{name_of(maria)}?", "/secret_gone?"))
    assert "no such database" in gone.problem
    away = problem(maria, "mysql://reader:secret@hidden-host.invalid:3306/erp")
    assert "does not answer" in away.problem
    assert away.transient
    assert problem(maria, "mysql://reader:secret@:port/erp").problem == (
        "The address of Test ERP is not one of MySQL or MariaDB."
    )


@pytest.mark.external
def test_a_missing_right_names_the_table_and_what_to_grant(maria):
    with pytest.raises(SourceProblem, match="SELECT command denied") as caught:
        read(maria.source(), stream("select user from mysql.global_priv"))
    assert "lacks the right" in caught.value.meaning
    assert "GRANT SELECT" in caught.value.remedy


@pytest.mark.external
@pytest.mark.chaos
def test_a_server_that_goes_away_in_the_middle_is_tried_again_later():
    if mariadb.missing():
        pytest.skip(f"{mariadb.missing()} is not installed")
    with mariadb.server() as server:
        server.run("create table so (no integer, filler varchar(2000))")
        server.run("insert into so select seq, repeat('x', 2000) from seq_1_to_20000")
        world = Database("mariadb", server.url(), None)
        source, wanted = world.source(), stream("select * from so")
        with (  # noqa: PT012 - the break comes in the middle of a read
            pytest.raises(SourceProblem, match="does not answer") as caught,
            source.extract(wanted, None) as extract,
        ):
            next(extract.chunks)
            server.process.kill()
            for _ in extract.chunks:
                pass
        assert caught.value.transient
        assert not extract.complete()
        source.close()


def test_a_file_that_is_not_there_or_no_database_is_said_in_words(lite, tmp_path):
    text = tmp_path / "notes.db"
    text.write_text("no database at all, only some words" * 50)
    for path in (tmp_path / "secret-gone.db", text):
        found = problem(lite, f"sqlite:///{path}")
        assert "no such database" in found.problem
        assert not found.transient


def test_a_locked_file_is_tried_again_later(lite):
    from integration_hub.erp.database.sqlite import cause

    lite.write("pragma journal_mode = delete")
    lite.write("create table so (no integer)")
    lite.connection.execute("begin exclusive")
    import sqlite3

    with pytest.raises(sqlite3.OperationalError) as caught, sqlite3.connect(lite.url[10:], timeout=0) as other:
        other.execute("select * from so")
    lite.connection.rollback()
    assert cause(caught.value) is Cause.BUSY


def test_the_address_chooses_how_a_database_is_read():
    def opened(url: str) -> object:
        return open_sql(SourceConfig(name="erp", label="E", kind="sql", url=url, streams=()))

    for url in ("postgresql://a@h/d", "postgres://a@h/d", "postgresql+psycopg://a@h/d"):
        assert isinstance(opened(url), SqlSource)
    for url in ("mysql://a@h/d", "mariadb+pymysql://a@h/d", "sqlite:////d.db", "mssql://a@h/d", "oracle://a@h/d"):
        found = opened(url)
        assert isinstance(found, DatabaseSource)
        assert isinstance(found, ResumableSource)


@pytest.mark.parametrize(
    ("url", "package"), [("mssql://a:secret@h/d", "pymssql"), ("oracle://a:secret@h/d", "oracledb")]
)
def test_a_missing_driver_is_named_with_how_to_install_it(monkeypatch, url, package):
    monkeypatch.setattr("integration_hub.erp.database.session.find_spec", lambda _name: None)
    with pytest.raises(SourceProblem, match=f"Its package is called {package}") as caught:
        open_sql(SourceConfig(name="erp", label="Test ERP", kind="sql", url=url, streams=())).check()
    assert "integration_hub/erp/drivers.txt" in caught.value.remedy
    listed = (resources.files("integration_hub") / "erp" / "drivers.txt").read_text()
    assert re.search(rf"^{package}==[\d.]+\b", listed, re.MULTILINE)


def test_pages_are_written_in_the_dialect_of_the_source():
    table = derived(stream("select no, changed from so"), ("no", "changed"))
    query = Query(table, list(table.c), "changed", 7)
    for dialect, limit in ((mssql.dialect(), "SELECT TOP"), (oracle.dialect(), "FETCH FIRST")):
        page = str(query.page("no", "5", 10).compile(dialect=dialect))
        assert limit in page
        assert "ORDER BY q.no" in page
        assert "changed IS NULL" in page
    assert "LIMIT" in str(select(table).limit(1).compile(dialect=mysql.dialect()))


def test_errors_of_sql_server_and_oracle_are_told_apart_by_their_numbers():
    found = {
        database_mssql.cause(Exception(18456, b"Login failed for user 'reader'.")): Cause.PASSWORD,
        database_mssql.cause(Exception((20009, b"Unable to connect"))): Cause.AWAY,
        database_mssql.cause(Exception(208, b"Invalid object name 'so'.")): Cause.SHAPE,
        database_mssql.cause(Exception(229, b"The SELECT permission was denied")): Cause.RIGHT,
        database_mssql.cause(Exception(4060, b"Cannot open database")): Cause.DATABASE,
        database_mssql.cause(Exception(1222, b"Lock request time out")): Cause.BUSY,
    }
    assert all(cause is wanted for cause, wanted in found.items())
    texts = {
        "ORA-01017: invalid username/password": Cause.PASSWORD,
        "ORA-00942: table or view does not exist": Cause.SHAPE,
        "ORA-1456: may not perform insert in a READ ONLY transaction": Cause.WRITE,
        "DPY-6005: cannot connect to database": Cause.AWAY,
        "ORA-01555: snapshot too old": Cause.BUSY,
        "ORA-01031: insufficient privileges": Cause.RIGHT,
        "ORA-12514: listener does not know of service": Cause.DATABASE,
        "ORA-00001: unique constraint": Cause.OTHER,
    }
    assert {text: database_oracle.cause(Exception(text)) for text in texts} == texts
