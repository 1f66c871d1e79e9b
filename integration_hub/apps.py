"""The bottom layer as a Django app."""

from django.apps import AppConfig


class IntegrationHubConfig(AppConfig):
    """Mirror, ledger and edges; knows nothing of the layers above."""

    name = "integration_hub"
    label = "integration_hub"
    verbose_name = "Integration hub"
    default_auto_field = "django.db.models.BigAutoField"
