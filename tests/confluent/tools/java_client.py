"""The registry client that Java's serializers have: what Kafka Connect, ksqlDB, Flink, AKHQ and Kafbat UI call through.

Read in its public source. Every request has a `Content-Type`, those without a body too. It sets no `Accept`: the JDK's
own HTTP client does, and that of Java 8 and 11 writes a quality without its first digit. A subject is escaped as one
segment. 200 is a success, 204 one without content, and anything else an error whose `error_code` and `message` are
read; a body that is not JSON becomes 50005. What is absent is null, and a null type is Avro. Releases before the header
`Confluent-Accept-Unknown-Properties` fail on a member that they do not know.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from tests.confluent.tools.calling import V1, Tool, escaped, read

JDK_ACCEPT = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
REFERENCE = {"name": str, "subject": str, "version": int}
RULE = {"name": str, "kind?": ("CONDITION", "TRANSFORM"), "mode?": str, "type?": str, "expr?": str}
RULE_SET = {"migrationRules?": [RULE], "domainRules?": [RULE], "encodingRules?": [RULE]}
METADATA = {"tags?": dict, "properties?": dict, "sensitive?": [str]}
SCHEMA_STRING = {
    "schema": str,
    "schemaType?": ("AVRO", "JSON", "PROTOBUF"),
    "references?": [REFERENCE],
    "metadata?": METADATA,
    "ruleSet?": RULE_SET,
    "maxId?": int,
}
SCHEMA = {"subject": str, "version": int, "id": int, **SCHEMA_STRING}
CONFIG = {"compatibilityLevel": str, "normalize?": bool, "compatibilityGroup?": str, "alias?": str}


def known(content: Any, shape: Any) -> Any:
    """Like `read`, of a release that fails on members outside *shape*."""
    for one in content if isinstance(content, list) else [content]:
        of = shape[0] if isinstance(shape, list) else shape
        if isinstance(one, dict):
            assert set(one) <= {name.removesuffix("?") for name in of}, one
    return read(content, shape)


class JavaClient(Tool):
    """Its calls, by the names that they have there."""

    headers: ClassVar[Mapping[str, str]] = {
        "Accept": JDK_ACCEPT,
        "Content-Type": V1,
        "User-Agent": "Java/11.0.20",
        "Connection": "keep-alive",
    }

    def get_all_subjects(self, prefix: str = ":*:", *, deleted: bool = False) -> list[str]:
        path = f"/subjects?subjectPrefix={quote(prefix)}&deleted={_flag(deleted)}&deletedOnly=false"
        return list(known(self.get(path), [str]))

    def get_all_versions(self, subject: str, *, deleted: bool = False) -> list[int]:
        path = f"/subjects/{escaped(subject)}/versions?deleted={_flag(deleted)}&deletedOnly=false"
        return list(known(self.get(path), [int]))

    def get_version(self, subject: str, version: int | str, *, deleted: bool = False) -> dict[str, Any]:
        path = f"/subjects/{escaped(subject)}/versions/{version}?deleted={_flag(deleted)}"
        return dict(known(self.get(path), SCHEMA))

    def get_latest(self, subject: str) -> dict[str, Any]:
        return dict(known(self.get(f"/subjects/{escaped(subject)}/versions/latest"), SCHEMA))

    def get_id(self, id: int, subject: str = "") -> dict[str, Any]:
        named = f"&subject={quote(subject, safe='')}" if subject else ""
        return dict(known(self.get(f"/schemas/ids/{id}?fetchMaxId=false{named}"), SCHEMA_STRING))

    def get_subjects_of_id(self, id: int) -> list[str]:
        return list(known(self.get(f"/schemas/ids/{id}/subjects"), [str]))

    def get_versions_of_id(self, id: int) -> list[dict[str, Any]]:
        return list(known(self.get(f"/schemas/ids/{id}/versions"), [{"subject": str, "version": int}]))

    def get_with_metadata(self, subject: str, **properties: str) -> dict[str, Any]:
        pairs = "".join(f"&key={quote(key)}&value={quote(value)}" for key, value in properties.items())
        return dict(known(self.get(f"/subjects/{escaped(subject)}/metadata?deleted=true{pairs}"), SCHEMA))

    def register(self, subject: str, body: Mapping[str, Any], *, normalize: bool = False) -> int:
        path = f"/subjects/{escaped(subject)}/versions?normalize={_flag(normalize)}"
        return int(known(self.call("POST", path, body), {"id": int})["id"])

    def look_up(
        self, subject: str, body: Mapping[str, Any], *, normalize: bool = False, deleted: bool = False
    ) -> dict[str, Any]:
        path = f"/subjects/{escaped(subject)}?normalize={_flag(normalize)}&deleted={_flag(deleted)}"
        return dict(known(self.call("POST", path, body), SCHEMA))

    def test_compatibility(self, subject: str, body: Mapping[str, Any], version: str = "") -> list[str]:
        """The reasons why not; an answer without `messages` is taken for one without reasons."""
        place = f"versions/{version}" if version else "versions/"
        path = f"/compatibility/subjects/{escaped(subject)}/{place}?normalize=false&verbose=true"
        answer = known(self.call("POST", path, body), {"is_compatible": bool, "messages?": [str]})
        return list(answer.get("messages") or [])

    def get_config(self, subject: str = "", *, default: bool = False) -> dict[str, Any]:
        path = f"/config/{escaped(subject)}?defaultToGlobal={_flag(default)}" if subject else "/config"
        return dict(known(self.get(path), CONFIG))

    def update_compatibility(self, level: str, subject: str = "") -> str:
        path = f"/config/{escaped(subject)}" if subject else "/config"
        answer = self.call("PUT", path, {"compatibility": level})
        return str(known(answer, {"compatibility": str})["compatibility"])

    def get_mode(self, subject: str, *, default: bool = False) -> str:
        path = f"/mode/{escaped(subject)}?defaultToGlobal={_flag(default)}"
        return str(known(self.get(path), {"mode": str})["mode"])

    def delete_subject(self, subject: str, *, permanent: bool = False) -> list[int]:
        path = f"/subjects/{escaped(subject)}?permanent={_flag(permanent)}"
        return list(known(self.call("DELETE", path), [int]))

    def delete_version(self, subject: str, version: int | str, *, permanent: bool = False) -> int:
        path = f"/subjects/{escaped(subject)}/versions/{version}?permanent={_flag(permanent)}"
        return int(known(self.call("DELETE", path), int))


def _flag(value: bool) -> str:
    return "true" if value else "false"
