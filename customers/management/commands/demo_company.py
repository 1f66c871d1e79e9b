"""Founds the demo company and its logins; quick when it is there already. Only in demo mode (DEMO=1)."""

import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from customers.demo_choices import decide
from customers.models import Login
from integration_hub.practice.company.founding import Place, is_another, is_there, make
from integration_hub.practice.company.people import EMPLOYEES
from integration_hub.practice.company.salesforce_side import PracticeAdmin

SEED = 360
GROUPS = {
    "anna.keller": "Account managers",
    "marc.oberlaender": "Account managers",
    "priya.nair": "Analysts",
    "admin": "Administrators",
}
ANALYST = "priya.nair"


class Command(BaseCommand):
    help = "Fill the demo's ERP, file drops, practice Salesforce and logins; skips what is already there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="another number makes another company")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError outside demo mode, and where an address is missing."""
        if not settings.DEMO:
            raise CommandError("The demo company only goes to a demo installation: start it with make demo (DEMO=1).")
        began = time.monotonic()
        place = _place()
        scale = int(os.environ.get("DEMO_SCALE", "1"))
        if is_there(place, options["seed"], scale):
            _make_logins(place.org.user_ids())
            self.stdout.write("The demo company is already there.")
            return
        if is_another(place, options["seed"], scale):
            raise CommandError(
                "This installation holds a demo company of another seed or scale. "
                "Stop it, and forget its data first: make demo-reset."
            )
        founded = make(place, options["seed"], scale, timezone.localdate())
        _make_logins(founded.users)
        # Before the first figures, so that nobody moves by it and the first push is not stopped by a brake.
        decide(User.objects.get(username=ANALYST), timezone.localdate())
        self.stdout.write(
            f"Demo company: {founded.rows:,} rows in the ERP, {founded.records:,} records in files, "
            f"{founded.accounts} accounts, in {time.monotonic() - began:.1f} s."
        )


def _place() -> Place:
    return Place(
        erp_admin_url=_variable("ERP_DEMO_ADMIN_URL"),
        erp_reader_url=_variable("ERP_DEMO_URL"),
        drop=Path(settings.STATE_DIR) / "us-erp",
        org=PracticeAdmin(_variable("SALESFORCE_LOGIN_URL")),
        client_id=_variable("SALESFORCE_CLIENT_ID"),
        client_secret=_variable("SALESFORCE_CLIENT_SECRET"),
    )


def _variable(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise CommandError(f"{name} is not set: the demo company needs it. `make demo` sets it by itself.")
    return value


@transaction.atomic
def _make_logins(users: dict[str, str]) -> None:
    """The four demo logins with their groups, each tied to the Salesforce user of the same name."""
    password = _variable("DEMO_PASSWORD")
    names = {who.login: who for who in EMPLOYEES}
    for login, group_name in GROUPS.items():
        who = names[login]
        user, _ = User.objects.get_or_create(username=login)
        user.first_name, user.last_name, user.email = who.first_name, who.last_name, who.email
        if not user.check_password(password):
            user.set_password(password)
        user.save()
        user.groups.set([Group.objects.get_or_create(name=group_name)[0]])
        Login.objects.update_or_create(
            user=user, defaults={"salesforce_user": users.get(login, ""), "tied_by": "demo company"}
        )
