"""Settings: their names, their scopes, their merging."""

import pytest

from tests.confluent.api import Api, case_id, draft, record

LEVELS = ["NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"]


def test_the_level_of_a_new_registry_is_backward(api: Api) -> None:
    assert api.get("/config").json == {"compatibilityLevel": "BACKWARD"}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("path", ["/config", "/config/s"])
def test_levels_are_read_in_any_letter_case(api: Api, path: str, level: str) -> None:
    for spelt in (level, level.lower(), level.title()):
        assert api.put(path, {"compatibility": spelt}).json == {"compatibility": level}
        assert api.get(path).json == {"compatibilityLevel": level}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"compatibility": "SIDEWAYS"}, 42203),
        ({"compatibility": 7}, 42203),
        ({"compatibility": []}, 42203),
        ({"normalize": "yes"}, 422),
        ({"aliasForDeks": 1}, 422),
        ({"aliasForDeks": "__GLOBAL"}, 42208),
        ({"validateNewSchemas": False}, 422),
        ({"validateNewSchemas": "no"}, 422),
        ({"alias": 1}, 422),
        ({"alias": "__GLOBAL"}, 42208),
        ({"compatibilityPolicy": "KIND"}, 422),
        ({"defaultMetadata": {"properties": {"a": 1}}}, 42210),
        ({"overrideRuleSet": {"domainRules": [{"name": "1"}]}}, 42210),
        ([], 422),
        (None, 422),
    ],
    ids=case_id,
)
def test_an_invalid_setting_is_refused(api: Api, body: object, code: int) -> None:
    assert api.put("/config/s", body).code == code
    assert api.get("/config/s").code == 40408


def test_a_subject_has_settings_before_it_exists(api: Api) -> None:
    assert api.get("/config/s").code == 40408
    assert api.get("/config/s?defaultToGlobal=true").json == {"compatibilityLevel": "BACKWARD"}
    api.put("/config", {"compatibility": "FULL"})
    assert api.get("/config/s?defaultToGlobal=True").json == {"compatibilityLevel": "FULL"}
    api.put("/config/s", {"compatibility": "NONE"})
    assert api.get("/config/s").json == {"compatibilityLevel": "NONE"}
    assert api.delete("/config/s").json == {"compatibilityLevel": "NONE"}
    assert api.delete("/config/s").code == 40401
    assert api.delete("/config").json == {"compatibilityLevel": "FULL"}
    assert api.delete("/config").json == {"compatibilityLevel": "BACKWARD"}


SETTINGS = {
    "compatibility": "FULL",
    "compatibilityPolicy": "LENIENT",
    "compatibilityGroup": "release",
    "normalize": True,
    "alias": "t",
    "validateFields": True,
    "validateNewSchemas": True,
    "validateRules": True,
    "defaultMetadata": {"properties": {"team": "orders"}},
    "overrideMetadata": {"tags": {"shop.*": ["PII"]}},
    "defaultRuleSet": {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL"}]},
    "overrideRuleSet": {"enableAt": "CLIENT"},
}


def test_every_setting_is_kept_and_shown(api: Api) -> None:
    assert api.put("/config/s", {**SETTINGS, "unheard": 1}).json == SETTINGS
    level = {"compatibilityLevel": SETTINGS["compatibility"]}
    rest = {name: value for name, value in SETTINGS.items() if name != "compatibility"}
    assert api.get("/config/s").json == {**level, **rest}


def test_null_clears_one_setting_and_absence_keeps_it(api: Api) -> None:
    api.put("/config/s", {"compatibility": "FULL", "normalize": True})
    assert api.put("/config/s", {"normalize": None}).json == {}
    assert api.get("/config/s").json == {"compatibilityLevel": "FULL"}
    api.put("/config/s", {"compatibilityGroup": "major"})
    assert api.get("/config/s").json == {"compatibilityLevel": "FULL", "compatibilityGroup": "major"}


def test_settings_merge_one_by_one_from_the_nearest_scope(api: Api) -> None:
    api.put("/config", {"compatibility": "FULL", "normalize": True, "compatibilityGroup": "release"})
    api.put("/config/:.eu:", {"compatibility": "FORWARD"})
    api.put("/config/:.eu:s", {"normalize": False})
    assert api.get("/config/:.eu:s?defaultToGlobal=true").json == {
        "compatibilityLevel": "FORWARD",
        "normalize": False,
        "compatibilityGroup": "release",
    }
    assert api.get("/config/:.eu:s").json == {"normalize": False}
    assert api.get("/config/:.eu:").json == {"compatibilityLevel": "FORWARD"}


def test_the_global_scope_is_looked_up_last(api: Api) -> None:
    api.put("/config/:.__GLOBAL:", {"compatibility": "NONE"})
    assert api.get("/config/:.__GLOBAL:").json == {"compatibilityLevel": "NONE"}
    assert api.get("/config/s?defaultToGlobal=true").json == {"compatibilityLevel": "NONE"}
    assert api.get("/config/:.eu:s?defaultToGlobal=true").json == {"compatibilityLevel": "NONE"}
    api.put("/config", {"compatibility": "FULL"})
    assert api.get("/config/s?defaultToGlobal=true").json == {"compatibilityLevel": "FULL"}


def test_a_new_level_holds_for_the_next_registration(api: Api) -> None:
    api.register("s", record("id"))
    assert api.post("/subjects/s/versions", draft(record("id", "total"))).code == 409
    api.put("/config/s", {"compatibility": "NONE"})
    assert api.register("s", record("id", "total"))["version"] == 2


def test_an_alias_is_another_name_of_its_subject(api: Api) -> None:
    api.register("orders", record("id"))
    api.put("/config/old-orders", {"alias": "orders"})
    assert api.get("/subjects/old-orders/versions").json == [1]
    assert api.register("old-orders", record("id", note=""))["subject"] == "orders"
    assert api.get("/schemas/ids/1/subjects?subject=old-orders").json == ["orders"]
    assert api.get("/subjects").json == ["orders"]
    assert api.get("/config/orders").code == 40408
