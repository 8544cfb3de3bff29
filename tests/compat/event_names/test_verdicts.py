"""What is said of a name: the verdict, its reason, and the name to use instead."""

import pytest

from moorings_compat.event_names import NameVerdict, Reason, Verdict, judge_event_name

NOT_FACTS = [  # name, reason, suggestion
    ("PlaceOrder", Reason.COMMAND, "OrderPlaced"),
    ("ResetPassword", Reason.COMMAND, "PasswordReset"),
    ("CancelPlacedOrder", Reason.COMMAND, "PlacedOrderCancelled"),
    ("DeleteSavedCard", Reason.COMMAND, "SavedCardDeleted"),
    ("GetClosedOrders", Reason.COMMAND, "ClosedOrdersRetrieved"),
    ("TurnOffLight", Reason.COMMAND, "LightTurnedOff"),
    ("PutOrderOnHold", Reason.COMMAND, "OrderPutOnHold"),
    ("AddItemToCart", Reason.COMMAND, "ItemAddedToCart"),
    ("RunJob", Reason.COMMAND, "JobRan"),
    ("MarkOrderShipped", Reason.COMMAND, "OrderShipped"),
    ("HandleOrderPlaced", Reason.COMMAND, "OrderPlaced"),
    ("CreateOrderCommand", Reason.COMMAND, "OrderCreated"),
    ("CreateEvent", Reason.COMMAND, "EventCreated"),
    ("CheckIfOrderPlaced", Reason.COMMAND, "OrderPlaced"),
    ("CreatedOrder", Reason.PAST_BEFORE_NOUN, "OrderCreated"),
    ("NewlyCreatedAccount", Reason.PAST_BEFORE_NOUN, "AccountCreated"),
    ("OrderPlacedCommand", Reason.KIND_OF_MESSAGE, "OrderPlaced"),
    ("OrderPlacedDto", Reason.KIND_OF_MESSAGE, "OrderPlaced"),
    ("OrderShippedNotification", Reason.KIND_OF_MESSAGE, "OrderShipped"),
    ("OrderPlacedDate", Reason.KIND_OF_MESSAGE, "OrderPlaced"),
    ("PasswordResetRequest", Reason.KIND_OF_MESSAGE, "PasswordResetRequested"),
    ("OrderToBePlaced", Reason.INTENTION, "OrderPlaced"),
    ("OrderWillBePlaced", Reason.INTENTION, "OrderPlaced"),
    ("OrderMustBePaid", Reason.INTENTION, "OrderPaid"),
    ("TrialWillEnd", Reason.INTENTION, "TrialEnded"),
    ("OrderBeingPlaced", Reason.IN_PROGRESS, "OrderPlaced"),
    ("OrderPlacing", Reason.IN_PROGRESS, "OrderPlaced"),
    ("OrderIsPlaced", Reason.PRESENT, "OrderPlaced"),
    ("IsOrderPlaced", Reason.QUESTION, "OrderPlaced"),
    ("CanOrderBePlaced", Reason.QUESTION, "OrderPlaced"),
    ("OnOrderPlaced", Reason.MOMENT, "OrderPlaced"),
    ("PaymentNeeded", Reason.STATE, None),
    ("InvoiceOverdue", Reason.STATE, None),
    ("OrderUnpaid", Reason.STATE, None),
    ("OrderComplete", Reason.STATE, "OrderCompleted"),
    ("AccountRed", Reason.STATE, None),
    ("PriceChange", Reason.NO_PAST, "PriceChanged"),
    ("OrderPlacement", Reason.NO_PAST, "OrderPlaced"),
    ("PaymentFailure", Reason.NO_PAST, "PaymentFailed"),
    ("UserLogin", Reason.NO_PAST, "UserLoggedIn"),
    ("NewsFeed", Reason.NO_PAST, None),
    ("OrderStatus", Reason.NO_PAST, None),
    ("", Reason.NO_WORDS, None),
    ("!?", Reason.NO_WORDS, None),
]
ASKED = [
    ("OrderNotDelivered", Reason.NEGATION, None),
    ("NotDelivered", Reason.NEGATION, None),
    ("Reset", Reason.LIKE_THE_PRESENT, None),
    ("TestRun", Reason.LIKE_A_NOUN, "TestRan"),
    ("DataSet", Reason.LIKE_A_NOUN, None),
    ("SensorDetectedMotion", Reason.PAST_INSIDE, "MotionDetectedBySensor"),
    ("OrderPlacced", Reason.UNKNOWN_VERB, None),
]
FACTS = [
    "SubscriptionPutOnHold",
    "EmployeeQuit",
    "ContractBid",
    "OrderForecast",
    "PackagePickedUp",
    "PickedUp",
    "ShippedToCustomer",
    "SignedIn",
    "DeviceTurnedOff",
    "InvoicePaidInFull",
    "ParcelReturnedToSender",
    "OrderWasPlaced",
    "OrderHasBeenPlaced",
    "PaymentScheduledToBeSent",
    "PaymentSucceeded",
    "OrderPlacedEvent",
    "OrderPlacedEventV2",
    "OrderCancelled",
    "OrderCanceled",
    "IssueLabelled",
    "IssueLabeled",
    "KYCApproved",
    "VATIDChecked",
    "IPv4AddressAssigned",
    "OAuth2TokenRevoked",
    "CustomerPlacedOrder",
    "ServiceBecameUnavailable",
    "CreateOrderFailed",
    "PlacedOrderCancelled",
    "OnCallEngineerPaged",
]
STYLES = ["order_placed", "order.placed", "order-placed", "orderPlaced", "ORDER_PLACED", "Order placed", "order:placed"]


def judged(name: str) -> tuple[Verdict, Reason, str | None]:
    found = judge_event_name(name)
    return found.verdict, found.reason, found.suggestion


@pytest.mark.parametrize(("name", "reason", "suggestion"), NOT_FACTS)
def test_a_name_that_is_not_a_fact_has_its_reason(name: str, reason: Reason, suggestion: str | None) -> None:
    assert judged(name) == (Verdict.NOT_A_FACT, reason, suggestion)


@pytest.mark.parametrize(("name", "reason", "suggestion"), ASKED)
def test_what_english_cannot_tell_is_asked(name: str, reason: Reason, suggestion: str | None) -> None:
    assert judged(name) == (Verdict.ASK, reason, suggestion)


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_needs_no_other_name(name: str) -> None:
    assert judged(name) == (Verdict.FACT, Reason.HAPPENED, None)


def test_every_reason_is_seen() -> None:
    assert {row[1] for row in NOT_FACTS + ASKED} | {Reason.HAPPENED} == set(Reason)


@pytest.mark.parametrize("name", STYLES)
def test_another_style_is_a_problem_of_its_own(name: str) -> None:
    found = judge_event_name(name)
    assert (found.verdict, found.suggestion) == (Verdict.FACT, "OrderPlaced")
    assert found.case_problem == f"{name!r} is not in PascalCase; name it OrderPlaced"


def test_a_name_may_have_both_problems() -> None:
    found = judge_event_name("place_order")
    assert (found.verdict, found.suggestion) == (Verdict.NOT_A_FACT, "OrderPlaced")
    assert found.case_problem is not None


def test_the_sentence_says_what_to_do() -> None:
    assert judge_event_name("PlaceOrder").sentence == (
        "'PlaceOrder' is not a fact in the past tense: 'Place' in front makes it a command; name it OrderPlaced"
    )
    assert judge_event_name("PaymentNeeded").sentence == (
        "'PaymentNeeded' is not a fact in the past tense: 'Needed' says what is the case, not what happened; "
        "name what happened, with the verb at the end, such as OrderPlaced"
    )
    assert judge_event_name("TestRun").sentence == (
        "'TestRun' may or may not be a fact in the past tense: 'Run' may be a noun; "
        "name it TestRan, or say in the event file that it names something that happened"
    )
    assert judge_event_name("OrderPlaced") == NameVerdict(
        Verdict.FACT, Reason.HAPPENED, "'OrderPlaced' is a fact in the past tense: 'Placed' says what happened"
    )


@pytest.mark.parametrize(
    "name", ["ÖrderPlaced", "Заказ_Placed", "Order\x00Placed", "Order\u202ePlaced", "1OrderPlaced"]
)
def test_strange_characters_are_a_problem_of_the_case_and_shown_escaped(name: str) -> None:
    found = judge_event_name(name)
    assert found.verdict is Verdict.FACT
    assert found.case_problem is not None
    assert found.case_problem.isprintable()
