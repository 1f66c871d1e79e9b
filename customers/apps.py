"""The customers layer as a Django app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """See the package's modules; this only names it."""

    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"
