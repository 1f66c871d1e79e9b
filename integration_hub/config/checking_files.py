"""Checks what a source of files needs: a folder, or an SFTP server with a pinned key, and streams that fit together."""

from collections.abc import Callable
from pathlib import PurePath
from urllib.parse import urlsplit

from integration_hub.config.control_line import control_line
from integration_hub.config.problems import ConfigurationError
from integration_hub.config.shape import SourceConfig, StreamConfig

Keys = tuple[str | int, ...]
Where = Callable[[Keys], str]


def check_files(source: SourceConfig, keys: Keys, where: Where) -> None:
    """Raise ConfigurationError where a source of files says neither a folder nor a safe way to a server."""
    if bool(source.directory) == bool(source.url):
        raise ConfigurationError(
            where(keys),
            f'The source "{source.name}" of kind files has '
            + ("both directory and url." if source.url else "no directory and no url."),
            'Use either directory = "..." for a folder or url = "sftp://user@host:22/path" for a server.',
        )
    if source.url:
        _check_server(source, keys, where)
    inside = PurePath(source.archive_directory or "/").is_relative_to(PurePath(source.directory or "-"))
    if source.archive_directory and source.directory and inside:
        raise ConfigurationError(
            where((*keys, "archive_directory")),
            "The archive lies in the ERP's own folder, in which nothing is ever written.",
            "Name another folder, or leave archive_directory out: then it lies below STATE_DIR.",
        )


def _check_server(source: SourceConfig, keys: Keys, where: Where) -> None:
    parts = urlsplit(source.url)
    if parts.scheme != "sftp" or not parts.hostname or not parts.username or parts.password:
        raise ConfigurationError(
            where((*keys, "url")),
            "This is not the address of an SFTP server with the name of who signs in.",
            'Use "sftp://user@host:22/path", and password = "${NAME}" or private_key_file beside it.',
        )
    if not source.password and not source.private_key_file:
        raise ConfigurationError(
            where((*keys, "url")),
            "Nothing says how to sign in to the server.",
            'Add password = "${NAME}" or private_key_file = "...".',
        )


def check_file_stream(source: SourceConfig, stream: StreamConfig, keys: Keys, where: Where) -> None:
    """Raise ConfigurationError for a stream of files whose keys contradict each other."""
    for name in ("path", "full_path"):
        path = PurePath(getattr(stream, name))
        if path.is_absolute() or ".." in path.parts:
            raise ConfigurationError(
                where((*keys, name)),
                "The path leaves the source's directory.",
                'Use a name pattern, such as "orders_*.csv".',
            )
        if source.url and any(mark in str(path.parent) for mark in "*?["):
            raise ConfigurationError(
                where((*keys, name)),
                "On a server only the last part of a path may be a pattern.",
                'Use one such as "out/orders_*.csv".',
            )
    if stream.cursor:
        raise ConfigurationError(
            where((*keys, "cursor")),
            "Files have no change mark to read from: a file is read as a whole.",
            'Remove cursor; where files hold changed rows only, use delivery = "delta".',
        )
    for name in ("full_path", "sequence"):
        if getattr(stream, name) and stream.delivery != "delta":
            raise ConfigurationError(
                where((*keys, name)),
                "This is only for files of changed rows.",
                f'Add delivery = "delta", or remove {name}.',
            )
    if stream.sequence and stream.order == "time":
        raise ConfigurationError(
            where((*keys, "order")), "Numbered files are read in the order of their numbers.", "Remove order."
        )
    if stream.sheet and source.format != "xlsx":
        raise ConfigurationError(where((*keys, "sheet")), "Only XLSX files have sheets.", 'Use format = "xlsx".')
    _check_totals(source, stream, keys, where)


def _check_totals(source: SourceConfig, stream: StreamConfig, keys: Keys, where: Where) -> None:
    if bool(stream.control) != bool(stream.control_totals):
        raise ConfigurationError(
            where((*keys, "control")),
            "control names the file with the totals, control_totals says what stands in it: both are needed.",
            'Use control = "{name}.ctl" and control_totals = "rows={rows}", for example.',
        )
    if stream.control and "{name}" not in stream.control and "{stem}" not in stream.control:
        raise ConfigurationError(
            where((*keys, "control")),
            "The control file's name does not say to which file it belongs.",
            'Use "{name}.ctl", or "{stem}.ctl" for the name without its ending.',
        )
    if stream.control in {"{name}", "{stem}"}:
        raise ConfigurationError(
            where((*keys, "control")), "The control file would be the file itself.", 'Use "{name}.ctl", for example.'
        )
    if stream.trailer and source.format == "xlsx":
        raise ConfigurationError(
            where((*keys, "trailer")), "A sheet has no last line with totals.", "Use a control file."
        )
    for name in ("trailer", "control_totals"):
        text = getattr(stream, name)
        try:
            if text:
                control_line(text)
        except ValueError as error:
            raise ConfigurationError(
                where((*keys, name)), str(error), 'Use one such as "T;{rows};{sum:Net Total}".'
            ) from error
