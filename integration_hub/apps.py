"""The bottom layer as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class IntegrationHubConfig(AppConfig):
    """Mirror, ledger and edges; knows nothing of the layers above."""

    name = "integration_hub"
    label = "integration_hub"
    verbose_name = "Integration hub"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the checks, and what listens to signals, once the models are there."""
        import_module("integration_hub.checks")
        import_module("integration_hub.audit.signing_in")
        import_module("integration_hub.audit.rights")
        import_module("integration_hub.sign_on.ending")
