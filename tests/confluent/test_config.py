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
    api.put("/config/:.__GLOBAL:", {"compatibility": "FULL", "normalize": True, "compatibilityGroup": "release"})
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


def test_what_is_set_for_the_registry_holds_in_the_default_context_alone(api: Api) -> None:
    api.put("/config", {"compatibility": "NONE"})
    effective = "?defaultToGlobal=true"
    for where, level in (("/config/s", "NONE"), ("/config/:.eu:s", "BACKWARD"), ("/config/:.eu:", "BACKWARD")):
        assert api.get(where + effective).json == {"compatibilityLevel": level}
    assert api.get("/contexts/.eu/config").json == {"compatibilityLevel": "BACKWARD"}
    api.put("/config/:.__GLOBAL:", {"compatibility": "FULL"})
    assert api.get(f"/config/s{effective}").json == {"compatibilityLevel": "NONE"}
    assert api.get(f"/config/:.eu:s{effective}").json == {"compatibilityLevel": "FULL"}
    api.put("/config/:.eu:", {"compatibility": "FORWARD"})
    assert api.get(f"/config/:.eu:s{effective}").json == {"compatibilityLevel": "FORWARD"}


def test_an_empty_change_shows_what_holds(api: Api) -> None:
    assert api.put("/config", {}).json == {"compatibility": "BACKWARD"}
    api.put("/config", {"compatibility": "FULL", "normalize": True})
    assert api.put("/config", {}).json == {"compatibility": "FULL", "normalize": True}
    assert api.put("/contexts/.eu/config", {}).json == {"compatibility": "BACKWARD"}


def test_reserved_names_are_an_incompatibility(api: Api) -> None:
    api.put("/config", {"validateFields": True})
    reserving = {"metadata": {"properties": {"confluent:reserved": "a, b"}}}
    api.register("s", record("id"), **reserving)
    for fields, kept in (
        ({"a": ""}, reserving),
        ({"c": ""}, {"metadata": {"properties": {"confluent:reserved": "a"}}}),
    ):
        body = draft(record("id", **fields), **kept)
        refused = api.post("/subjects/s/versions", body)
        assert (refused.status, refused.code) == (409, 409)
        assert "incompatible with an earlier schema" in refused.json["message"]
        for path in ("versions", "versions/1", "versions/latest"):
            checked = api.post(f"/compatibility/subjects/s/{path}?verbose=true", body).json
            assert (checked["is_compatible"], "reserved names" in checked["messages"][0]) == (False, True)
    assert api.post("/subjects/s/versions", draft(record("id", c=""), **reserving)).status == 200


def test_the_global_context_holds_settings_and_modes_alone(api: Api) -> None:
    schema = draft(record("id"))
    for reply in (
        api.post("/subjects/:.__GLOBAL:s/versions", schema),
        api.post("/contexts/.__GLOBAL/subjects/s/versions", schema),
        api.post("/subjects/:.__GLOBAL:s", schema),
        api.post("/v1/events/:.__GLOBAL:s/versions", {**schema, "format": "AVRO"}),
        api.get("/subjects?subjectPrefix=:.__GLOBAL:"),
        api.get("/contexts/.__GLOBAL/subjects"),
        api.get("/schemas?subjectPrefix=:.__GLOBAL:s"),
        api.get("/subjects/:.__GLOBAL:s/versions"),
    ):
        assert reply.status == 400, reply.text
    assert api.get("/subjects").json == []
    assert api.put("/config/:.__GLOBAL:", {"normalize": True}).status == 200
    assert api.put("/mode/:.__GLOBAL:", {"mode": "READWRITE"}).status == 200
