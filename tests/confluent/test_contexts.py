"""Contexts: ids, names and settings of their own."""

import pytest

from tests.confluent.api import Api, draft, record


def test_a_new_registry_has_only_the_default_context(api: Api) -> None:
    assert api.get("/contexts").json == ["."]


def test_a_context_appears_with_its_first_subject_and_disappears_with_its_last(api: Api) -> None:
    api.register(":.eu:s", record("id"))
    assert api.get("/contexts").json == [".", ".eu"]
    assert api.get("/contexts?contextPrefix=.e").json == [".eu"]
    assert api.get("/contexts?offset=1&limit=5").json == [".eu"]
    api.delete("/subjects/:.eu:s")
    assert api.get("/contexts").json == [".", ".eu"]
    api.delete("/subjects/:.eu:s?permanent=true")
    assert api.get("/contexts").json == ["."]


def test_each_context_counts_its_own_ids(api: Api) -> None:
    api.register("a", record("one"))
    api.register("b", record("two"))
    other = api.register(":.eu:c", record("three"))
    assert other["id"] == 1
    assert other["subject"] == ":.eu:c"
    assert api.get("/schemas/ids/1?subject=:.eu:").json["guid"] == other["guid"]
    assert api.get("/schemas/ids/1?subject=:.eu:c").json["version"] == 1
    assert api.get("/schemas/ids/1").json["guid"] != other["guid"]
    assert api.get("/schemas/ids/2?subject=:.eu:").code == 40403


def test_reads_without_a_context_look_in_all_contexts(api: Api) -> None:
    api.register(":.eu:c", record("three"))
    api.register(":.us:d", record("four"))
    assert api.get("/schemas/ids/1/subjects").json == [":.eu:c"]
    assert api.get("/schemas/ids/1/subjects?subject=d").json == [":.us:d"]
    assert api.get("/subjects/c/versions/latest").json["subject"] == ":.eu:c"
    assert api.post("/subjects/c", draft(record("three"))).json["subject"] == ":.eu:c"
    assert api.get("/subjects/:.us:c/versions/latest").code == 40401
    assert api.get("/subjects/c/versions").code == 40401


@pytest.mark.parametrize("base", ["/contexts/.eu", "/contexts/eu", "/contexts/:.eu:"])
def test_a_context_is_a_base_url(api: Api, base: str) -> None:
    api.register("outside", record("other"))
    answer = api.post(f"{base}/subjects/s/versions", draft(record("id"))).json
    assert (answer["subject"], answer["id"], answer["version"]) == (":.eu:s", 1, 1)
    assert api.get(f"{base}/subjects").json == [":.eu:s"]
    assert api.get(f"{base}/subjects?subjectPrefix=t").json == []
    assert api.get(f"{base}/subjects/s/versions").json == [1]
    assert api.get(f"{base}/subjects/outside/versions").code == 40401
    assert api.get(f"{base}/schemas/ids/1").json["guid"] == answer["guid"]
    assert api.get(f"{base}/schemas/ids/1/subjects").json == [":.eu:s"]
    assert api.get(f"{base}/config").json == {"compatibilityLevel": "BACKWARD"}
    assert api.put(f"{base}/config", {"compatibility": "NONE"}).status == 200
    assert api.get("/config/:.eu:").json == {"compatibilityLevel": "NONE"}
    assert api.get("/config").json == {"compatibilityLevel": "BACKWARD"}
    assert api.put(f"{base}/mode", {"mode": "READONLY"}).status == 200
    assert api.post(f"{base}/subjects/s/versions", draft(record("total"))).code == 42205
    assert api.register("outside", record("other", more=""))["version"] == 2


def test_references_lead_to_subjects_in_the_context_of_their_schema(api: Api) -> None:
    line, order = record("sku", name="Line"), record(name="Order")
    order["fields"] = [{"name": "line", "type": "shop.Line"}]
    references = [{"name": "shop.Line", "subject": "line", "version": 1}]
    api.register("line", record("other", name="Line"))
    assert api.post("/subjects/:.eu:order/versions", draft(order, references=references)).code == 42201
    api.register(":.eu:line", line)
    inside = api.register(":.eu:order", order, references=references)
    outside = api.register("order", order, references=references)
    assert inside["guid"] == outside["guid"]
    assert api.delete("/subjects/:.eu:line").code == 42206
    wrong = {**order, "fields": [{"name": "line", "type": "shop.Line", "default": {"sku": "?"}}]}
    assert api.register(":.eu:order", wrong, references=references)["version"] == 2
    assert api.post("/subjects/order/versions", draft(wrong, references=references)).code == 42201


def test_an_empty_context_is_deleted_with_its_settings(api: Api) -> None:
    assert api.delete("/contexts/.eu").code == 40401
    api.register(":.eu:s", record("id"))
    assert api.delete("/contexts/.eu").code == 42211
    api.put("/config/:.eu:", {"compatibility": "NONE"})
    api.put("/mode/:.eu:", {"mode": "READWRITE"})
    api.delete("/subjects/:.eu:s")
    assert api.delete("/contexts/.eu").code == 42211
    api.delete("/subjects/:.eu:s?permanent=true")
    reply = api.delete("/contexts/.eu")
    assert (reply.status, reply.text) == (204, "")
    assert api.get("/config/:.eu:").code == 40408
    assert api.delete("/contexts/.").code == 40401


def test_an_invalid_context_name_is_refused(api: Api) -> None:
    assert api.get("/contexts/a%20b/subjects").code == 42208
    assert api.delete("/contexts/a%2Fb").code == 42208
