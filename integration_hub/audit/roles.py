"""The database role of the web: it can do its work, and add to the audit, but not change what stands there."""

import re

ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
APPEND_ONLY = "hub_audit"


class BadRole(ValueError):
    """A name that cannot be a role's."""


def web_role(name: str, database: str, owner: str, schema: str = "public") -> list[str]:
    """The statements that make the role, or bring it up to date. Run by an administrator of the server.

    It owns nothing, so it can neither drop nor disable the trigger that refuses changes, nor empty the table. Tables of
    later migrations are granted by default; run it again after each upgrade all the same.
    """
    for each in (name, owner, schema):
        if not ROLE.fullmatch(each):
            raise BadRole(f'"{each}" is no name for a role: lower-case letters, digits and underscores.')
    if name == owner:
        raise BadRole("The owner of the tables can change everything; give the web a role of another name.")
    quoted = '"' + database.replace('"', '""') + '"'
    later = f"alter default privileges for role {owner} in schema {schema} grant"
    # Every name was looked at above; a statement of rights takes no parameters.
    statements = f"""
        do $$ begin create role {name} login; exception when duplicate_object then null; end $$
        alter role {name} nosuperuser nocreatedb nocreaterole noreplication nobypassrls
        grant connect, temporary on database {quoted} to {name}
        grant usage, create on schema {schema} to {owner}
        revoke create on schema {schema} from public
        revoke create on schema {schema} from {name}
        grant usage on schema {schema} to {name}
        grant select, insert, update, delete on all tables in schema {schema} to {name}
        grant usage, select on all sequences in schema {schema} to {name}
        {later} select, insert, update, delete on tables to {name}
        {later} usage, select on sequences to {name}
        revoke all on {schema}.{APPEND_ONLY} from {name}
        grant select, insert on {schema}.{APPEND_ONLY} to {name}
    """  # noqa: S608
    return [line.strip() for line in statements.splitlines() if line.strip()]
