"""What a folder's domains say about their contracts: nearest first, and the registry's own way where none says."""

from pathlib import Path

import pytest

from moorings.layout import read_folder
from moorings_compat import Policy, ProtobufLevel

DOMAINS = {
    "shop": '[policy]\nprotobuf_level = "json"\nformats = "annotations"\n',
    "shop.orders": '[policy]\nformats = "asserted"\nnames = "any"\n',
    "store": "",
}
CASES = [
    ("shop", Policy(protobuf_level=ProtobufLevel.JSON, formats_asserted=False), "past_tense"),
    ("shop.orders", Policy(protobuf_level=ProtobufLevel.JSON), "any"),
    ("shop.orders.eu", Policy(protobuf_level=ProtobufLevel.JSON), "any"),
    ("store", Policy(), "past_tense"),
    ("nowhere", Policy(), "past_tense"),
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
    assert folder.comparison_policy("shop") == Policy()
    (issue,) = folder.issues
    assert issue.code == "DOMAIN_FILE_INVALID"
    assert "wire, json, source" in issue.advice
