"""Event files against the domain's policy, the schemas of the event, and the other files of the folder."""

from collections import defaultdict
from collections.abc import Iterator

from moorings.layout.event_file import EventFile
from moorings.layout.folder import Folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.parsed import Parsed
from moorings.layout.toml_lines import line_of, lines_of
from moorings_compat.event_names import EventKind
from moorings_compat.field_pointers import missing_field


def event_issues(folder: Folder, parsed: Parsed) -> Iterator[Issue]:
    """Yield what is wrong with each event file, where the file by itself is right."""
    for event in folder.events:
        yield from _kind_issues(event, folder)
        yield from _pointer_issues(event, folder, parsed)
        yield from _missing_parts(event, folder)
    yield from _topic_issues(folder)


def _kind_issues(event: EventFile, folder: Folder) -> Iterator[Issue]:
    kinds = folder.kinds(event.domain)
    if event.kind not in kinds:
        message = f"{event.event} is a {event.kind}, and the domain takes {' and '.join(kinds) or 'no events'} only"
        advice = "Give it another kind, or list the kind in the domain's [policy]: kinds."
        yield _issue(event, "KIND_REFUSED", message, advice, "kind")
    if event.kind is EventKind.COMMAND and not event.handler.strip():
        message = "the command has no handler; exactly one application carries it out"
        yield _issue(event, "HANDLER_MISSING", message, 'Name it: handler = "billing".', "kind")
    if event.kind is not EventKind.COMMAND and event.handler:
        advice = "Remove it: whoever reads a fact decides by itself what to do."
        yield _issue(event, "HANDLER_REFUSED", f"a {event.kind} has a handler", advice, "handler")
    for key in ("topics", "replay", "idempotency", "expectations") if event.kind is EventKind.TYPE else ():
        if getattr(event, key):
            message = f"a type is never produced by itself, and has {key}"
            yield _issue(event, "TYPE_PRODUCED", message, f"Remove {key}, or give it another kind.", key)


def _pointer_issues(event: EventFile, folder: Folder, parsed: Parsed) -> Iterator[Issue]:
    """Look for the fields that the file names in the newest major."""
    contract = max(
        (one for one in folder.contracts if one.subject == event.subject), key=lambda one: one.major, default=None
    )
    schema = parsed.schema(contract) if contract is not None else None
    if contract is None or schema is None:
        return
    for keys, pointer in event.pointers():
        missing = missing_field(schema, pointer, contract.event)
        if missing is not None:
            message = f"{'.'.join(map(str, keys))} names {pointer}: {missing}"
            advice = f"Name a field of {contract.path.name}."
            yield _issue(event, "POINTER_UNKNOWN", message, advice, *keys)


def _missing_parts(event: EventFile, folder: Folder) -> Iterator[Issue]:
    """Ask for what a complete fact says, where the policy does not do without."""
    if event.kind is not EventKind.FACT or not folder.is_complete(event.domain):
        return
    parts = {"replay": event.replay, "idempotency": event.idempotency, "expectations": event.expectations}
    missing = [f"[{name}]" for name, value in parts.items() if value is None]
    if missing:
        message = f"the fact has no {' and no '.join(missing)}"
        advice = "Add them, or set complete = false in the domain's [policy]."
        yield _issue(event, "EVENT_INCOMPLETE", message, advice, weight=Weight.WARNING)


def _topic_issues(folder: Folder) -> Iterator[Issue]:
    """Report topics that several events are bound to: of one domain they are ambiguous, of two they are refused."""
    events: dict[str, list[EventFile]] = defaultdict(list)
    for event in folder.events:
        for topic in event.topics:
            events[topic].append(event)
    for topic, bound in events.items():
        for event in bound[1:]:
            if event.domain != bound[0].domain:
                message = f"the topic {topic!r} carries {bound[0].subject}, which is of another domain"
                yield _issue(event, "TOPIC_TAKEN", message, "Choose another topic.", "topics")
                continue
            message = f"the topic {topic!r} carries {bound[0].subject}, too"
            advice = (
                f"{topic}-value means neither of them: producers use the record name, or the topic and record name."
            )
            yield _issue(event, "TOPIC_SHARED", message, advice, "topics", weight=Weight.WARNING)


def _issue(
    event: EventFile, code: str, message: str, advice: str, *keys: str | int, weight: Weight = Weight.ERROR
) -> Issue:
    line = line_of(lines_of(event.path.read_text("utf-8")), keys) if keys else 0
    return Issue(event.path, code, message, advice, weight, ".".join(map(str, keys)), line)
