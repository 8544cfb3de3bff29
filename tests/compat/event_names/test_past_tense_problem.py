"""What callers without a question to ask get: one sentence, or nothing."""

import pytest

from moorings_compat.event_names import past_tense_problem

FACTS = [
    "OrderPlaced",
    "OrderShippedToCustomer",
    "StockLevelChanged",
    "PaymentSent",
    "InvoicePaid",
    "PasswordReset",
    "OrderSplit",
    "BatchBegan",
    "AgreementAgreed",
    "XMLParsed",
    "SchemaRegistered",
    "OrderPLACED",
    "FeedUpdated",
    "Order2Placed",
]
NOT_FACTS = [
    "PlaceOrder",
    "ResetPassword",
    "CreateFeed",
    "NeedHelp",
    "SeedDatabase",
    "PriceChange",
    "OrderEvent",
    "RedLight",
    "Embed",
    "Bed",
    "Proceed",
    "Order",
]
MISSHAPEN = [
    "",
    "orderPlaced",
    "order_placed",
    "Order_Placed",
    "Order-Placed",
    "ORDERPLACED",
    "ÖrderPlaced",
    "Placed!\n",
]


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_in_the_past_tense_passes(name: str) -> None:
    assert past_tense_problem(name) is None


@pytest.mark.parametrize("name", NOT_FACTS)
def test_anything_else_is_refused_with_the_reason(name: str) -> None:
    problem = past_tense_problem(name)
    assert problem is not None
    assert "past tense" in problem
    assert repr(name) in problem


@pytest.mark.parametrize("name", MISSHAPEN)
def test_a_name_that_is_not_pascal_case_is_told_so(name: str) -> None:
    problem = past_tense_problem(name)
    assert problem is not None
    assert "PascalCase" in problem


def test_a_well_known_command_is_turned_round() -> None:
    assert "OrderPlaced" in (past_tense_problem("PlaceOrder") or "")
    assert "PasswordReset" in (past_tense_problem("ResetPassword") or "")
    assert "StockLevelChanged" in (past_tense_problem("ChangeStockLevel") or "")


def test_a_huge_name_is_answered_shortly() -> None:
    assert len(past_tense_problem("A" + "a" * 1_000_000) or "") < 300
