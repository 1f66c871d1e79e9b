"""Telephone numbers and domains made comparable."""

import re
from functools import lru_cache

from customers.matching.countries import DIAL_CODES, DIALLED

# Addresses that anybody can have.
SHARED_DOMAINS = frozenset(
    {
        *(
            "gmail.com",
            "googlemail.com",
            "outlook.com",
            "outlook.de",
            "hotmail.com",
            "hotmail.de",
            "live.com",
            "msn.com",
        ),
        *(
            "yahoo.com",
            "yahoo.de",
            "yahoo.fr",
            "yahoo.co.uk",
            "ymail.com",
            "icloud.com",
            "me.com",
            "mac.com",
            "aol.com",
        ),
        *("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "arcor.de", "mail.de"),
        *("posteo.de", "mailbox.org", "proton.me", "protonmail.com", "zoho.com", "mail.com", "yandex.ru", "mail.ru"),
        *("orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "tiscali.it", "alice.it"),
        *("virgilio.it", "pec.it", "bluewin.ch", "hispeed.ch", "sunrise.ch", "ziggo.nl", "kpnmail.nl", "planet.nl"),
        *(
            "hotmail.co.uk",
            "live.de",
            "live.fr",
            "live.it",
            "live.nl",
            "live.co.uk",
            "neuf.fr",
            "bbox.fr",
            "numericable.fr",
        ),
        *("legalmail.it", "arubapec.it", "postecert.it", "tin.it", "email.it", "upcmail.nl", "home.nl", "skynet.be"),
        *("telenet.be", "inbox.lv", "inbox.lt", "bk.ru", "list.ru", "ukr.net", "abv.bg", "freemail.hu", "citromail.hu"),
        *(
            "telefonica.net",
            "terra.es",
            "sapo.pt",
            "eircom.net",
            "sky.com",
            "talktalk.net",
            "virginmedia.com",
            "shaw.ca",
        ),
        *(
            "naver.com",
            "daum.net",
            "hanmail.net",
            "docomo.ne.jp",
            "sina.com",
            "foxmail.com",
            "uol.com.br",
            "bol.com.br",
        ),
        *("telia.com", "wp.pl", "onet.pl", "o2.pl", "interia.pl", "seznam.cz", "btinternet.com", "comcast.net"),
        *("verizon.net", "att.net", "sbcglobal.net", "qq.com", "163.com", "126.com", "aon.at", "chello.at", "a1.net"),
    }
)
# The same whatever stands behind the full stop: yahoo.it, hotmail.fr, gmx.com.
SHARED_LABELS = frozenset(
    {"gmail", "googlemail", "hotmail", "yahoo", "ymail", "rocketmail", "outlook", "gmx", "icloud", "protonmail", "aol"}
)
# Second levels under which companies register, as in "acme.co.uk".
SECOND_LEVELS = frozenset({"co", "com", "org", "net", "gv", "ac", "or", "ne"})
EXTENSION = re.compile(r"(?:ext\.?|x|durchwahl|dw)\s*\d+\s*$", re.IGNORECASE)
TRUNK = re.compile(r"\(\s*0\s*\)")
SHORTEST_NUMBER = 6


def domain_of(address: str) -> str:
    """The domain of an e-mail address or website, without www; empty for one that anybody can have."""
    host = re.sub(r"^[a-z]+://", "", address.strip().lower()).rpartition("@")[2]
    host = re.split(r"[/:?#\s]", host, maxsplit=1)[0].removeprefix("www.").rstrip(".")
    anybodys = host in SHARED_DOMAINS or label_of(host) in SHARED_LABELS
    return host if "." in host and not anybodys else ""


@lru_cache(maxsize=1 << 16)
def label_of(domain: str) -> str:
    """The word that was registered: "acme" of both "shop.acme.co.uk" and "acme.de"."""
    parts = domain.split(".")
    at = -3 if len(parts) > 2 and parts[-2] in SECOND_LEVELS and len(parts[-1]) == 2 else -2
    return parts[at] if len(parts) >= 2 else ""


def phone_of(text: str, country: str) -> str:
    """The digits of a telephone number within its country, without dialling code and leading 0; empty where there are
    too few to tell anybody apart. `country` is the record's own, for numbers that name none.
    """
    written = EXTENSION.sub("", TRUNK.sub(" ", text)).strip()
    digits = re.sub(r"\D", "", written)
    if written.startswith("+") or digits.startswith("00"):
        digits = digits.lstrip("0")
        dial = next((each for each in DIAL_CODES if digits.startswith(each)), "")
        digits = digits.removeprefix(dial)
    elif country in {"US", "CA"} and len(digits) == 11:
        digits = digits.removeprefix(DIALLED[country])
    digits = digits.lstrip("0")
    return digits if len(digits) >= SHORTEST_NUMBER and len(set(digits)) > 1 else ""
