"""A file that goes to PostgreSQL as it is must mean there what it means to Python's csv module."""

import csv
import io
import os
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration_hub.config import SourceConfig
from integration_hub.erp.files.delivery import Delivery
from integration_hub.erp.files.inspection import inspect
from integration_hub.erp.files.packed import BadFileError

VALUE = st.text(alphabet='ab",\\. \n\r\t', max_size=6)
PLAIN_VALUE = st.text(alphabet="ab\\.'; ", max_size=5)
# As ERPs write them, and as no ERP should.
LINE = st.one_of(
    st.tuples(PLAIN_VALUE, PLAIN_VALUE).map(",".join),
    st.tuples(VALUE, VALUE).map(lambda row: ",".join('"' + value.replace('"', '""') + '"' for value in row)),
    st.tuples(VALUE, VALUE).map(",".join),
)
END = st.sampled_from(["\n", "\n", "\n", "\r\n"])
SOURCE = SourceConfig(name="t", label="T", kind="files", directory=".", streams=())


@pytest.fixture(scope="module")
def stage():
    with psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"]) as connection:
        connection.execute("create temporary table stage (a text, b text)")
        yield connection
        connection.rollback()


@given(lines=st.lists(LINE, min_size=1, max_size=5), end=END)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plain_file_means_the_same_to_postgres_and_to_python(tmp_path, stage, lines, end):
    content = "".join(line + end for line in ["x,y", *lines])
    path = Path(tmp_path) / "orders.csv"
    path.write_bytes(content.encode())
    status = path.stat()
    try:
        found = inspect(Delivery(path, status.st_size, status.st_mtime_ns, marked=False), SOURCE)
    except BadFileError:
        return
    expected = [record for record in csv.reader(io.StringIO(content, newline=""), strict=True) if record][1:]
    assert found.rows == len(expected)
    if not found.plain:
        return
    stage.execute("truncate stage")
    with stage.cursor() as cursor, cursor.copy("copy stage from stdin (format csv)") as copy:
        copy.write(path.read_bytes().split(b"\n", 1)[1])
    stored = stage.execute("select coalesce(a, ''), coalesce(b, '') from stage").fetchall()
    assert sorted(map(list, stored)) == sorted(expected)


@pytest.mark.parametrize(
    "content", ["x,y\n1,2\n", 'x,y\n"a, b",2\n', 'x,y\n"say ""a""",\n', "x,y\r\n1,2\r\n", 'x,y\n"two\nlines",2\n']
)
def test_ordinary_files_are_plain(tmp_path, content):
    path = tmp_path / "orders.csv"
    path.write_bytes(content.encode())
    assert inspect(Delivery(path, len(content), 0, marked=False), SOURCE).plain
