"""What the codes mean that are not rules of a check: those of lint, of events and classes, and of the client."""

from dataclasses import dataclass

from moorings.cli.answer_texts import QUESTIONS, RETIREMENT


@dataclass(frozen=True, slots=True)
class CodeText:
    """One code for `moorings explain`."""

    code: str
    kind: str
    """Where it is printed: ``lint``, ``retirement``, ``answers to questions``, ``the client``, ``the registry``, ..."""
    title: str
    fix: str


_LINT = (
    (
        "CONTRACT_DELETED",
        "A contract is registered, and its file is gone.",
        "Deprecate or retire its major first; restore the file until then.",
    ),
    ("CONTRACT_TWICE", "Two files hold the same major of an event.", "Keep one of them."),
    ("CONSUMER_FILE_INVALID", "The file about a consumer has a fault.", "Correct the key that the message names."),
    (
        "DOC_MISSING",
        "An event or a field that is new or changed has no documentation.",
        "Write `doc`, `description` or a comment at it.",
    ),
    ("DOMAIN_FILE_INVALID", "A domain.toml has a fault.", "Correct the key that the message names."),
    ("DOMAIN_FILE_MISSING", "A folder of contracts has no domain.toml.", "Add one with an owner."),
    (
        "DOMAIN_NAME_INVALID",
        "The name of a folder cannot be that of a domain.",
        "Use names in lower case, joined by dots: shop.orders.",
    ),
    ("EVENT_FILE_INVALID", "The file of an event has a fault.", "Correct the key that the message names."),
    (
        "EVENT_INCOMPLETE",
        "The domain asks facts for replay, idempotency or expectations, and one is missing.",
        "Add the table to the file of the event, or say `complete = false` in domain.toml.",
    ),
    (
        "FIELD_INTERNAL_UNTAGGED",
        "A field whose name says internal does not have the tag `internal`.",
        "Tag it under [metadata.tags], or rename it.",
    ),
    (
        "FILE_MISPLACED",
        "A contract is not directly in the folder of a domain.",
        "Move it into the folder of its domain.",
    ),
    (
        "FILE_OUTSIDE",
        "A symbolic link leads out of the folder of contracts; nothing outside of it is read.",
        "Put the file itself there.",
    ),
    (
        "FILE_NAME_INVALID",
        "A file has the ending of a contract or of its settings, and a name that nothing reads.",
        "Name it EVENT.vMAJOR.avsc, .schema.json or .proto; begin the name of what is not a contract with _.",
    ),
    ("FILE_UNKNOWN", "A file in the folder of a domain that nothing reads.", "Rename or remove it."),
    ("HANDLER_MISSING", "A command does not name the one application that carries it out.", "Add `handler`."),
    ("HANDLER_REFUSED", "An event that is not a command has a handler.", "Remove `handler`, or make it a command."),
    ("ID_TWICE", "Two JSON Schemas of the folder have the same `$id`.", "Give each an `$id` of its own, or none."),
    (
        "KIND_REFUSED",
        "The domain does not have events of that kind.",
        "Choose one of its `kinds`, or add the kind to its policy.",
    ),
    ("MAJOR_FILE_INVALID", "The file of a major has a fault.", "Correct the key that the message names."),
    ("MAJOR_WITHOUT_SCHEMA", "The file of a major has no schema beside it.", "Add the schema, or remove the file."),
    (
        "MAPPING_FILE_OUTDATED",
        "A mapping is in a file of its own.",
        "Move its steps into the file of the major that it leads to.",
    ),
    (
        "MAPPING_INVALID",
        "A mapping has a fault.",
        "Correct the step that the message names; docs/replay.md has all of them.",
    ),
    (
        "MAPPING_MAY_FAIL",
        "A conversion cannot convert every value.",
        "Make sure that stored events have none of the others.",
    ),
    ("MAPPING_UNCHECKED", "A mapping cannot be checked without the contracts of both majors.", "Add the contract."),
    (
        "MAPPING_UNFIT",
        "The result of a mapping does not fit the next major.",
        "Add a step for the field that the message names.",
    ),
    ("MIGRATION_TWICE", "Two files have a mapping between the same majors.", "Keep one of them."),
    (
        "NAME_ASKED",
        "It is not clear from its name whether the event fits its kind.",
        "Rename it, or answer with `name_reviewed` in the file of the event.",
    ),
    ("NAME_DIFFERS", "The type inside a schema does not have the name of its event.", "Rename one of them."),
    (
        "NAME_REFUSED",
        "The name of an event does not fit its kind: facts are in the past tense, commands in the imperative.",
        "Rename it; the message suggests a name.",
    ),
    (
        "NOT_CHECKED",
        "A contract uses another one that is neither in the folder nor in the registry.",
        "Add the other contract, or register it first.",
    ),
    ("OWNER_MISSING", "A domain.toml does not name the owner.", 'Add owner = "team".'),
    (
        "POINTER_UNKNOWN",
        "A pointer does not lead to a field of the newest major.",
        "Correct it; the message lists fields.",
    ),
    ("POLICY_LOWERED", "A domain asks for less than before.", "Restore the earlier value, or have a waiver granted."),
    (
        "REFERENCE_CIRCLE",
        "Contracts refer to one another in a circle.",
        "Move what they share into a contract of its own.",
    ),
    (
        "REFERENCE_EXTERNAL",
        "A contract refers to one that only the registry has, so lint cannot check it.",
        "Pull the other domain to check it here.",
    ),
    (
        "REFERENCE_UNRESOLVED",
        "A name in a schema means no contract.",
        "Add the contract, or name it in domain.toml under [references].",
    ),
    ("REPOSITORY_FILE_INVALID", "The moorings.toml has a fault.", "Correct the key that the message names."),
    (
        "SCHEMA_LARGE",
        "A schema is larger than registries take, unless their operators allow more (serve --schema-bytes).",
        "Move parts of it into contracts of their own, or ask the operator of the registry.",
    ),
    ("TAG_PATH_UNKNOWN", "The path of a tag does not lead to a field.", "Correct it; patterns such as * work."),
    ("TOPIC_SHARED", "Two events are bound to one topic.", "Give each event a topic, or say why in both."),
    ("TYPE_PRODUCED", "A type that others refer to has a topic or another key of an event.", "Remove the key."),
)
_EVENTS = (
    (
        "BRANCH_WRONG",
        "A value fits no branch of a union, or more than one alternative where one is allowed.",
        "Send a value of exactly one of them.",
    ),
    (
        "DATE_TIME_INVALID",
        "A date or time is invalid, or its time zone is missing or forbidden.",
        "Send it in the form that the contract says.",
    ),
    ("FIELD_MISSING", "A field without a default is missing.", "Set it."),
    ("FIELD_UNDECLARED", "The contract does not declare the field.", "Correct its name, or add it to the contract."),
    ("KEYWORD", "A keyword of the JSON Schema refuses the value.", "Send a value that satisfies it."),
    ("NONE_WRONG", "A class and its contract disagree about whether a value may be None.", "Change the annotation."),
    (
        "NUMBER_OUT_OF_RANGE",
        "The type or the contract's bounds do not allow the number.",
        "Send a number within the bounds.",
    ),
    (
        "PRECISION_LOST",
        "A decimal has more digits or decimal places than the contract allows.",
        "Round it before sending.",
    ),
    ("RULE_BROKEN", "A rule of the contract refuses the event.", "Satisfy the rule that the message names."),
    ("SIZE_WRONG", "Too short, too long, too few or too many.", "Send a value of a size that the contract allows."),
    ("SYMBOL_UNKNOWN", "A value outside the enumeration.", "Send one of its symbols."),
    (
        "TEXT_INVALID",
        "Text that cannot be written as UTF-8, or that breaks the contract's pattern or format.",
        "Send text that satisfies it.",
    ),
    ("TOO_DEEP", "The event is nested deeper than the codec goes.", "Send an event that is less deep."),
    ("TYPE_WRONG", "A value of another type than the contract's.", "Send a value of that type; nothing is converted."),
)
_CLIENT = (
    (
        "ANSWER_INVALID",
        "The registry's answer cannot be understood.",
        "Check the URL: is it a registry of this version?",
    ),
    ("ARCHIVE_UNREADABLE", "An archive cannot be read.", "Check the file and its format."),
    ("CLASS_UNFIT", "A class does not fit its contract.", "Change the fields that the message lists."),
    ("CONTRACT_DRAFT", "A draft major is written by its own domain alone.", "Write the active major until then."),
    (
        "CONTRACT_IS_TYPE",
        "The contract is a type that others refer to: there are no events of it alone.",
        "Write an event that refers to it, or declare it as a fact or a command.",
    ),
    ("CONTRACT_RETIRED", "The major is retired.", "Move to the major that the message names."),
    (
        "CONTRACT_UNKNOWN",
        "There is no such contract, major or revision.",
        "Check the name; the message lists what there is.",
    ),
    ("DEAD_LETTER_INVALID", "A dead letter lacks what it is replayed by.", "Replay the letter that the client wrote."),
    (
        "EVENT_FOR_DEAD_LETTERS",
        "A rule asks that the event be set aside.",
        "Set it aside as docs/rules-in-contracts.md says.",
    ),
    ("EVENT_INVALID", "An event breaks its contract; nothing was written.", "Correct what the violations name."),
    (
        "EVENT_UNREADABLE",
        "Bytes cannot be read by their contract.",
        "Set the message aside; its reason says where it broke.",
    ),
    ("EXTRA_MISSING", "A library is needed that is not installed.", "Install the extra that the message names."),
    ("FRAMING_INVALID", "Bytes do not begin with a known framing.", "Check what wrote the message."),
    ("MOORINGS_ERROR", "Anything that the client raises.", "The message says what to do."),
    ("PAYLOADS_IMPOSSIBLE", "No payload of the contract can be made.", "Give the values that the message asks for."),
    ("PROTOBUF_COMPILER_UNAVAILABLE", "The compiler of .proto files is not installed.", "Install moorings[protobuf]."),
    ("QUESTION_INVALID", "A line of --batch is not a valid request.", "See moorings check --help for its form."),
    (
        "REFERENCE_MISSING",
        "A schema uses a name that none of its references explains.",
        "Give the reference, with --reference or in the folder of contracts.",
    ),
    ("REGISTRY_REFUSED", "The registry refused the request.", "The registry's own code says why."),
    (
        "REGISTRY_UNAVAILABLE",
        "The registry does not answer.",
        "Check the URL and the network; the client keeps using what it knows.",
    ),
    ("RULE_ACTION_FAILED", "An action of a rule failed.", "See the cause of the error."),
    (
        "SIGNATURE_INVALID",
        "A request that should be an event of the registry is not signed by it, or was changed.",
        "Answer 401; verify with the URL that the webhook was created with, and check the clock.",
    ),
    ("SETTING_INVALID", "A setting has a value that cannot be.", "Correct the setting that the message names."),
    ("SET_ASIDE_FAILED", "A message could not be set aside.", "Check where dead letters are written."),
    ("SIGN_IN_FAILED", "No token was got.", "Check the way of signing in; the message says what answered."),
    (
        "WRITER_NOT_ASKED_FOR",
        "A writer was not looked up, since too many unknown ids came before it.",
        "Wait; the budget for unknown ids grows again.",
    ),
    (
        "WRITER_UNKNOWN",
        "The registry does not know the id or guid that a message names.",
        "Check that producer and consumer use the same registry.",
    ),
)


def _texts(kind: str, rows: tuple[tuple[str, str, str], ...]) -> dict[str, CodeText]:
    return {code: CodeText(code, kind, title, fix) for code, title, fix in rows}


CODE_TEXTS = (
    _texts("answers to questions", QUESTIONS)
    | _texts("retirement", RETIREMENT)
    | _texts("lint", _LINT)
    | _texts("events and classes", _EVENTS)
    | _texts("the client", _CLIENT)
)
