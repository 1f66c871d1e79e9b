"""Writes the CSV that we upload: UTF-8 without BOM, LF, fixed columns, `#N/A` for null, ISO dates."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO

from integration_hub.salesforce.errors import SalesforceProblem

CLEAR = "#N/A"
LARGEST_UPLOAD = 100_000_000
"""Bytes; Salesforce takes 150 MB after it has encoded the file."""
_LINE_ENDS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
Value = object


def upload_file(columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> IO[bytes]:
    """A temporary file with the rows, at its start. A column that a row lacks stays empty there, which changes nothing.

    Raises SalesforceProblem when it grows beyond what one job takes.
    """
    body = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    text = io.TextIOWrapper(body, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_text(row[name]) if name in row else "" for name in columns])
    size = text.tell()
    text.detach()
    if size > LARGEST_UPLOAD:
        body.close()
        raise SalesforceProblem(
            f"The changes fill {size / 1e6:.0f} MB, and one Bulk job takes {LARGEST_UPLOAD / 1e6:.0f} MB.",
            "Nothing was sent.",
            "Push fewer fields at first ([push] in hub.toml); what stands in Salesforce already is not sent again.",
        )
    body.seek(0)
    return body


def _text(value: Value) -> str:
    if value is None or value == "":
        return CLEAR
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant without time zone cannot be sent")
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    # Whether a line end within a value upsets the declared line ending is not documented: it becomes a blank.
    return _LINE_ENDS.sub(" ", str(value)).replace("\0", "")
