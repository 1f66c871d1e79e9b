"""Where the data sets lie: two real ones outside the project, and a small invented one of the same shape inside it."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INVENTED = HERE / "invented"


def real_data() -> Path:
    """Where the real data sets lie: CUSTOMER360_DATA, by default ../shared/data beside the clone."""
    return Path(os.environ.get("CUSTOMER360_DATA", HERE.parents[2] / "shared" / "data"))


def data_or_skip(name: str) -> Path:
    """The folder above the data set `name`; skips the test where it is missing."""
    folder = real_data()
    if not (folder / name / "orders.csv").is_file():
        pytest.skip(f"the data set {name} is not in {folder}: set CUSTOMER360_DATA to where it lies")
    return folder
