"""Customers of the demo company whose story a newcomer can find in the figures."""

from dataclasses import dataclass, field

# Points of a curve: (days before today, factor); straight lines between, constant outside.
Curve = tuple[tuple[int, float], ...]
STEADY: Curve = ((0, 1.0),)


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How a customer buys and pays.

    `annual` is the yearly net volume in the customer's currency at curve value 1, `orders` the orders per year. Curves
    say how volume and payment delay (days after the due date) develop. `late` is the share of late deliveries.
    """

    annual: float
    orders: float
    volume: Curve = STEADY
    delay: Curve = ((0, 2.0),)
    late: float = 0.14
    first_days_ago: int = 1150
    last_days_ago: int = 0
    terms_days: int = 30
    monthly_billing: bool = False
    instalments: bool = False
    season: bool = False
    holds: bool = False
    disputes: bool = False
    credit_limit: float = 0.0
    at_limit: bool = False  # the limit is what is open today, and a little more
    foreign: str = ""  # a third currency, without a rate, in which some orders are placed


@dataclass(frozen=True)
class Story:
    """A named customer; `text` tells what its figures show."""

    name: str
    company: str
    land: str
    city: tuple[str, str]
    industry: str
    text: str
    behaviour: Behaviour = field(repr=False)


STORIES: tuple[Story, ...] = (
    Story("Brennfeld Antriebstechnik GmbH", "10", "DE", ("Stuttgart", "70173"), "Manufacturing",
          "The champion slows down: largest customer of last year, orders have halved since spring.",
          Behaviour(annual=2_650_000, orders=52, volume=((400, 1.0), (300, 0.85), (200, 0.45), (0, 0.2)),
                    delay=((0, -2.0),), credit_limit=600_000)),
    Story("Lindqvist Marin AB", "10", "SE", ("Göteborg", "411 01"), "Transportation",
          "A good payer turned late: always on time until half a year ago, now more than a month overdue.",
          Behaviour(annual=820_000, orders=34, delay=((230, -1.0), (190, 15.0), (140, 50.0), (0, 75.0)),
                    credit_limit=250_000)),
    Story("Cascade Robotics Inc.", "20", "US", ("Portland, OR", "97204"), "Technology",
          "A newcomer growing fast: first order ten months ago, more every month.",
          Behaviour(annual=1_450_000, orders=40, volume=((300, 0.08), (200, 0.3), (100, 0.8), (0, 1.5)),
                    delay=((0, 1.0),), first_days_ago=300, credit_limit=500_000)),
    Story("Ferrovia Meccanica S.p.A.", "10", "IT", ("Brescia", "25121"), "Transportation",
          "At the credit limit: open invoices fill nearly all of it.",
          Behaviour(annual=1_280_000, orders=30, terms_days=60, delay=((0, 18.0),), at_limit=True)),
    Story("Okafor & Hale Ltd", "10", "GB", ("Sheffield", "S1 2HH"), "Machinery",
          "A lost customer: ordered every other week for years, nothing for eight months.",
          Behaviour(annual=540_000, orders=24, last_days_ago=245, volume=((420, 1.0), (250, 0.5)),
                    credit_limit=120_000)),
    Story("Van der Meer Pompen B.V.", "10", "NL", ("Rotterdam", "3011 AA"), "Chemicals",
          "A dispute: wrong seals delivered, invoices paid in part, the rest contested.",
          Behaviour(annual=610_000, orders=22, disputes=True, delay=((0, 4.0),), credit_limit=180_000)),
    Story("Norrland Hydraulik AB", "10", "SE", ("Västerås", "722 11"), "Machinery",
          "Orders on hold: credit check and a missing export licence keep goods in the warehouse.",
          Behaviour(annual=430_000, orders=20, holds=True, delay=((0, 12.0),), credit_limit=60_000)),
    Story("Aurelia Fluid Systems GmbH", "10", "DE", ("Regensburg", "93047"), "Chemicals",
          "Part of the Aurelia group: one account with two ERP customers in Germany and one in the United States.",
          Behaviour(annual=1_120_000, orders=34, credit_limit=400_000)),
    Story("Aurelia Service GmbH", "10", "DE", ("Augsburg", "86150"), "Chemicals",
          "The service company of the Aurelia group: spare parts, small orders.",
          Behaviour(annual=180_000, orders=20, credit_limit=60_000)),
    Story("Aurelia North America Inc.", "20", "US", ("Houston, TX", "77002"), "Chemicals",
          "The Aurelia group's customer of the United States company: same account, other ERP and currency.",
          Behaviour(annual=540_000, orders=18, credit_limit=180_000)),
    Story("Kestrel Ropeways Ltd", "10", "GB", ("Glasgow", "G1 3SL"), "Construction",
          "Project business: few large orders with down payments and three instalments.",
          Behaviour(annual=980_000, orders=7, instalments=True, terms_days=30, delay=((0, 6.0),),
                    credit_limit=500_000)),
    Story("Alpenfrost Kältetechnik GmbH", "10", "AT", ("Linz", "4020"), "Food & Beverage",
          "A seasonal buyer: nearly everything between March and July.",
          Behaviour(annual=520_000, orders=24, season=True, credit_limit=150_000)),
    Story("Baltic Shipyard Sp. z o.o.", "10", "PL", ("Gdańsk", "80-001"), "Transportation",
          "Served badly: half of its deliveries leave late, part by part.",
          Behaviour(annual=700_000, orders=28, late=0.55, delay=((0, 9.0),), credit_limit=200_000)),
    Story("Hokkai Seiki K.K.", "10", "JP", ("Nagoya", "450-0002"), "Machinery",
          "Some invoices in yen, for which the ERP has no rate: listed as not converted, never added.",
          Behaviour(annual=260_000, orders=12, foreign="JPY", credit_limit=80_000)),
    Story("Great Plains Grain Handling LLC", "20", "US", ("Tulsa, OK", "74103"), "Agriculture",
          "Pays very late but always: a month over every time, never a dispute.",
          Behaviour(annual=760_000, orders=25, delay=((0, 33.0),), credit_limit=300_000)),
    Story("Ironwood Packaging Corp.", "20", "US", ("Milwaukee, WI", "53202"), "Food & Beverage",
          "One invoice a month for all deliveries: what left since is delivered and not invoiced.",
          Behaviour(annual=930_000, orders=48, monthly_billing=True, delay=((0, 0.0),), credit_limit=250_000)),
)  # fmt: skip
