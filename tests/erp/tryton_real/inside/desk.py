"""A desk at Tryton: proteus opened on a database, with a calendar that can be turned and a company to work for."""

import datetime as dt
from typing import Any

from proteus import Model, config  # type: ignore[import-not-found]

Record = Any


class Desk:
    """Tryton by its own business methods, in this process. Tryton's "today" is what `turn` says last."""

    def __init__(self, configuration: str, database: str) -> None:
        self.settings = config.set_trytond(database, config_file=configuration)
        self.today = dt.date(2025, 1, 1)
        self.settings.pool.get("ir.date").today = staticmethod(self._today)
        # Warnings ask a person to think again; who seeds has thought.
        self.settings.skip_warning = True

    def _today(self, timezone: object = None) -> dt.date:
        return self.today

    def turn(self, day: dt.date) -> None:
        """Make it this day."""
        self.today = day

    def model(self, name: str) -> Any:
        """The model of this name, bound to the present company."""
        return Model.get(name)

    def one(self, model: str, *domain: Any) -> Record:
        """The only record that the domain finds."""
        (found,) = Model.get(model).find(list(domain))
        return found

    def get(self, model: str, number: int) -> Record:
        """The record of this id, freshly read for the present company."""
        return Model.get(model)(number)

    def work_for(self, company: int) -> None:
        """Take this company's desk: everything read or made from here on is seen from there."""
        preferences = self.model("res.user").get_preferences(True, {})
        self.settings._context = {**preferences, "company": company, "_skip_warnings": True}

    def access_as(self, user: int) -> None:
        """Work as another user, with the rights that this user has."""
        self.settings.user = user
        self.settings._context = {**self.settings._context, "_check_access": True}
