"""AKHQ: what its pages of a registry call, and what they do with the answers.

It calls by Java's client (`java_client`). A list shows the newest version of each subject with its level: one request
each, so one subject that cannot be read takes the whole page down. It signs in by Basic, or by a certificate.
"""

import json
from typing import Any, ClassVar

import pytest

from tests.confluent.tools.calling import Refused
from tests.confluent.tools.conftest import Pointed
from tests.confluent.tools.content import ODD, record
from tests.confluent.tools.java_client import JavaClient

SUBJECT_NOT_FOUND = 40401
LEVELS = ("NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE")


class Akhq(JavaClient):
    on_page: ClassVar[str] = "AKHQ"
    signs_in_by: ClassVar[str] = "basic"

    def level(self, subject: str) -> str:
        """Of a subject: any 404 means that of the registry; a level outside its list cannot be shown."""
        try:
            config = self.get_config(subject, default=True)
        except Refused as refused:
            if refused.status != 404:
                raise
            config = self.get_config()
        assert config["compatibilityLevel"] in LEVELS
        return str(config["compatibilityLevel"])

    def page(self) -> list[tuple[dict[str, Any], str]]:
        """The list of schemas, by name whatever the case of its letters."""
        names = sorted(self.get_all_subjects(), key=str.lower)
        return [(self.get_latest(name), self.level(name)) for name in names]

    def exists(self, subject: str) -> bool:
        try:
            self.get_latest(subject)
        except Refused as refused:
            if refused.code != SUBJECT_NOT_FOUND:
                raise
            return False
        return True

    def create(self, subject: str, schema: Any, **more: Any) -> dict[str, Any]:
        """It refuses to go on unless the newest version has the id of what it registered."""
        id = self.register(subject, {"schema": json.dumps(schema), "schemaType": "AVRO", **more})
        newest = self.get_latest(subject)
        assert newest["id"] == id
        return newest

    def find(self, id: int) -> str | None:
        """A schema by its id: it looks through every version of every subject."""
        for subject in self.get_all_subjects():
            for number in self.get_all_versions(subject):
                if self.get_version(subject, number)["id"] == id:
                    return subject
        return None


def test_the_page_of_schemas_shows_the_newest_version_and_the_level_of_each_subject(pointed: Pointed) -> None:
    shown = {newest["subject"]: (newest, level) for newest, level in pointed.at(Akhq).page()}
    assert {"orders-value", "customers-value", "common/money.proto", ODD, ":.eu:orders-value"} <= shown.keys()
    assert "gone-value" not in shown
    assert shown["fixed-value"][1] == "FULL_TRANSITIVE"
    assert shown["shipments-value"][0]["references"][0]["subject"] == "common/money.proto"
    assert shown["half-value"][0]["version"] == 2


@pytest.mark.parametrize("subject", ["orders-value", ODD, ":.eu:orders-value"])
def test_the_page_of_a_schema_shows_all_its_versions(pointed: Pointed, subject: str) -> None:
    akhq = pointed.at(Akhq)
    versions = [akhq.get_version(subject, number) for number in akhq.get_all_versions(subject)]
    assert [one["version"] for one in versions] == list(range(1, len(versions) + 1))
    assert {one["subject"] for one in versions} == {subject}


def test_a_schema_is_found_by_its_id(pointed: Pointed) -> None:
    akhq = pointed.at(Akhq)
    assert akhq.find(pointed.content.id("invoices-value")) == "invoices-value"
    assert akhq.find(2_000_000) is None


def test_a_schema_is_created_updated_and_deleted(pointed: Pointed) -> None:
    akhq = pointed.at(Akhq)
    assert not akhq.exists("akhq-value")
    akhq.create("akhq-value", record("Akhq", "id"), references=[])
    assert akhq.exists("akhq-value")
    assert akhq.create("akhq-value", record("Akhq", "id", note=""))["version"] == 2
    assert akhq.look_up("akhq-value", {"schema": json.dumps(record("Akhq", "id"))})["version"] == 1
    assert akhq.delete_version("akhq-value", 1) == 1
    assert akhq.delete_subject("akhq-value")[0] == 2
    assert not akhq.exists("akhq-value")
    assert akhq.look_up("akhq-value", {"schema": json.dumps(record("Akhq", "id"))}, deleted=True)["version"] == 1


def test_a_check_gives_reasons_and_an_update_that_breaks_is_refused(pointed: Pointed) -> None:
    akhq = pointed.at(Akhq)
    fits, breaks = record("Order", "id", note="", more=""), record("Order", "id", "must")
    assert akhq.test_compatibility("orders-value", {"schema": json.dumps(fits)}, "latest") == []
    assert akhq.test_compatibility("orders-value", {"schema": json.dumps(breaks)}, "latest")
    with pytest.raises(Refused, match="incompatible with an earlier schema") as refused:
        akhq.create("orders-value", breaks)
    assert (refused.value.status, refused.value.code) == (409, 409)


def test_a_level_is_changed_and_the_answer_repeats_it(pointed: Pointed) -> None:
    akhq = pointed.at(Akhq)
    akhq.create("akhq-level-value", record("Level", "id"))
    for level in ("NONE", "FORWARD_TRANSITIVE"):
        assert akhq.update_compatibility(level, "akhq-level-value") == level
        assert akhq.level("akhq-level-value") == level
    with pytest.raises(Refused) as refused:
        akhq.update_compatibility("SOME", "akhq-level-value")
    assert refused.value.code == 42203


def test_what_the_token_may_not_read_is_not_on_the_page(closed: Pointed) -> None:
    shown = {newest["subject"] for newest, _ in closed.at(Akhq, token=closed.target.narrow).page()}
    assert shown == {"orders-key", "orders-value"}
