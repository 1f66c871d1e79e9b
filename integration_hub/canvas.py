"""Which signed requests of Salesforce's Canvas are answered: authentic, of the connected org, and never twice."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from integration_hub.config import CanvasConfig
from integration_hub.models import ApiUse, CanvasRequest
from integration_hub.salesforce.ids import to_18
from integration_hub.salesforce.signed_request import Envelope, RefusedError, read_signed_request

# An issuedAt of 32 bits looks new again for six minutes every 49.7 days (salesforce/signed_request.py), so digests stay
# for more than a year; the consumer secret is renewed within it.
KEPT = timedelta(days=400)


def admitted(text: str, canvas: CanvasConfig, now: datetime) -> Envelope:
    """The envelope of a request that may be answered, which from now on is spent. RefusedError says why not."""
    envelope = read_signed_request(text, canvas.consumer_secret, now)
    connected = connected_organization()
    if not connected:
        raise RefusedError("no org was read yet, so it cannot be of the connected one")
    if envelope.organization != connected:
        raise RefusedError(f"it is of the org {envelope.organization}, but {connected} is connected")
    _spend(envelope.digest, now)
    return envelope


def connected_organization() -> str:
    """The 18-character id of the org that was asked last; empty before the first time."""
    known = ApiUse.objects.exclude(organization="").values_list("organization", flat=True).first()
    return to_18(known) if known else ""


def _spend(digest: str, now: datetime) -> None:
    """Its unique digest decides, also between two processes at the same instant."""
    try:
        with transaction.atomic():
            CanvasRequest.objects.create(digest=digest, received_at=now)
    except IntegrityError as error:
        raise RefusedError("it was answered before") from error
    CanvasRequest.objects.filter(received_at__lt=now - KEPT).delete()
