"""The reports layer as a Django app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """See the package's modules; this only names it."""

    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"
