"""What a folder's domains say about their contracts: nearest first, and the registry's own way where none says."""

from dataclasses import replace
from pathlib import Path

import pytest

from moorings.layout import read_folder
from moorings_compat import JsonFields, Policy, ProtobufLevel

NEW = Policy(json_fields=JsonFields.DECLARED)
"""What a domain starts with."""
DOMAINS = {
    "shop": '[policy]\nprotobuf_level = "json"\nformats = "annotations"\n',
    "shop.orders": '[policy]\nformats = "asserted"\nnames = "any"\n',
    "store": "",
    "archive": '[policy]\njson_fields = "open"\n',
}
CASES = [
    ("shop", replace(NEW, protobuf_level=ProtobufLevel.JSON, formats_asserted=False), "past_tense"),
    ("shop.orders", replace(NEW, protobuf_level=ProtobufLevel.JSON), "any"),
    ("shop.orders.eu", replace(NEW, protobuf_level=ProtobufLevel.JSON), "any"),
    ("store", NEW, "past_tense"),
    ("nowhere", NEW, "past_tense"),
    ("archive.old", Policy(), "past_tense"),
]


@pytest.mark.parametrize(("domain", "policy", "names"), CASES)
def test_the_policy_of_the_nearest_domain_applies(tmp_path: Path, domain: str, policy: Policy, names: str) -> None:
    for name, settings in DOMAINS.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "domain.toml").write_text(f'owner = "team"\n{settings}')
    folder = read_folder(tmp_path)
    assert folder.comparison_policy(domain) == policy
    assert folder.names_policy(domain) == names


def test_an_unknown_policy_value_is_an_issue(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/domain.toml").write_text('owner = "team"\n[policy]\nprotobuf_level = "bytes"\n')
    folder = read_folder(tmp_path)
    assert folder.comparison_policy("shop") == NEW
    (issue,) = folder.issues
    assert issue.code == "DOMAIN_FILE_INVALID"
    assert "wire, json, source" in issue.advice
