"""How a message leaves: as mail, and as signed JSON to a webhook. Only to addresses that stand in hub.toml now."""

import hashlib
import hmac
import json
import time
from smtplib import SMTPException, SMTPRecipientsRefused
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from integration_hub.config import hub
from integration_hub.config.alerts import AlertsConfig
from integration_hub.config.checking_alerts import LOOPBACK, may_be_called
from integration_hub.models import AlertDelivery
from integration_hub.whole_answer import bound

MAIL, WEBHOOK = "mail", "webhook"
CONNECT_SECONDS, ANSWER_SECONDS, WHOLE_SECONDS = 3.0, 5.0, 10.0
SIGNATURE = "X-Customer360-Signature"


class NotSent(Exception):
    """Why a message did not leave, without what may be secret. It is tried again. `of_all`: no address of its channel
    can be reached now.
    """

    def __init__(self, why: str, *, of_all: bool = False) -> None:
        self.of_all = of_all
        super().__init__(why)


class NotWanted(Exception):
    """The address stands in hub.toml no more: it is not tried again."""


def targets(config: AlertsConfig) -> list[tuple[str, str]]:
    """Every way to somebody, as channel and target."""
    mail = [(MAIL, address) for address in dict.fromkeys(config.mail)]
    return mail + [(WEBHOOK, webhook_target(address)) for address in dict.fromkeys(config.webhooks)]


def webhook_target(address: str) -> str:
    """What tells a webhook from others without giving its address away: its host, and a digest."""
    return f"{urlsplit(address).hostname} {hashlib.sha256(address.encode()).hexdigest()[:12]}"


def send(delivery: AlertDelivery) -> None:
    """Send one message to one address. Raises NotSent or NotWanted."""
    config = hub().alerts
    if delivery.channel == MAIL:
        if delivery.target not in config.mail:
            raise NotWanted("The address stands in hub.toml no more.")
        _mail(delivery)
        return
    known = {webhook_target(address): address for address in config.webhooks}
    if delivery.target not in known:
        raise NotWanted("The address stands in hub.toml no more.")
    _post(delivery, known[delivery.target], config.webhook_secret)


def message_id(delivery: AlertDelivery) -> str:
    """The same each time a message is sent, so that a receiver can tell one that comes twice."""
    text = f"{settings.PUBLIC_URL}/{delivery.message_id}/{delivery.target}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def _mail(delivery: AlertDelivery) -> None:
    if not settings.MAIL_CONFIGURED:
        raise NotSent("Mail is not configured: set EMAIL_URL in the environment.", of_all=True)
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2] or "localhost"
    mail = EmailMessage(
        delivery.message.subject,
        delivery.message.body,
        to=[delivery.target],
        connection=get_connection(timeout=ANSWER_SECONDS),
        headers={"Message-ID": f"<{message_id(delivery)}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        # A server that refuses one address takes the others.
        refused = isinstance(error, SMTPRecipientsRefused)
        raise NotSent(f"The mail server did not take it: {error}", of_all=not refused) from error


def _post(delivery: AlertDelivery, address: str, secret: str) -> None:
    plain = urlsplit(address).scheme != "https"
    if not may_be_called(address) or (plain and not (settings.DEMO and urlsplit(address).hostname in LOOPBACK)):
        raise NotSent("Only https addresses are called; plain http only on this machine, in the demo.")
    body = json.dumps({"id": message_id(delivery), **delivery.message.payload}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", SIGNATURE: signature(secret, body, int(time.time()))}
    try:
        session = requests.Session()
        bound(session, WHOLE_SECONDS)
        with (
            session,
            session.post(
                address,
                data=body,
                headers=headers,
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                # Who answers with another address could send the message anywhere, also inside the own network.
                allow_redirects=False,
                # The answer is not wanted, so a long one is not read.
                stream=True,
            ) as answer,
        ):
            status = answer.status_code
    except requests.RequestException as error:
        # The words of the library hold the address, which may hold a token.
        raise NotSent(f"It did not answer ({type(error).__name__}).") from None
    if not 200 <= status < 300:
        raise NotSent(f"It answered with status {status}.")


def signature(secret: str, body: bytes, at: int) -> str:
    """ "t=<seconds>,v1=<hex>": HMAC-SHA256 with the secret over "<seconds>." and the body. Receivers compare both, and
    refuse what is old.
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
