"""Signs requests as Salesforce's Canvas does, and switches the page inside Salesforce on."""

import base64
import hashlib
import hmac
import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from integration_hub.models import ApiUse
from tests.customers.pages.world import ANA, KESTREL

ROOT = Path(__file__).resolve().parents[3]
SECRET = "8812A4F0C7C792E815A8DABD22D52F43"
ORG, OTHER_ORG = "00DDn0000000001MAA", "00DDn0000000002MAA"
ORIGINS = ("https://northgate.lightning.force.com", "https://northgate.my.salesforce.com")


def switch_on(tmp_path: Path, settings: Any, monkeypatch: Any, *origins: str) -> None:
    """The repository's hub.toml with a Canvas app, in an installation that has read the org."""
    path = Path(shutil.copy(ROOT / "hub.toml", tmp_path / "hub.toml"))
    text = path.read_text(encoding="utf-8")
    before = 'origins = ["${SALESFORCE_LOGIN_URL:-https://login.salesforce.com}"]'
    assert before in text
    path.write_text(text.replace(before, f"origins = {json.dumps(origins or ORIGINS)}"), encoding="utf-8")
    monkeypatch.setenv("SALESFORCE_CANVAS_SECRET", SECRET)
    settings.HUB_CONFIG = str(path)
    ApiUse.objects.create(at=timezone.now(), organization=ORG)


def content(record: str = KESTREL, *, user: str = ANA, email: str = "ana@northgate.example") -> dict[str, Any]:
    """What Salesforce says of who looks at which record; as much of it as recorded requests have in common."""
    kind = "Opportunity" if record.startswith("006") else "Account"
    address = f"/services/data/v62.0/sobjects/{kind}/{record}"
    return {
        "algorithm": "HMACSHA256",
        "issuedAt": milliseconds(timezone.now()),
        "userId": user,
        "client": {"instanceUrl": ORIGINS[1], "oauthToken": "00Dx!never-kept", "targetOrigin": ORIGINS[0]},
        "context": {
            "user": {"userId": user, "userName": f"{user.lower()}@org.example", "email": email, "userType": "STANDARD"},
            "organization": {"organizationId": ORG, "name": "Northgate"},
            "environment": {
                "displayLocation": "Aura",
                "parameters": {},
                "record": {"attributes": {"type": kind, "url": address}, "Id": record} if record else {},
            },
        },
    }


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def encoded(said: object) -> str:
    return base64.b64encode(json.dumps(said).encode()).decode()


def seal(envelope: str, secret: str = SECRET) -> str:
    """The base64 of the signature of an encoded envelope."""
    return base64.b64encode(hmac.new(secret.encode(), envelope.encode(), hashlib.sha256).digest()).decode()


def signed(said: object, secret: str = SECRET) -> str:
    """A whole signed request."""
    envelope = encoded(said)
    return f"{seal(envelope, secret)}.{envelope}"
