"""manage.py salesforce_probe: settle what documentation leaves open, against a real org, with nothing to hide."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration_hub.api_use import metered
from integration_hub.config import hub
from integration_hub.salesforce.probe import Probe, open_probe, read_points
from integration_hub.salesforce.probe_writing import choose, putting_back, write_points
from integration_hub.sources import SourceProblem


class Command(BaseCommand):
    """Writes an anonymised transcript: no names, ids, values, tokens or hosts."""

    help = (
        "Ask the Salesforce org some dozen questions and write an anonymised transcript. Reads only, without --write."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", metavar="FILE", type=Path, help="where to write; default standard output")
        parser.add_argument("--write", action="store_true", help="also change one field of --account, and put it back")
        parser.add_argument("--account", metavar="ID", default="", help="with --write: id of a test account")
        parser.add_argument("--field", metavar="NAME", default="", help="with --write: the field to change")

    def handle(self, *args: Any, output: Path | None, write: bool, account: str, field: str, **options: Any) -> None:
        if write and not (account and field):
            raise CommandError("--write needs a test account and one of its fields: --account ID --field NAME.")
        if (account or field) and not write:
            raise CommandError("--account and --field are for --write; nothing was asked.")
        salesforce = hub().salesforce
        if salesforce is None:
            raise CommandError("hub.toml has no [salesforce]: add it, then run this again.")
        if output is not None:
            # Asked before anything else: a transcript that cannot be kept is not worth its requests.
            _write(output, "")
        try:
            with metered(None):
                probe = open_probe(salesforce)
                self._ask(probe, account, field)
        except SourceProblem as problem:
            raise CommandError(f"{problem.problem} {problem.meaning} {problem.remedy}".strip()) from problem
        self._hand_over(probe, output)

    def _ask(self, probe: Probe, account: str, field: str) -> None:
        target = choose(probe, account, field) if account else None
        read_points(probe)
        if target is None:
            for point in (2, 4, 6):
                probe.note(point, "needs --write")
            return
        value = "empty" if target.before is None else f'"{target.before}"'
        self.stderr.write(f"{target.field.name} of {target.account} is {value} now, and is put back at the end.")
        with putting_back(probe, target):
            write_points(probe, target)
        self.stderr.write("It has been put back.")

    def _hand_over(self, probe: Probe, output: Path | None) -> None:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in probe.lines)
        if output is None:
            self.stdout.write(text, ending="")
            return
        _write(output, text)
        self.stderr.write(
            f"{output}: {len(probe.lines)} lines, {probe.asker.calls} requests. Read it before you share it."
        )


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror}. Name another --output.") from error
