"""The issuers file: accepted whole, or refused whole with the line and the reason; read again when it changes."""

from pathlib import Path

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.issuers import IssuersInvalid, Trust, read_issuers
from tests.registry.asking import require_facts_as_described
from tests.registry.serving import Serving
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer
from tests.sign_in.signed_in import SignedIn, fault_of, issuers_file
from tests.waiting import eventually

GITHUB = '[issuers.github]\nkind = "github"\naudience = "https://registry.example"\n'
OIDC = '[issuers.people]\nkind = "oidc"\nissuer = "https://sso.example"\naudience = "https://registry.example"\n'


def test_a_preset_needs_an_audience_alone(tmp_path: Path) -> None:
    path = tmp_path / "issuers.toml"
    path.write_text(GITHUB)
    (issuer,) = read_issuers(path).issuers
    assert issuer.url == "https://token.actions.githubusercontent.com"
    assert issuer.keys.discovery == "https://token.actions.githubusercontent.com/.well-known/openid-configuration"
    assert issuer.algorithms == {"RS256"}
    assert (issuer.longest_life_s, issuer.skew_s) == (3_600, 60)


REFUSED = {  # what is wrong: the text, the line, a part of the reason
    "empty": ("", 0, "no table"),
    "not TOML": (GITHUB + "x = ", 0, "not valid TOML"),
    "another table": ("[grants]\n" + GITHUB, 0, "only tables"),
    "no issuers": ("[issuers]\n", 0, "no table"),
    "an alias with a colon": (GITHUB.replace("github]", '"git:hub"]'), 1, "lower-case letters"),
    "a reserved alias": (GITHUB.replace("s.github", "s.local"), 1, "reserved"),
    "no kind": (GITHUB.replace('kind = "github"\n', ""), 1, "not one of"),
    "an unknown kind": (GITHUB.replace('"github"', '"azure"'), 2, "not one of"),
    "no audience": (GITHUB.replace("audience", "#"), 1, "missing"),
    "a wildcard audience": (GITHUB.replace("https://registry.example", "*"), 3, "wildcard"),
    "an unknown setting": (GITHUB + "leeway = 5\n", 4, "unknown setting"),
    "a secret": (OIDC + 'client_secret = "x"\n', 5, "takes no secrets"),
    "an API key": (OIDC + 'api_key = "x"\n', 5, "takes no secrets"),
    "HS256": (GITHUB + 'algorithms = ["RS256", "HS256"]\n', 4, "only signatures with public keys"),
    "none": (GITHUB + 'algorithms = ["none"]\n', 4, "only signatures with public keys"),
    "no algorithms": (GITHUB + "algorithms = []\n", 4, "an empty one"),
    "plain http": (OIDC.replace("https://sso", "http://sso"), 3, "not https"),
    "keys by plain http": (OIDC + 'jwks = "http://sso.example/jwks"\n', 5, "not https"),
    "credentials in the URL": (OIDC.replace("//sso", "//u:p@sso"), 3, "credentials in it"),
    "a query in the URL": (OIDC.replace("sso.example", "sso.example?x"), 3, "not a URL"),
    "a tenant of everybody": (
        OIDC.replace("sso.example", "login.microsoftonline.com/common/v2.0"),
        3,
        "stands for all tenants",
    ),
    "no issuer URL": (OIDC.replace("issuer = ", "# "), 1, "missing"),
    "two sources of keys": (OIDC + 'jwks = "https://a.example/k"\njwks_file = "k"\n', 6, "only one of them"),
    "a key file that is missing": (OIDC + 'jwks_file = "k.json"\n', 5, "the file is missing"),
    "a life of more than a day": (GITHUB + "max_life_s = 86401\n", 4, "up to 86400"),
    "a life of no time": (GITHUB + "max_life_s = 0\n", 4, "up to 86400"),
    "a skew of more than a minute": (GITHUB + "skew_s = 61\n", 4, "up to 60"),
    "a skew that is text": (GITHUB + 'skew_s = "60"\n', 4, "up to 60"),
    "tokens for logging out": (OIDC + 'typ = ["logout+jwt"]\n', 5, "do not sign anybody in"),
    "claims that pass to others": (OIDC + 'claims = ["email"]\n', 5, "pass to somebody else"),
    "claims of a preset": (GITHUB + 'claims = ["x"]\n', 4, "only issuers of kind oidc"),
    "a trust domain of a preset": (GITHUB + 'trust_domain = "x"\n', 4, "only issuers of kind spiffe"),
    "spiffe without a trust domain": (OIDC.replace("oidc", "spiffe"), 1, "missing, or not a SPIFFE"),
    "one URL twice": (OIDC + OIDC.replace("people", "others"), 7, "the same URL"),
    "one alias twice": (GITHUB + GITHUB, 0, "not valid TOML"),
    "people at a preset": (GITHUB + 'client_id = "x"\n', 4, "only issuers of kind oidc"),
    "people without openid": (OIDC + 'client_id = "x"\nscopes = ["groups"]\n', 6, "without `openid`"),
    "a scope with a space": (OIDC + 'client_id = "x"\nscopes = ["openid groups"]\n', 6, "a scope with a space"),
    "scopes of nobody": (OIDC + 'login_scopes = ["openid"]\n', 5, "login_client_id is missing"),
    "larger than a quarter of a megabyte": (GITHUB + "#" * 300_000, 0, "larger than"),
}


@pytest.mark.parametrize(("text", "line", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_is_not_safe_is_refused_with_its_line(text: str, line: int, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "issuers.toml"
    path.write_text(text)
    with pytest.raises(IssuersInvalid) as refused:
        read_issuers(path)
    assert reason in str(refused.value)
    assert f", line {line}:" in str(refused.value) or not line
    assert "client_secret = " not in str(refused.value)


def test_a_file_that_is_not_text_or_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IssuersInvalid, match="cannot be read"):
        read_issuers(tmp_path / "issuers.toml")
    (tmp_path / "issuers.toml").write_bytes(b"\xff")
    with pytest.raises(IssuersInvalid, match="not text"):
        read_issuers(tmp_path / "issuers.toml")


def test_keys_from_a_file_need_no_network(tmp_path: Path, issuer: ForgingIssuer) -> None:
    import json

    from moorings_registry.issuers import take_apart

    (tmp_path / "keys.json").write_text(json.dumps({"keys": issuer.published}))
    trust = Trust(issuers_file(tmp_path, issuer, 'jwks_file = "keys.json"'))
    assert trust.verify(take_apart(issuer.token())).principal.name == "people:ann"
    assert issuer.seen == []


# Read again while the registry runs.


def test_a_changed_file_holds_within_seconds_and_a_wrong_one_changes_nothing(own: SignedIn) -> None:
    """An issuer that is taken out ends tokens that were accepted a moment ago."""
    path = own.serving.folder / "issuers.toml"
    token = own.issuer.token()
    assert own.name_of(token) == "people:ann"
    good = path.read_text()
    path.write_text(good + "x = ")
    wait_for_log(own, "issuers_file_invalid")
    assert own.name_of(token) == "people:ann"
    path.write_text(good.replace("[issuers.people]", "[issuers.staff]"))
    wait_for_log(own, "issuers_file_read")
    assert own.name_of(token) == "staff:ann"
    path.write_text(good.replace(AUDIENCE, "https://other.example"))
    eventually(lambda: own.bearer(token).status != 200)
    assert fault_of(own.bearer(token)) == "audience"


def wait_for_log(own: SignedIn, event: str) -> None:
    eventually(lambda: event in own.serving.log())


def test_the_ledger_says_whom_the_registry_trusted_and_since_when(own: SignedIn) -> None:
    path = own.serving.folder / "issuers.toml"
    digests = [read_issuers(path).digest]
    path.write_text(path.read_text() + "# another digest\n")
    digests.append(read_issuers(path).digest)
    wait_for_log(own, "issuers_file_read")
    assert own.serving.terminate() == 0
    recorded = facts_of(own.serving)
    assert [(one["fact"], one["digest"]) for one in recorded] == [("IssuersConfigured", one) for one in digests]
    assert recorded[0]["issuers"] == [{"alias": "people", "kind": "oidc", "issuer": own.issuer.url}]
    own.serving.start()  # the same file again is nothing new
    assert own.serving.terminate() == 0
    assert len(facts_of(own.serving)) == 2
    require_facts_as_described(open_ledger(own.serving.ledger_url))


def test_the_ledger_says_that_sign_in_was_turned_off(tmp_path: Path, issuer: ForgingIssuer) -> None:
    for options in (("--issuers", str(issuers_file(tmp_path, issuer))), ()):
        serving = Serving(tmp_path, "--workers", "1", *options)
        assert serving.terminate() == 0
    assert [one["issuers"] == [] for one in facts_of(serving)] == [False, True]


def facts_of(serving: Serving) -> list[dict[str, object]]:
    ledger = open_ledger(serving.ledger_url)
    return [dict(fact) for entry in ledger.read(0) for fact in entry.facts]
