"""Oracle through python-oracledb: written from its documents, not yet tried against a live server."""

import re
from typing import Any

from sqlalchemy import Connection

from integration_hub.erp.database.dialect import CONNECT_SECONDS, Cause, Dialect, Rights, listed

HARMLESS = frozenset(
    {"CREATE SESSION", "ALTER SESSION", "SELECT ANY TABLE", "READ ANY TABLE", "SELECT ANY DICTIONARY", "INHERIT ANY"}
)
SESSION = (
    "alter session set time_zone = 'UTC'",
    "alter session set nls_numeric_characters = '.,'",
    "alter session set nls_date_format = 'YYYY-MM-DD HH24:MI:SS'",
    "alter session set nls_timestamp_format = 'YYYY-MM-DD HH24:MI:SS.FF6'",
)
OBJECTS = """
select distinct privilege || ' on ' || owner || '.' || table_name from user_tab_privs
where grantee = user and privilege not in ('SELECT', 'READ', 'INHERIT PRIVILEGES')
union
select distinct privilege || ' on ' || owner || '.' || table_name from role_tab_privs
where privilege not in ('SELECT', 'READ')
union
select distinct privilege || ' on ' || owner || '.' || table_name from user_col_privs_recd
where privilege not in ('SELECT', 'READ')
"""
CODE = re.compile(r"\b(ORA|DPY)-(\d{4,5})\b")
CAUSES = {
    Cause.PASSWORD: "ORA-01005 ORA-01017 ORA-28000 ORA-28001 ORA-01045 DPY-4001",
    Cause.DATABASE: "ORA-12505 ORA-12514 DPY-6001 DPY-6003 ORA-12154",
    Cause.RIGHT: "ORA-01031 ORA-41900",
    # Oracle says of a table that may not be read that it does not exist.
    Cause.SHAPE: (
        "ORA-00942 ORA-00904 ORA-00918 ORA-00900 ORA-00907 ORA-00911 ORA-00923 ORA-00933 ORA-00936 ORA-00960 ORA-06553"
    ),
    Cause.WRITE: "ORA-01456 ORA-14551 ORA-14552 ORA-16000",
    Cause.BUSY: "ORA-00054 ORA-01555 ORA-02391 ORA-00018 ORA-00020 ORA-01013",
    Cause.AWAY: (
        "ORA-03113 ORA-03114 ORA-03135 ORA-12541 ORA-12537 ORA-12170 ORA-12528 ORA-01033 ORA-01034 ORA-01089"
        " DPY-4011 DPY-4024 DPY-6005 DPY-1001"
    ),
}


def bounded(driver: Any, seconds: float) -> None:
    """Let no round trip take longer; the driver counts in milliseconds."""
    driver.call_timeout = int(seconds * 1000)


def begin(connection: Connection) -> None:
    """One snapshot for everything that this session reads, in which nothing can be changed."""
    for statement in SESSION:
        connection.exec_driver_sql(statement)
    connection.commit()
    connection.exec_driver_sql("set transaction read only")


def rights(connection: Connection) -> Rights:
    """Rights over the whole database, those on single objects, and objects of the role's own."""
    version, role, database = connection.exec_driver_sql(
        "select (select min(version) from product_component_version), user, sys_context('userenv', 'db_name') from dual"
    ).one()
    broad = [
        str(name)
        for (name,) in connection.exec_driver_sql("select privilege from session_privs")
        if name not in HARMLESS
    ]
    objects = [str(name) for (name,) in connection.exec_driver_sql(OBJECTS)]
    owned = [str(name) for (name,) in connection.exec_driver_sql("select table_name from user_tables")]
    return Rights(
        product="Oracle",
        proven=False,
        version=str(version),
        role=str(role),
        database=str(database),
        writable=listed((("it has the rights", broad), ("it may", objects), ("it owns", owned))),
        read_only=None,
        proof=f'may change and run nothing in "{database}" that was granted to it; its transaction is read-only',
    )


def cause(error: BaseException) -> Cause:
    """What an Oracle error code means."""
    found = CODE.search(str(error))
    code = f"{found[1]}-{found[2].zfill(5) if found[1] == 'ORA' else found[2]}" if found else ""
    return next((each for each, codes in CAUSES.items() if code in codes.split()), Cause.OTHER)


ORACLE = Dialect(
    label="Oracle",
    driver="oracle+oracledb",
    module="oracledb",
    package="oracledb",
    address="oracle://role:password@host:1521/?service_name=database",
    grants=(
        "CREATE USER customer360_reader IDENTIFIED BY ...; GRANT CREATE SESSION TO customer360_reader; "
        "GRANT SELECT ON each table that the queries name TO customer360_reader"
    ),
    begin=begin,
    rights=rights,
    cause=cause,
    arguments={"tcp_connect_timeout": CONNECT_SECONDS},
    bounded=bounded,
)
