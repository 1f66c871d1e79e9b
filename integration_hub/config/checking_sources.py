"""Checks what each kind of source needs: its address, who signs in, and what each of its streams reads."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from integration_hub.config.checking_files import check_file_stream, check_files
from integration_hub.config.problems import ConfigurationError
from integration_hub.config.shape import SourceConfig, StreamConfig

Keys = tuple[str | int, ...]
Where = Callable[[Keys], str]
NEEDED: Mapping[str, tuple[str, ...]] = {
    "sql": ("url",),
    "files": (),
    "tryton": ("url", "database", "api_key"),
    "odoo": ("url", "database", "api_key"),
    "odata": ("url", "profile"),
    "rest": ("url", "profile"),
}
DIALECTS = ("postgresql", "postgres", "mysql", "mariadb", "sqlite", "mssql", "oracle")
TOLERANCE = re.compile(r"^[0-9]{1,6}(\.[0-9]{1,6})?$")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
READ_BY: Mapping[str, str] = {"sql": "query", "files": "path"}


def check_reach(source: SourceConfig, keys: Keys, where: Where) -> None:
    """Raise ConfigurationError for what would only show when the source is read."""
    for needed in NEEDED[source.kind]:
        if not getattr(source, needed):
            raise ConfigurationError(
                where(keys), f'The source "{source.name}" of kind {source.kind} has no {needed}.', f"Add {needed}."
            )
    if not TOLERANCE.match(source.sum_tolerance):
        raise ConfigurationError(
            where((*keys, "sum_tolerance")), "This is not an amount.", 'Use a text with a point, such as "0.01".'
        )
    if source.kind == "sql":
        _check_database(source, keys, where)
    elif source.kind == "files":
        check_files(source, keys, where)
    else:
        _check_web_address(source, keys, where)


def _check_database(source: SourceConfig, keys: Keys, where: Where) -> None:
    if source.url.partition(":")[0].partition("+")[0] not in DIALECTS:
        raise ConfigurationError(
            where((*keys, "url")),
            "This is not the address of a database that can be read.",
            'Use "postgresql://role:password@host:5432/database", from the environment; or mysql, mariadb, sqlite, '
            "mssql or oracle in front.",
        )


def _check_web_address(source: SourceConfig, keys: Keys, where: Where) -> None:
    """Credentials and customer data cross the network only encrypted."""
    for name in ("url", "token_url"):
        parts = urlsplit(getattr(source, name))
        if name == "token_url" and not source.token_url:
            continue
        if parts.scheme == "https" and parts.hostname:
            continue
        if parts.scheme != "http" or parts.hostname not in LOOPBACK:
            raise ConfigurationError(
                where((*keys, name)),
                "This is no https address.",
                'Use the ERP\'s https address, such as "https://erp.example.com".',
            )


def check_stream_reads(source: SourceConfig, stream: StreamConfig, keys: Keys, where: Where) -> None:
    """Raise ConfigurationError where a stream does not say what it reads."""
    wanted = READ_BY.get(source.kind, "object")
    if not getattr(stream, wanted):
        raise ConfigurationError(where(keys), f'The stream "{stream.name}" has no {wanted}.', f"Add {wanted}.")
    names = {each.name for each in source.streams if not each.within}
    if stream.within and stream.within not in names:
        raise ConfigurationError(
            where((*keys, "within")),
            f'There is no stream "{stream.within}" that it could come with.',
            f"Use one of: {', '.join(sorted(names))}.",
        )
    if source.kind == "files":
        check_file_stream(source, stream, keys, where)
