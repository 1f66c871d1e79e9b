"""MySQL and MariaDB: values come as the text the server sends, rights are read from its own list of grants."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE
from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Numeric,
    String,
    case,
    cast,
    func,
    literal,
    literal_column,
)
from sqlalchemy.exc import DBAPIError

from integration_hub.erp.database.dialect import CONNECT_SECONDS, Cause, Dialect, Rights, listed

SESSION = (
    "set session transaction isolation level repeatable read",
    "set session transaction read only",
    "set session time_zone = '+00:00'",
    # A table that the ERP has locked, as during its update, must not hold up every other source.
    "set session lock_wait_timeout = 30",
    # The warehouse may take its time between two chunks.
    "set session net_write_timeout = 3600",
    "start transaction with consistent snapshot, read only",
)
HARMLESS = frozenset(
    {"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "CREATE TEMPORARY TABLES", "LOCK TABLES"}
    | {"REPLICATION CLIENT", "BINLOG MONITOR", "SLAVE MONITOR", "REFERENCES", "SHOW_ROUTINE", "CONNECTION_ADMIN"}
)
GRANT = re.compile(r"GRANT (?P<rights>.+?) ON (?P<where>.+?) TO ", re.DOTALL)
ROLE = re.compile(r"GRANT (?P<roles>.+?) TO ", re.DOTALL)
COLUMNS = re.compile(r"\s*\([^)]*\)")
WHOLE = frozenset(
    {FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG, FIELD_TYPE.INT24, FIELD_TYPE.YEAR}
)
DECIMALS = frozenset({FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL})
DOUBLES = frozenset({FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE})
TIMES = frozenset(
    {FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP, FIELD_TYPE.NEWDATE, FIELD_TYPE.TIME, FIELD_TYPE.NULL}
)
UNESCAPED = WHOLE | DECIMALS | DOUBLES | TIMES
ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
CAUSES = {
    Cause.PASSWORD: (1045, 1698, 1862, 3118, 4151),
    Cause.DATABASE: (1044, 1049),
    Cause.RIGHT: (1142, 1143, 1227, 1370),
    Cause.SHAPE: (1051, 1054, 1060, 1064, 1146, 1149, 1305, 1356),
    Cause.WRITE: (1290, 1792),
    Cause.BUSY: (1040, 1203, 1205, 1213, 1226, 1317, 1969, 3024),
    Cause.AWAY: (0, 1053, 1077, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2002, 2003, 2005, 2006, 2013, 2055, 4031),
}


def begin(connection: Connection) -> None:
    """One read-only snapshot for everything that this session reads; only InnoDB tables are in it."""
    for statement in SESSION:
        connection.exec_driver_sql(statement)


def rights(connection: Connection) -> Rights:
    """Every grant of the account and of the roles it may take on, also those that are not switched on."""
    version, role, database = connection.exec_driver_sql("select version(), current_user(), database()").one()
    variables = connection.exec_driver_sql(
        "show variables where Variable_name in ('transaction_read_only', 'tx_read_only')"
    ).all()
    readable = connection.exec_driver_sql(
        "select count(*) from information_schema.tables where table_schema = database()"
    ).scalar()
    writable, taken = _writable(connection)
    is_mariadb = "mariadb" in str(version).lower()
    return Rights(
        product="MariaDB" if is_mariadb else "MySQL",
        proven=is_mariadb,
        version=str(version).partition("-")[0],
        role=str(role),
        database=str(database or ""),
        writable=listed((("it may", writable), ("it may take on the role", taken))),
        read_only=bool(variables) and all(str(value) in {"ON", "1"} for _, value in variables),
        proof=(
            f'may read {readable} tables and views of "{database}" and write none; the session is read-only by itself'
        ),
    )


def _writable(connection: Connection) -> tuple[list[str], list[str]]:
    """Rights that are not harmless, with their place; and roles whose rights cannot be looked at."""
    own = _grants(connection, "show grants for current_user()")
    roles = [role.strip() for line in own if (taken := ROLE.match(line)) and not GRANT.match(line)
             for role in taken["roles"].split(",")]  # fmt: skip
    unknown = []
    before = connection.exec_driver_sql("select current_role()").scalar() if roles else None
    for role in roles:
        try:
            # An account sees the rights of a role only while it has taken it on.
            connection.exec_driver_sql(f"set role {role}")
            own += _grants(connection, "show grants")
        except DBAPIError:
            # What cannot be looked at cannot be proven harmless.
            unknown.append(role.replace("`", ""))
    if roles:
        connection.exec_driver_sql(f"set role {_quoted(before)}")
    found = dict.fromkeys(right for line in own for right in _harmful(line))
    return list(found), unknown


def _grants(connection: Connection, statement: str) -> list[str]:
    return [str(line) for (line,) in connection.exec_driver_sql(statement)]


def _quoted(role: Any) -> str:
    """A role as the server names it, for SET ROLE; MySQL quotes it itself, MariaDB does not."""
    name = str(role or "none")
    return name if name.lower() == "none" or "`" in name else f"`{name}`"


def _harmful(line: str) -> list[str]:
    granted = GRANT.match(line)
    if granted is None:
        return []
    names = [each.strip().upper() for each in COLUMNS.sub("", granted["rights"]).split(",")]
    place = granted["where"].replace("`", "")
    return [f"{name} on {place}" for name in names if name not in HARMLESS]


def cause(error: BaseException) -> Cause:
    """What a MySQL error number means."""
    number = error.args[0] if error.args else None
    if isinstance(error, pymysql.err.InterfaceError | OSError):
        return Cause.AWAY
    return next((each for each, numbers in CAUSES.items() if number in numbers), Cause.OTHER)


def typed(value: Any, code: Any) -> Any:
    """A value that the server sent as text, in the type of its column."""
    if isinstance(value, str):
        if code in WHOLE:
            return int(value)
        if code in DECIMALS:
            return Decimal(value)
        if code in DOUBLES:
            return float(value)
    return value


def line(columns: Sequence[tuple[ColumnElement[Any], Any, int | None]]) -> ColumnElement[Any]:
    """A row as one value in COPY text: for PyMySQL every value costs time, for the server hardly any."""
    parts: list[Any] = []
    for column, code, places in columns:
        parts += [literal("\t")] if parts else []
        exact = func.round(cast(column, Numeric(38, 10)), places) if code in DOUBLES and places is not None else column
        parts.append(func.ifnull(_text(exact, code), literal("\\N")))
    return cast(func.concat(*parts), LargeBinary).label("line")


def _text(column: ColumnElement[Any], code: Any) -> ColumnElement[Any]:
    if code in UNESCAPED:
        return cast(column, String)
    if code == FIELD_TYPE.BIT:
        return cast(column + 0, String)
    plain: ColumnElement[Any] = func.convert(column.op("using")(literal_column("utf8mb4")))
    for character, escaped in ESCAPES:
        plain = func.replace(plain, literal(character), literal(escaped))
    if code == FIELD_TYPE.JSON:
        return plain
    # Text and bytes have the same type code; COPY reads two backslashes as one.
    return case(
        (func.charset(column) == "binary", func.concat(literal("\\\\x"), func.lower(func.hex(column)))), else_=plain
    )


def abandon(driver: Any) -> None:
    """PyMySQL would read on to the last row, or stumble over its closed socket, when its cursor is thrown away."""
    pending = getattr(driver, "_result", None)
    if pending is not None:
        pending.unbuffered_active = False


def grants(names: Sequence[str] = ("customer360_reader",)) -> str:
    """Statements for the database's administrator."""
    return "; ".join(f"CREATE USER {name} IDENTIFIED BY '...'; GRANT SELECT ON erp.* TO {name}" for name in names)


MYSQL = Dialect(
    label="MySQL or MariaDB",
    driver="mysql+pymysql",
    module="pymysql",
    package="PyMySQL",
    address="mysql://role:password@host:3306/database",
    grants=grants(),
    begin=begin,
    rights=rights,
    cause=cause,
    # Without converters every value stays the text that the server wrote: exact, and quicker.
    arguments={
        "conv": dict(pymysql.converters.encoders),
        "charset": "utf8mb4",
        "connect_timeout": CONNECT_SECONDS,
        "program_name": "Customer 360",
    },
    patience=lambda seconds: {"read_timeout": max(1, int(seconds))},
    typed=typed,
    line=line,
    abandon=abandon,
    is_number=lambda code: code in WHOLE | DECIMALS | DOUBLES,
)
