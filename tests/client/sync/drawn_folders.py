"""Folders of contracts as different people write them: keys left out, in any order, with comments and either quotes."""

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.client.layout.test_lint import CLEAN

COMMENTS = st.sampled_from(["", "", " # ask the team", '  # why: "quoted" [not.a.table]'])
BEFORE = st.sampled_from(["", "", "# a line of its own\n", "\n", "#[commented.out]\n# key = 1\n"])
QUOTES = st.sampled_from(['"', "'"])
WORDS = st.sampled_from(["ours", "what was paid", "ü and €", "x # y", "[a]", "a = 1"])


@st.composite
def assignment(draw: st.DrawFn, key: str, value: str) -> str:
    """A key with its value, perhaps a comment before it and behind it."""
    sign = draw(st.sampled_from([" = ", "=", "  =  "]))
    return f"{draw(BEFORE)}{key}{sign}{value}{draw(COMMENTS)}\n"


@st.composite
def text(draw: st.DrawFn) -> str:
    quote = draw(QUOTES)
    return f"{quote}{draw(WORDS)}{quote}"


@st.composite
def keys(draw: st.DrawFn, values: dict[str, st.SearchStrategy[str]], needed: Sequence[str] = ()) -> str:
    """Some of the keys, in any order."""
    chosen = draw(st.lists(st.sampled_from(sorted(values)), unique=True))
    order = draw(st.permutations(list(dict.fromkeys([*chosen, *needed]))))
    return "".join(draw(assignment(key, draw(values[key]))) for key in order)


@st.composite
def tables(draw: st.DrawFn, top: str, named: dict[str, st.SearchStrategy[str]]) -> str:
    """Top-level keys, then some of the tables."""
    chosen = draw(st.lists(st.sampled_from(sorted(named)), unique=True)) if named else []
    return top + "".join(f"{draw(BEFORE)}{draw(named[name])}" for name in chosen)


def table(name: str, inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda comment, text: f"[{name}]{comment}\n{text}", COMMENTS, inside)


NUMBERS = st.sampled_from(["1", "250", "1_000"])
POINTERS = st.sampled_from(['"/m"', "'/m/a'"])
LISTS = st.sampled_from(['["orders"]', "[ 'orders', \"placed\" ]", '[\n  "orders", # the first\n  "placed",\n]', "[]"])
EVENT_KEYS = {
    "kind": st.just('"fact"'),
    "description": text(),
    "classification": st.sampled_from(['"internal"', "'restricted'"]),
    "topics": LISTS,
}
EVENT_TABLES = {
    "replay": table(
        "replay",
        keys(
            {"source": text(), "retention_days": NUMBERS, "ordering_key": POINTERS, "replayable": st.just("true")},
        ),
    ),
    "idempotency": table("idempotency", st.builds(lambda one: f"key = [{one}]\n", POINTERS)),
    "expectations": table(
        "expectations",
        keys({"peak_per_second": st.sampled_from(["10", "0.5"]), "largest_bytes": NUMBERS, "delivery_p99_ms": NUMBERS}),
    ),
}
RULE = keys(
    {
        "name": st.just('"total"'),
        "type": st.just("'CEL'"),
        "mode": st.sampled_from(['"WRITE"', "'WRITEREAD'"]),
        "expr": st.sampled_from(['"message.m.a >= 0"', "'''\nmessage.m.a >= 0'''", '"""message.m.a >= 0"""']),
        "doc": text(),
        "disabled": st.sampled_from(["true", "false"]),
        "params": st.just('{ reason = "x", a = "b" }'),
        "onFailure": st.sampled_from(['"ERROR"', '"NONE"']),
    },
    needed=("name", "type", "mode", "expr"),
)
MAJOR_TABLES = {
    "lifecycle": table("lifecycle", st.sampled_from(["state = 'active'\n", "", 'state="active" # still\n'])),
    "metadata": table(
        "metadata",
        st.sampled_from(
            [
                "",
                'tags."shop.types.Money.a" = ["PII"]\n',
                '[metadata.tags]\n"shop.orders.OrderPlaced.*" = [\'PII\', "X"] # all\n',
                '[metadata.properties]\nteam = "orders"\n',
            ]
        ),
    ),
    "rules": st.builds(lambda comment, rule: f"[[rules]]{comment}\n{rule}", COMMENTS, RULE),
}
DOMAIN_TABLES = {
    "policy": table(
        "policy",
        keys(
            {
                "level": st.sampled_from(['"FULL_TRANSITIVE"', "'FULL'"]),
                "complete": st.sampled_from(["true", "false"]),
                "kinds": st.sampled_from(['["fact"]', "['type', \"fact\"]"]),
                "notice_days": NUMBERS,
                "json_fields": st.just('"declared"'),
            }
        ),
    )
}
AVRO = st.sampled_from(
    [
        CLEAN["shop.orders/OrderPlaced.v1.avsc"],
        '{"type":"record","name":"OrderPlaced","namespace":"shop.orders","fields":[{"name":"m","type":"shop.types.Money"}]}',
        (
            '{ "name": "OrderPlaced", "namespace": "shop.orders",\n\t"type": "record", "fields": [\n'
            '    { "type": "shop.types.Money" , "name": "m" } ] }\n\n'
        ),
    ]
)


@st.composite
def folders(draw: st.DrawFn) -> dict[str, str]:
    """Texts by their paths: a clean folder whose governance somebody wrote."""
    owner = draw(assignment("owner", '"team-orders"'))
    rest = draw(keys({"contacts": st.sampled_from(["['a', \"b\"]", "[]"]), "description": text()}))
    files = {
        **CLEAN,
        "shop.orders/domain.toml": draw(tables(owner + rest, DOMAIN_TABLES)),
        "shop.orders/OrderPlaced.v1.avsc": draw(AVRO),
    }
    if draw(st.booleans()):
        files["shop.orders/OrderPlaced.toml"] = draw(tables(draw(keys(EVENT_KEYS)), EVENT_TABLES))
    if draw(st.booleans()):
        files["shop.orders/OrderPlaced.v1.toml"] = draw(tables(draw(BEFORE), MAJOR_TABLES))
    return files
