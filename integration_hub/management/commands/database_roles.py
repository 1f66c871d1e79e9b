"""manage.py database_roles: the database role of the web, which can add to the audit but not change it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError, connection, transaction

from integration_hub.audit.roles import BadRole, web_role


class Command(BaseCommand):
    """Prints the statements, or applies them with the role of DATABASE_URL, which must own the tables."""

    help = "Print (or --apply) the SQL of a role for the web that can add to the audit but not change or empty it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--web-role", default="customer360_web", help="its name (default: customer360_web)")
        parser.add_argument("--apply", action="store_true", help="run the statements instead of printing them")

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select current_database(), current_schema(), tableowner from pg_tables "
                "where tablename = 'hub_audit' and schemaname = current_schema()"
            )
            row = cursor.fetchone()
        if row is None:
            raise CommandError("There is no table hub_audit yet: run manage.py migrate first.")
        database, schema, owner = row
        try:
            statements = web_role(options["web_role"], database, owner, schema)
        except BadRole as problem:
            raise CommandError(str(problem)) from problem
        if not options["apply"]:
            self.stdout.write(
                "-- Run as an administrator of the server, such as postgres: the owner of the tables need not be\n"
                "-- able to make roles. Then set a password, and give the role to the web in DATABASE_URL.\n"
                "-- Worker, scheduler and migrations keep the owner."
            )
            self.stdout.write("\n".join(f"{statement};" for statement in statements))
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        except ProgrammingError as problem:
            raise CommandError(
                f"The database refused: {str(problem).splitlines()[0]}. Nothing was changed. The role of DATABASE_URL"
                " may not make roles, and need not: run manage.py database_roles without --apply, and what it prints"
                f" as an administrator of the server, such as: manage.py database_roles | psql -U postgres {database}"
            ) from problem
        self.stdout.write(f"The role {options['web_role']} is up to date. Set its password: \\password in psql.")
