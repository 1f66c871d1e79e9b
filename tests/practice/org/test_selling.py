"""Quotes and orders of the practice org: numbers, the synced quote, activation, deletion, and orgs without them."""


def deal(api, **values):
    (account,) = api.org.seed("Account", {"Name": "Acme"})
    fields = {"Name": "Cranes", "AccountId": account, "StageName": "Closed Won", "CloseDate": "2026-01-31", **values}
    return account, api.post("sobjects/Opportunity", fields).json()["id"]


def test_a_quote_has_a_number_and_the_opportunitys_account_and_the_synced_one_gives_the_amount(api):
    account, opportunity = deal(api, Amount=5)
    made = [
        api.post("sobjects/Quote", {"Name": f"Version {n}", "OpportunityId": opportunity}).json()["id"] for n in (1, 2)
    ]
    api.org.seed("Quote", {"Id": made[0], "TotalPrice": 1000, "GrandTotal": 1190}, {"Id": made[1], "TotalPrice": 900})
    assert api.patch(f"sobjects/Opportunity/{opportunity}", {"SyncedQuoteId": made[0]}).status_code == 204
    fields = "QuoteNumber, AccountId, IsSyncing, TotalPrice, GrandTotal, Status"
    first, second = api.rows(f"SELECT {fields} FROM Quote ORDER BY QuoteNumber")
    assert int(second["QuoteNumber"]) == int(first["QuoteNumber"]) + 1
    assert len(first["QuoteNumber"]) == 8
    assert [first["AccountId"], first["IsSyncing"], first["GrandTotal"]] == [account, True, 1190.0]
    assert [second["IsSyncing"], second["Status"]] == [False, "Draft"]
    assert api.rows("SELECT Amount, SyncedQuoteId FROM Opportunity") == [{"Amount": 1000.0, "SyncedQuoteId": made[0]}]
    api.patch(f"sobjects/Opportunity/{opportunity}", {"SyncedQuoteId": made[1]})
    assert api.rows("SELECT Name FROM Quote WHERE IsSyncing = true") == [{"Name": "Version 2"}]
    refused = api.patch(f"sobjects/Quote/{made[0]}", {"TotalPrice": 1})
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_an_order_is_activated_and_asked_for_by_the_word_that_begins_a_clause(api):
    account, opportunity = deal(api)
    fields = {"AccountId": account, "OpportunityId": opportunity, "EffectiveDate": "2026-02-01", "Status": "Draft"}
    made = api.post("sobjects/Order", fields).json()["id"]
    asked = (
        "SELECT Status, StatusCode, ActivatedDate, TotalAmount FROM Order WHERE IsReductionOrder = false ORDER BY Id"
    )
    (draft,) = api.rows(asked)
    assert [draft["StatusCode"], draft["ActivatedDate"], draft["TotalAmount"]] == ["Draft", None, 0.0]
    api.patch(f"sobjects/Order/{made}", {"Status": "Activated"})
    (active,) = api.rows(asked)
    assert active["StatusCode"] == "Activated"
    assert active["ActivatedDate"]
    assert api.rows("SELECT COUNT() FROM Order") == []
    missing = api.post("sobjects/Order", {"AccountId": account, "Status": "Draft"})
    assert missing.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_quotes_go_with_their_opportunity_and_come_back_with_it_and_all_follow_a_merge(api):
    account, opportunity = deal(api)
    (winner,) = api.org.seed("Account", {"Name": "Winner"})
    (quote,) = api.org.seed("Quote", {"Name": "Q", "OpportunityId": opportunity, "TotalPrice": 5})
    api.org.seed("Order", {"AccountId": account, "EffectiveDate": "2026-02-01", "Status": "Activated"})
    api.org.admin("delete", {"sobject": "Opportunity", "ids": [opportunity]})
    assert api.rows("SELECT Id FROM Quote") == []
    api.org.admin("undelete", {"sobject": "Opportunity", "ids": [opportunity]})
    assert api.rows("SELECT Id FROM Quote") == [{"Id": quote}]
    api.org.admin("merge", {"sobject": "Account", "winner": winner, "loser": account})
    assert api.rows("SELECT AccountId FROM Quote") == api.rows("SELECT AccountId FROM Order") == [{"AccountId": winner}]


def test_an_org_may_have_no_quotes_or_no_orders_and_then_no_field_that_points_at_them(api):
    def names(sobject):
        return {field["name"] for field in api.get(f"sobjects/{sobject}/describe").json()["fields"]}

    assert "SyncedQuoteId" in names("Opportunity")
    api.org.admin("features", {"quotes_off": True, "orders_off": True})
    listed = {each["name"] for each in api.get("sobjects/").json()["sobjects"]}
    assert not listed & {"Quote", "Order"}
    assert {api.get(f"sobjects/{name}/describe").status_code for name in ("Quote", "Order")} == {404}
    assert "SyncedQuoteId" not in names("Opportunity")
    assert api.get("query?q=SELECT Id FROM Order").json()[0]["errorCode"] == "INVALID_TYPE"
    api.org.admin("features", {"quotes_off": False, "orders_off": False, "currencies": ["EUR", "USD"]})
    assert "SyncedQuoteId" in names("Opportunity")
    assert {"QuoteId", "CurrencyIsoCode"} <= names("Order")
    number = next(f for f in api.get("sobjects/Quote/describe").json()["fields"] if f["name"] == "QuoteNumber")
    assert (number["autoNumber"], number["createable"], number["updateable"]) == (True, False, False)
