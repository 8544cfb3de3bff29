"""An event of the shop, as a producer makes it."""

from datetime import UTC, datetime
from typing import Any

ORDER_PLACED = "shop.orders.OrderPlaced"


def order_placed(order_id: str) -> dict[str, Any]:
    """An order of one line."""
    price = {"amount_minor": 4200, "currency": "EUR"}
    return {
        "order_id": order_id,
        "customer_id": "c-7",
        "placed_at": datetime.now(UTC),
        "lines": [{"sku": "rope-10m", "quantity": 1, "price": price}],
        "total": price,
    }


def broken_order() -> dict[str, Any]:
    """What a careless change of the producer would send."""
    order = order_placed("o-2")
    order["total"] = "42.00 EUR"
    order["discount"] = 5
    return order
