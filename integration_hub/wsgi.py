"""WSGI entry point for gunicorn."""

import os
import sys

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

BOOT_ERROR = 3  # with this exit code of a worker gunicorn ends, instead of starting the next one forever

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integration_hub.settings")

application = get_wsgi_application()

from integration_hub import collecting, database_limits  # noqa: E402 - needs the apps, which are loaded only now
from integration_hub.checks import configuration_errors  # noqa: E402

if problems := configuration_errors():
    print("The web pages do not start.", *problems, sep="\n", file=sys.stderr, flush=True)
    sys.exit(BOOT_ERROR)

# The pages' modules, which the first visitor of each process would wait for.
get_resolver().url_patterns  # noqa: B018
database_limits.for_pages()
collecting.settle()
