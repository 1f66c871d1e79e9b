"""Checks of the pages as a visitor meets them: they answer, out of this database, and somebody can sign in."""

from collections.abc import Iterator
from http import HTTPStatus

import requests
from django.conf import settings
from django.db import connection
from django.urls import reverse

from integration_hub.database_limits import OF_PAGES
from integration_hub.diagnosis.check import Check, Light
from integration_hub.sign_on.provider import introduced, is_configured
from integration_hub.sign_on.refusal import SignOnRefused

ANSWER_SECONDS = 10.0
PAGES, SESSIONS = "Pages", "Sessions of the pages"


def web_checks() -> Iterator[Check]:
    """The pages at PUBLIC_URL and their database, and the provider of the sign-on, each where there is one."""
    if settings.PUBLIC_URL:
        pages = check_pages()
        yield pages
        if pages.light is not Light.RED:
            # Now: the question has left the pages a session for a minute.
            yield check_sessions()
    if is_configured():
        yield check_provider()


def check_pages() -> Check:
    """Whether the web answers at its public address, through proxy and certificate, and can draw a page."""
    site = settings.PUBLIC_URL.rstrip("/")
    try:
        ready, page = (
            requests.get(f"{site}{path}", timeout=ANSWER_SECONDS, allow_redirects=False)
            for path in (reverse("readyz"), reverse("login"))
        )
    except requests.RequestException as error:
        remedy = "Start the web and the proxy, and read their logs; correct PUBLIC_URL if it leads elsewhere."
        return Check(PAGES, Light.RED, f"{site} does not answer: {type(error).__name__}.", remedy)
    try:
        parts = dict(ready.json())
    except (ValueError, TypeError):
        parts = {}
    remedy = "400: ALLOWED_HOSTS lacks the host. 500: read the log of the web. Else: PUBLIC_URL leads elsewhere."
    if "ready" not in parts:
        return Check(PAGES, Light.RED, f"{ready.url} answers {ready.status_code}, not as these pages do.", remedy)
    if page.status_code != HTTPStatus.OK:
        return Check(PAGES, Light.RED, f"{page.url} answers {page.status_code}: nobody can sign in.", remedy)
    lacks = ", ".join(name for name, works in parts.items() if not works and name != "ready")
    if lacks:
        found = f"{site} answers, and calls itself not ready: {lacks}."
        return Check(PAGES, Light.AMBER, found, "Other checks here say more; else read the log of the web.")
    return Check(PAGES, Light.GREEN, f"{site} answers and is ready.")


def check_sessions() -> Check:
    """Whether the pages use this database, and by which role: the owner of the tables can change the audit."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select current_database(),
                (select tableowner from pg_tables where tablename = 'hub_audit' and schemaname = current_schema()),
                array(select distinct datname::text from pg_stat_activity where application_name = %(pages)s),
                array(select distinct usename::text from pg_stat_activity
                      where application_name = %(pages)s and datname = current_database())
            """,
            {"pages": OF_PAGES},
        )
        here, owner, databases, roles = cursor.fetchone()
    remedy = "Name this database in DATABASE_URL of environment and environment.web, and restart the web."
    if not roles:
        elsewhere = f", but of {', '.join(sorted(databases))}" if databases else " on this server"
        found = f"The pages have no session of {here}{elsewhere}: they show and change another database."
        return Check(SESSIONS, Light.RED, found, remedy)
    if owner in roles and not settings.DEMO:
        found = f"The pages use the role {owner}, which owns the tables and can change the audit."
        remedy = "Make the web a role of its own: manage.py database_roles"
        return Check(SESSIONS, Light.AMBER, found, remedy)
    return Check(SESSIONS, Light.GREEN, f"They use {here} as {', '.join(sorted(roles))}.")


def check_provider() -> Check:
    """Whether the provider of the sign-on answers and is the one that was configured."""
    try:
        introduced()
    except SignOnRefused as refused:
        light = Light.AMBER if settings.PASSWORD_LOGIN else Light.RED
        nobody = "Only passwords work." if settings.PASSWORD_LOGIN else "Nobody can sign in."
        found = f"{refused}. {nobody}"
        return Check("Sign-on", light, f"{found[0].upper()}{found[1:]}", "Correct OIDC_ISSUER, or ask the provider.")
    return Check("Sign-on", Light.GREEN, f"{settings.OIDC_ISSUER} describes itself.")
