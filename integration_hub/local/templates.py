"""Compiles every template of the project: a wrong tag is found before a visitor finds it."""

import sys
from pathlib import Path

import django
from django.template import TemplateSyntaxError, engines
from django.template.loader import get_template

from integration_hub.local.terminal import say


def main() -> int:
    """Say which templates do not compile; 1 if there are any, or if there are none at all."""
    django.setup()
    compiled, wrong = 0, 0
    for folder in (Path(each) for engine in engines.all() for each in engine.template_dirs):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = str(path.relative_to(folder))
            try:
                get_template(name)
            except (TemplateSyntaxError, UnicodeDecodeError) as error:
                say(f"{path}: {error}")
                wrong += 1
            compiled += 1
    say(f"{compiled} templates, {wrong} of them wrong")
    return 0 if compiled and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
