"""Read-only is proven, not promised: every kind of role that could write to the ERP is refused at the check."""

import re

import psycopg
import pytest

from integration_hub.erp.postgresql.source import SqlSource
from integration_hub.sources import SourceRefused


@pytest.fixture
def table(erp):
    erp.run("create table so (no text, value numeric)")
    return erp


def refused(erp, url=""):
    with pytest.raises(SourceRefused) as caught:
        SqlSource(erp.source(url=url)).check()
    return caught.value


def test_a_role_that_only_reads_is_accepted_with_a_proof(table):
    check = SqlSource(table.source()).check()
    assert check.label == "Test ERP"
    assert check.version.startswith("PostgreSQL ")
    assert 'Role "erp_reader" may read' in check.read_only_proof
    assert "write none" in check.read_only_proof


def test_a_superuser_is_refused(table):
    problem = refused(table, table.admin_url.replace("//hub@", "//postgres@"))
    assert "it is or can become the superuser postgres" in problem.problem


def test_an_owner_is_refused(table):
    problem = refused(table, table.admin_url)
    assert "it owns" in problem.problem
    assert "it may create in the schema" in problem.problem


@pytest.mark.parametrize("right", ["insert", "update", "delete", "truncate", "update (value)"])
def test_a_single_right_to_write_is_refused_and_the_table_named(table, right):
    table.run(f"grant {right} on so to erp_reader")
    problem = refused(table)
    assert f"it may change {table.schema}.so" in problem.problem
    assert "GRANT SELECT ON ALL TABLES" in problem.remedy


def test_a_right_that_everybody_has_counts_too(table):
    table.run("grant insert on so to public")
    assert "it may change" in refused(table).problem


def test_a_right_to_count_a_sequence_on_is_refused(table):
    table.run("create sequence counter")
    table.run("grant usage on sequence counter to erp_reader")
    assert f"it may change {table.schema}.counter" in refused(table).problem


def test_a_right_to_create_in_a_schema_is_refused(table):
    with psycopg.connect(table.admin_url) as connection:
        connection.execute(f"grant create on schema {table.schema} to erp_reader".encode())
    assert f"it may create in the schema {table.schema}" in refused(table).problem


def test_a_right_that_the_role_could_get_by_becoming_another_is_refused(table):
    owner = table.admin_url.replace("//hub@", "//postgres@")
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("create role clerk_of_test nologin")
        try:
            connection.execute(f"grant usage on schema {table.schema} to clerk_of_test".encode())
            connection.execute(f"grant update on {table.schema}.so to clerk_of_test".encode())
            connection.execute("create role reader_of_test login noinherit")
            connection.execute("grant clerk_of_test to reader_of_test with inherit false, set true")
            connection.execute("select format('grant connect on database %I to reader_of_test', current_database())")
            name = connection.info.dbname
            connection.execute(f'grant connect on database "{name}" to reader_of_test'.encode())
            problem = refused(table, table.admin_url.replace("//hub@", "//reader_of_test@"))
        finally:
            for role in ("reader_of_test", "clerk_of_test"):
                connection.execute(f"drop owned by {role}".encode())
                connection.execute(f"drop role {role}".encode())
    assert f"it may change {table.schema}.so" in problem.problem


def test_nothing_is_read_with_a_role_that_could_write(table):
    table.run("grant delete on so to erp_reader")
    stream = table.stream("select no from {s}.so")
    with pytest.raises(SourceRefused), SqlSource(table.source(stream)).extract(stream, None):
        pass


def test_the_session_itself_cannot_write_even_where_the_role_could(table):
    source = SqlSource(table.source())
    source.check()
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        source._session().execute("create temporary table t (i int)")


def test_a_long_list_of_rights_is_cut_but_counted(table):
    for number in range(6):
        table.run(f"create table many_{number} (i int)")
        table.run(f"grant insert on many_{number} to erp_reader")
    assert re.search(r"it may change (\S+, ){3}\S+ and 2 more", refused(table).problem)
