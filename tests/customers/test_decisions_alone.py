"""A decision writes only what it touches: everything stored is as if all had been computed anew, to the cent."""

from collections import Counter
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.utils import timezone

from customers.deciding.acts import NotDecided, Wanted, decide, undo
from customers.deciding.sharing import Row, share
from customers.models import AccountLink, LinkDecision, LinkProposal, LinkVerdict, OwnerTotal
from customers.publishing import recompute_all
from tests.customers.random_company import RandomCompany
from tests.customers.world import DAY, READ_AT, account_id, ago, user_id

SEEDS = (11, 12)
NUMBERS = ("500", "0500", "7/500", "7/0500", "600", "8/600", "", "000", "700")
# What is kept of links and figures, without ids and the times of writing.
KEPT = {
    "account_link": "erp_customer, customer_id, account, status, method, detail, part_from, part_to, places, is_rest, "
    "place",
    "account_link_period": "erp_customer, customer_id, account, part_from, part_to, places, is_rest, valid_from, "
    "valid_to",
    "customer": "id, account, erp_customer, name, owner, owner_before, parent_id, erp_numbers, city, country, "
    "industry, currency, search_text, is_prospect, gone_at is null",
    "customer_conversion": "customer_id, converted_on, cause, known_before, first_opportunity_on, first_order_on, "
    "unlinked_at is null, merged_into_id, decision_id",
    "rollup_unlinked_day": "*",
    "rollup_customer_month": "customer_id, month, revenue, invoice_count, order_intake, order_count",
    "rollup_customer_category": "customer_id, category, revenue_12m, revenue_prior_12m, first_on, last_on, usual_gap",
    "rollup_open_order": "order_id, customer_id, promised_on, due_on, open_amount",
    "rfm_membership": "customer_id, segment, score, before",
    "handover": "*",
    "order_without_opportunity": "*",
    "opportunity_order": "opportunity_id, order_id, state, basis, share_from, share_to, ordered, paid",
    "difference": "customer_id, account, erp_customer, field, erp_value, salesforce_value, closed_at is null, "
    "closed_why",
    "document_place": "kind, document, erp_customer, place, found",
}
# Customers that are gone keep whatever row they had.
FIGURES = (
    "select r.customer_id, to_jsonb(r) - 'id' - 'computed_at' "
    "from rollup_customer r join customer c on c.id = r.customer_id where c.gone_at is null"
)


@pytest.fixture
def iris(db):
    user = User.objects.create_user("iris", first_name="Iris", last_name="Wolf")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    return user


def stored():
    """Everything that a decision may have written, table by table."""
    found: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for table, columns in KEPT.items():
            cursor.execute(f"select {columns} from {table}")
            found[table] = Counter(map(repr, cursor.fetchall()))
        cursor.execute(FIGURES)
        found["rollup_customer"] = Counter(map(repr, cursor.fetchall()))
    found["rollup_owner"] = {
        (row.owner, row.as_of): (dict(row.counts), {name: Decimal(value) for name, value in row.sums.items()})
        for row in OwnerTotal.objects.all()
    }
    return found


def assert_as_computed_anew():
    before = stored()
    with transaction.atomic():
        recompute_all(DAY, current=True)
        after = stored()
        transaction.set_rollback(True)
    for table, rows in before.items():
        if isinstance(rows, Counter):
            assert (table, rows - after[table], after[table] - rows) == (table, Counter(), Counter())
        else:
            assert rows == after[table], table


def entangled(figures, rng):
    """ERP customers and accounts whose stored keys say the same, nearly the same, too much and against each other."""
    for code in ("7", "8"):
        figures.company(code)
    for number in range(6):
        figures.account(
            f"Tangle {number}",
            key=account_id(9000 + number),
            erp_number=rng.choice(NUMBERS),
            owner_id=rng.choice((None, user_id(1), user_id(2))),
            billing_country=rng.choice(("", "DE")),
            deleted_at=READ_AT if number == 5 else None,
            master_record=account_id(9000) if number == 5 else "",
        )
    erp = []
    for number in range(8):
        erp.append(
            figures.customer(
                rng.choice(NUMBERS),
                key=f"erp:tangle-{number}",
                company_id=rng.choice((None, "erp:7", "erp:8")),
                salesforce_account=rng.choice(("", "", "", account_id(9000 + rng.randint(0, 6)))),
                vat_id=rng.choice(("", "DE123456789")),
                country=rng.choice(("", "FR")),
            )
        )
        figures.invoice(erp[-1], rng.choice(("10.10", "-3.33")), ago(rng.randint(1, 500)))
    for each in erp[:4]:
        LinkProposal.objects.create(
            erp_customer=each.key,
            account=account_id(9000 + rng.randint(0, 4)),
            score=Decimal("0.9"),
            certain=rng.random() < 0.5,
            shared=rng.random() < 0.5,
            evidence=[{"field": "vat", "erp": "DE123456789", "account": "", "verdict": "same", "weight": 9}],
            found_at=timezone.now(),
        )


def act(rng, user, accounts):
    """One decision at random, or one taken back; False where the rules refuse it."""
    erp_customer = rng.choice(list(AccountLink.objects.order_by("erp_customer").values_list("erp_customer", flat=True)))
    standing = list(LinkDecision.objects.filter(undone_at=None).order_by("pk").values_list("pk", flat=True))
    what = rng.choice(("accept", "accept", "reject", "ignore", "later", "share", "undo", "undo"))
    try:
        if what == "undo":
            return bool(standing and undo(user, [rng.choice(standing)]))
        if what == "share":
            first, second = rng.sample(accounts, 2)
            rows = (
                (Row(first, per_cent=Decimal("33.33")), Row(second, per_cent=Decimal("66.67")))
                if rng.random() < 0.6
                else (Row(first, ship_to=erp_customer), Row(second))
            )
            return bool(share(user, erp_customer, rows, "", overrule=rng.random() < 0.5))
        verdict = LinkVerdict(what)
        account = rng.choice(accounts) if what in {"accept", "reject"} else ""
        return bool(decide(user, Wanted(verdict, erp_customer, account, overrule=rng.random() < 0.5)))
    except NotDecided:
        return False


@pytest.mark.parametrize("seed", SEEDS)
def test_random_decisions_leave_everything_as_if_it_were_computed_anew(figures, iris, seed):
    company, rng = RandomCompany(figures, seed, customers=3), Random(seed)  # noqa: S311 - the same decisions every time
    entangled(figures, rng)
    for number, account in enumerate(company.accounts):
        account.owner_id = user_id(1 + number % 2)
        account.save()
    figures.roll_up(DAY.replace(month=1), current=True)
    figures.roll_up()
    accounts = [account.key for account in company.accounts] + [account_id(9000 + number) for number in range(5)]
    done = 0
    for _ in range(60):
        if act(rng, iris, accounts):
            done += 1
            assert_as_computed_anew()
        if done == 8:
            break
    assert done == 8
