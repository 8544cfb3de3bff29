"""Numbers of thousands of digits, which Python does not read: they are refused, or taken for names."""

from urllib.parse import urlencode

import pytest
from werkzeug.test import Client

from tests.registry.asking import record
from tests.registry.granting import OPERATOR, Guarded

ONES = "1" * 5_000
PADDED = "00000000001" + "9" * 5_000
"""Its first digits alone are a small number."""
EVENT = "shop.OrderPlaced"


@pytest.fixture(scope="module")
def guarded() -> Guarded:
    guarded = Guarded()
    guarded.everybody_is(OPERATOR)
    guarded.do("PUT", "/v1/domains/shop", {"owner": "team"})
    guarded.do("POST", f"/subjects/{EVENT}/versions", {"schema": record("a")})
    return guarded


@pytest.mark.parametrize("number", [ONES, PADDED, "00000000001" + "9" * 13], ids=["ones", "padded", "beyond"])
def test_the_label_of_a_major_is_a_name_where_it_is_too_long(guarded: Guarded, number: str) -> None:
    for path in (f"/subjects/{EVENT}/versions", f"/v1/events/{EVENT}/versions"):
        body = {"schema": record("a", **{f"n{len(number)}": 0}), "metadata": {"properties": {"major": number}}}
        guarded.do("POST", path, body)
    majors = {one["major"] for one in guarded.do("GET", f"/v1/events/{EVENT}/versions")["versions"]}
    assert majors == set(range(1, len(majors) + 1))


@pytest.mark.parametrize("number", [ONES, PADDED], ids=["ones", "padded"])
@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/admin/try", {"subject": EVENT, "format": "AVRO", "text": record("a"), "major": "{}"}),
        ("/admin/domains/shop/policy", {"notice_days": "{}", "quiet_days": "1"}),
    ],
    ids=["try", "policy"],
)
def test_forms_refuse_them_beside_the_field(guarded: Guarded, path: str, sent: dict[str, str], number: str) -> None:
    client: Client = guarded._client
    filled = {name: value.replace("{}", number) for name, value in sent.items()}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost"}
    assert client.open(path, method="POST", data=urlencode(filled), headers=headers).status_code == 422
