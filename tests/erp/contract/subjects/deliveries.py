"""Files: the whole content of each table is delivered anew after each change."""

import csv
import re
import sqlite3
from pathlib import Path

from tests.erp.contract.subject import UNNAMED, Subject
from tests.erp.contract.subjects.tables import ROWS, STREAMS, TABLES, TableErp

NOT_APPLICABLE = {
    **UNNAMED,
    "future_cursor": "files carry no change marks: each is known by its content",
    "field_retyped": "a file holds text, cast by the mirror's type; a value that does not fit is rejected",
    "resume": "a delivery is read in one go; what was not published is read again",
    "no_write": "files are opened for reading only; the SFTP client offers no call that writes (see the files' tests)",
    **dict.fromkeys(("repeated_page", "page_out_of_order"), "a delivery has no pages"),
}
FILES = {"customers": "customer", "invoices": "invoice", "invoice_lines": "invoice_line", "open_items": "item"}


def files(folder: Path) -> Subject:
    """A folder with one CSV file per stream."""
    drops = folder / "drops"
    drops.mkdir()
    database = sqlite3.connect(":memory:")
    for statement in (*TABLES, *ROWS):
        database.execute(statement)

    def execute(statement: str) -> None:
        database.execute(statement)
        deliver()

    def deliver() -> None:
        for stream, table in {**FILES, "allocations": "settlement"}.items():
            rows = database.execute(f"select * from {table}")
            with (drops / f"{stream}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow([each[0] for each in rows.description])
                writer.writerows(rows)

    def cut() -> None:
        whole = (drops / "invoices.csv").read_bytes()
        (drops / "invoices.csv").write_bytes(whole[: len(whole) // 2])

    deliver()
    return Subject(
        name="files",
        source="erp",
        toml='[[sources]]\nname = "erp"\nlabel = "The ERP"\nkind = "files"\ndirectory = "${CONTRACT_DROPS}"\n'
        "settle_seconds = 0\nmax_deleted_share = 0.5\n" + _streams(),
        environment={"CONTRACT_DROPS": str(drops)},
        wrong={"CONTRACT_DROPS": str(folder / "nowhere")},
        wrong_is_secret=False,
        changes=TableErp(execute, "erp").changes(),
        breaks={
            "lost_right": (drops / "invoices.csv").unlink,
            "lost_company": lambda: execute("delete from invoice"),
            "field_added": lambda: execute("alter table invoice add column fresh integer"),
            "field_removed": lambda: execute("alter table invoice drop column net"),
            "html_page": lambda: _page(drops / "invoices.csv"),
            "cut_answer": cut,
        },
        not_applicable=NOT_APPLICABLE,
        close=database.close,
    )


def _page(path: Path) -> None:
    path.write_text("<!doctype html>\n<html><title>Sign in</title></html>\n", encoding="utf-8")


def _streams() -> str:
    """The streams of the tables with a file each instead of a query, and without change marks."""
    text = STREAMS.format(s="")
    text = re.sub(r"query = '''.*?'''\n", "", text, flags=re.DOTALL)
    text = re.sub(r'(query|cursor) = "[^"]*"\n', "", text)
    return re.sub(r'name = "(\w+)"\n', r'name = "\1"\npath = "\1.csv"\n', text)
