"""The customers layer as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the start-up checks and the fields of rules; everything else is in the package's modules."""

    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import what registers itself once the models are there."""
        import_module("customers.checks")
        import_module("customers.rules.attributes")
