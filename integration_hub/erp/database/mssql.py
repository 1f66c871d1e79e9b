"""SQL Server through pymssql: written from its documents, not yet tried against a live server."""

from sqlalchemy import Connection

from integration_hub.erp.database.dialect import CONNECT_SECONDS, Cause, Dialect, Rights, listed

SERVER_ROLES = ("sysadmin", "serveradmin", "securityadmin", "dbcreator", "bulkadmin", "setupadmin", "processadmin")
DATABASE_ROLES = ("db_owner", "db_datawriter", "db_ddladmin", "db_securityadmin", "db_accessadmin", "db_backupoperator")
HARMLESS = ("CONNECT", "CONNECT SQL", "SELECT", "SHOWPLAN", "REFERENCES", "CONNECT ANY DATABASE")
# What may be changed or run, of everything that is visible to the login.
OBJECTS = """
select s.name + '.' + o.name from sys.objects as o join sys.schemas as s on s.schema_id = o.schema_id
where o.type in ('U', 'V', 'P') and o.is_ms_shipped = 0 and (
    has_perms_by_name(quotename(s.name) + '.' + quotename(o.name), 'OBJECT', 'INSERT') = 1
    or has_perms_by_name(quotename(s.name) + '.' + quotename(o.name), 'OBJECT', 'UPDATE', null, 'OBJECT') = 1
    or has_perms_by_name(quotename(s.name) + '.' + quotename(o.name), 'OBJECT', 'DELETE') = 1
    or has_perms_by_name(quotename(s.name) + '.' + quotename(o.name), 'OBJECT', 'ALTER') = 1
    or has_perms_by_name(quotename(s.name) + '.' + quotename(o.name), 'OBJECT', 'EXECUTE') = 1)
"""
CAUSES = {
    Cause.PASSWORD: (18452, 18456, 18470, 18486, 18487, 18488),
    Cause.DATABASE: (911, 4060, 4064),
    Cause.RIGHT: (229, 230, 262, 297, 300, 916),
    Cause.SHAPE: (102, 105, 156, 195, 207, 208, 209, 1033, 4104, 8155, 8156),
    Cause.WRITE: (3906, 3924, 10739),
    Cause.BUSY: (1204, 1205, 1222, 3952, 3960, 10928, 10929, 40501, 40613),
    Cause.AWAY: (20002, 20003, 20004, 20006, 20009, 20017, 20047, 40197, 64, 233, 10053, 10054, 10060),
}


def begin(connection: Connection) -> None:
    """One snapshot where the database allows it, else rows that are committed when they are read."""
    connection.exec_driver_sql("set lock_timeout 30000")
    connection.exec_driver_sql("set dateformat ymd")
    allowed = connection.exec_driver_sql(
        "select snapshot_isolation_state from sys.databases where database_id = db_id()"
    ).scalar()
    # The level can only be set outside a transaction, and pymssql has opened one.
    connection.commit()
    level = "snapshot" if allowed == 1 else "read committed"
    connection.exec_driver_sql(f"set transaction isolation level {level}")
    connection.commit()


def rights(connection: Connection) -> Rights:
    """Roles of server and database, rights on both, and every object that may be changed or run."""
    version, role, database = connection.exec_driver_sql(
        "select cast(serverproperty('ProductVersion') as varchar(60)), suser_sname(), db_name()"
    ).one()
    members = [
        name for name in SERVER_ROLES if connection.exec_driver_sql(f"select is_srvrolemember('{name}')").scalar() == 1
    ] + [name for name in DATABASE_ROLES if connection.exec_driver_sql(f"select is_rolemember('{name}')").scalar() == 1]
    broad = [
        str(name)
        for scope in ("sys.fn_my_permissions(null, 'SERVER')", "sys.fn_my_permissions(null, 'DATABASE')")
        for (name,) in connection.exec_driver_sql(f"select permission_name from {scope}")  # noqa: S608
        if name not in HARMLESS and not str(name).startswith("VIEW ")
    ]
    objects = [str(name) for (name,) in connection.exec_driver_sql(OBJECTS)]
    return Rights(
        product="SQL Server",
        proven=False,
        version=str(version),
        role=str(role),
        database=str(database),
        writable=listed((("it belongs to", members), ("it has the rights", broad), ("it may change or run", objects))),
        read_only=None,
        proof=f'may change and run nothing in "{database}"; what is sent are SELECT statements only',
    )


def cause(error: BaseException) -> Cause:
    """What a SQL Server error number means; pymssql nests it for errors of the connection."""
    number = error.args[0] if error.args else None
    while isinstance(number, tuple) and number:
        number = number[0]
    text = str(error)
    if "18456" in text:
        return Cause.PASSWORD
    if "4060" in text:
        return Cause.DATABASE
    return next((each for each, numbers in CAUSES.items() if number in numbers), Cause.OTHER)


SQL_SERVER = Dialect(
    label="SQL Server",
    driver="mssql+pymssql",
    module="pymssql",
    package="pymssql",
    address="mssql://role:password@host:1433/database",
    grants=(
        "CREATE LOGIN customer360_reader WITH PASSWORD = '...'; CREATE USER customer360_reader FOR LOGIN "
        "customer360_reader; ALTER ROLE db_datareader ADD MEMBER customer360_reader"
    ),
    begin=begin,
    rights=rights,
    cause=cause,
    arguments={"login_timeout": CONNECT_SECONDS, "appname": "Customer 360", "charset": "UTF-8"},
    patience=lambda seconds: {"timeout": max(1, int(seconds))},
)
