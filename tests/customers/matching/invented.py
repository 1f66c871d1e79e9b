"""Clean companies to spoil: invented ones of many countries with tax numbers that pass their check, and the demo's."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from random import Random

from stdnum import luhn
from stdnum.at import uid as austria
from stdnum.ch import uid as switzerland
from stdnum.fr import siren
from stdnum.gb import vat as britain
from stdnum.iso7064 import mod_11_10
from stdnum.nl import bsn
from stdnum.pl import nip

from integration_hub.practice.company.firms import firms, slug
from integration_hub.practice.company.names import LANDS, TRADES, Land

SYLLABLES = (
    *("al", "ber", "bor", "cam", "dan", "del", "dor", "el", "fal", "fer", "gar", "gol", "hal", "har", "hei", "ing"),
    *("jor", "kal", "ker", "kor", "lan", "len", "lin", "lor", "mar", "mel", "min", "mon", "nor", "ol", "or", "pal"),
    *("per", "ram", "rei", "ros", "ruh", "sal", "san", "sel", "sten", "sun", "tal", "tan", "tor", "ul", "val", "ver"),
    *("vin", "wal", "wen", "wil", "win", "zel", "mül", "köh", "bär", "grün", "stö", "dü"),
)
ENDINGS = (
    "berg",
    "dal",
    "dorf",
    "eck",
    "er",
    "feld",
    "hof",
    "ia",
    "mann",
    "mer",
    "o",
    "stein",
    "ta",
    "tec",
    "tron",
    "wald",
)
COUNTRIES = tuple(code for code in LANDS if LANDS[code].weight)


@dataclass(frozen=True)
class Company:
    """What is true of one company; `vat` is empty where its country has no checked number."""

    number: str
    name: str
    form: str
    vat: str
    domain: str
    phone: str
    street: str
    postal_code: str
    city: str
    country: str

    @property
    def land(self) -> Land:
        return LANDS[self.country]


def companies(rng: Random) -> Iterator[Company]:
    """Invented companies without end, all with different names."""
    taken: set[str] = set()
    weights = [LANDS[code].weight for code in COUNTRIES]
    number = 100_000
    while True:
        land = LANDS[rng.choices(COUNTRIES, weights)[0]]
        name = _name(rng, land)
        if name in taken:
            continue
        taken.add(name)
        number += rng.choice((3, 5, 7))
        yield placed(
            rng,
            Company(str(number), name, rng.choice(land.forms), "", _domain(rng, name, land), "", "", "", "", land.code),
        )


def demo_companies(rng: Random, seed: int) -> list[Company]:
    """The demo company's customers, with tax numbers that pass their check."""
    found = []
    for firm in firms(seed, 1, date(2026, 11, 23)):
        form = next((each for each in sorted(firm.land.forms, key=len, reverse=True) if firm.name.endswith(each)), "")
        bare = firm.name.removesuffix(form).strip()
        company = Company(
            firm.number,
            bare,
            form,
            "",
            firm.domain,
            firm.phone,
            firm.street,
            firm.postal_code,
            firm.city,
            firm.land.code,
        )
        found.append(replace(company, vat=vat_of(rng, company.country)))
    return found


def placed(rng: Random, company: Company) -> Company:
    """The same company at another place, with another tax number and telephone."""
    land = company.land
    city, postal = rng.choice(land.cities)
    near = postal[:2] + "".join(str(rng.randint(0, 9)) if letter.isdigit() else letter for letter in postal[2:])
    return replace(
        company,
        vat=vat_of(rng, company.country),
        phone=f"{land.dial} {rng.randint(20, 99)} {rng.randint(100_000, 9_999_999)}",
        street=f"{rng.choice((*land.streets, _word(rng, 2) + ' ' + land.streets[0]))} {rng.randint(1, 180)}",
        postal_code=near,
        city=city,
    )


def vat_of(rng: Random, country: str) -> str:
    """A tax number that passes its country's check; empty where there is none."""
    make = MAKERS.get(country)
    return make(rng) if make else ""


def _digits(rng: Random, length: int) -> str:
    return str(rng.randint(10 ** (length - 1), 10**length - 1))


def _until(found: Callable[[str], bool], base: str, width: int) -> str:
    """The base with the first check digits that fit; empty where none do."""
    return next((base + f"{each:0{width}d}" for each in range(10**width) if found(base + f"{each:0{width}d}")), "")


def _german(rng: Random) -> str:
    base = _digits(rng, 8)
    return f"DE{base}{mod_11_10.calc_check_digit(base)}"


def _austrian(rng: Random) -> str:
    base = f"U{_digits(rng, 7)}"
    return f"AT{base}{austria.calc_check_digit(base)}"


def _swiss(rng: Random) -> str:
    while True:
        base = _digits(rng, 8)
        check = switzerland.calc_check_digit(base)
        if len(check) == 1:
            return f"CHE-{base[:3]}.{base[3:6]}.{base[6:]}{check} MWST"


def _french(rng: Random) -> str:
    base = _digits(rng, 8)
    return f"FR{siren.to_tva(base + luhn.calc_check_digit(base)).replace(' ', '')}"


def _italian(rng: Random) -> str:
    base = f"{_digits(rng, 7)}{rng.randint(1, 99):03d}"
    return f"IT{base}{luhn.calc_check_digit(base)}"


def _dutch(rng: Random) -> str:
    number = ""
    while not number:
        number = _until(lambda text: bsn.checksum(text) == 0, _digits(rng, 8), 1)
    return f"NL{number}B01"


def _swedish(rng: Random) -> str:
    base = f"5{_digits(rng, 8)}"
    return f"SE{base}{luhn.calc_check_digit(base)}01"


def _polish(rng: Random) -> str:
    number = ""
    while not number:
        number = _until(lambda text: nip.checksum(text) == 0, _digits(rng, 9), 1)
    return f"PL{number}"


def _british(rng: Random) -> str:
    return f"GB{_until(lambda text: britain.checksum(text) in {0, 42, 55}, _digits(rng, 7), 2)}"


MAKERS: dict[str, Callable[[Random], str]] = {
    "DE": _german,
    "AT": _austrian,
    "CH": _swiss,
    "FR": _french,
    "IT": _italian,
    "NL": _dutch,
    "SE": _swedish,
    "PL": _polish,
    "GB": _british,
}


def _word(rng: Random, syllables: int) -> str:
    return ("".join(rng.choice(SYLLABLES) for _ in range(syllables)) + rng.choice(ENDINGS)).capitalize()


def _name(rng: Random, land: Land) -> str:
    trades = TRADES[rng.choice(tuple(TRADES))]
    trade = trades.get(land.code) or trades[""]
    kind = rng.random()
    if kind < 0.45:
        return f"{_word(rng, rng.choice((1, 2, 2)))} {trade}"
    if kind < 0.6:
        return f"{_word(rng, 2)} & {rng.choice(land.last_names)} {trade}"
    if kind < 0.72:
        return f"{rng.choice(land.first_names)} {_word(rng, 1)} {trade}"
    if kind < 0.82:
        return f"{rng.choice(land.last_names)} {trade} {rng.choice(land.cities)[0].partition(',')[0]}"
    if kind < 0.9:
        initials = "".join(rng.choice("ABDEFGHKLMNPRSTVWZ") for _ in range(3))
        return f"{initials} {trade} {_word(rng, 1)}"
    return _word(rng, rng.choice((2, 3)))


def _domain(rng: Random, name: str, land: Land) -> str:
    end = {"US": "com", "GB": "co.uk"}.get(land.code, land.code.lower())
    return f"{slug(name)}.{end}" if rng.random() < 0.8 else f"{slug(name)}-group.com"


def some(rng: Random, size: int) -> Sequence[Company]:
    """The first so many invented companies."""
    return tuple(islice(companies(rng), size))
