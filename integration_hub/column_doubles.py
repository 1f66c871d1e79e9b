"""How a double's text becomes the decimal number that its source holds, as a PostgreSQL expression."""

from psycopg import sql

from integration_hub.column_types import NUMBER, composed


def rounded(raw: sql.Composable, places: int) -> sql.Composable:
    """A double's text, such as 1.23456789E7 or 0.30000000000000004, written plainly with its real decimals, half-up.

    Other text stays as it is; most numbers are already written so, which one pattern sees.
    """
    fraction = f"[.][0-9]{{{places}}}" if places else ""
    return composed(
        "case when {raw} ~ {plain} and {raw} !~ '^-[0.]*$' then {raw}"
        " when {raw} ~ {number} then round({raw}::numeric, {places})::text else {raw} end",
        raw=raw,
        plain=sql.Literal(f"^-?(0|[1-9][0-9]*){fraction}$"),
        number=sql.Literal(NUMBER),
        places=sql.Literal(places),
    )
