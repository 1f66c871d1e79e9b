"""Which alerts are open, for pages and commands."""

from django.db.models import QuerySet

from integration_hub.models import Alert


def open_alerts() -> QuerySet[Alert]:
    """Raised and not over, the newest first."""
    return Alert.objects.filter(recovered_at=None, raised_at__isnull=False)
