"""What runs rules of type CEL, once for an event, and of type CEL_FIELD, for its fields."""

from typing import Any

from moorings.event_model.model import RecordType, ValueType
from moorings.rules.cel.engine import CannotRun, Program
from moorings.rules.cel.values import to_cel
from moorings.rules.fields import FieldValue, visit_fields
from moorings.rules.interfaces import Failure, RuleFailed, Run, Scope
from moorings.rules.rule_set import Rule
from moorings.rules.tagged_fields import TaggedModel
from moorings_compat.cel.expressions import SKIPPED, Expression
from moorings_compat.cel.values import NoCelValue, Size

_MOST_FAILURES = 1_000
_MOST_WORK = 5_000_000
"""What a rule about fields may cost for one event: its fields, and the values of the records around them."""
_FIELD_WORK = 100
"""What a field costs, in the same unit: about thirty microseconds."""


def cel(rule: Rule, scope: Scope) -> Run:
    """Prepare a rule about whole events: `message` is the event."""
    expression = _compiled(rule.expr)

    def run(event: Any) -> Any:
        size = Size()
        try:
            found = expression.run({"message": _cel_value(scope.model, scope.model.root, event, size)}, size)
        except CannotRun as error:
            raise RuleFailed([Failure("", error.reason)]) from None
        if found is SKIPPED:
            return True if rule.is_condition else event
        return found is True if rule.is_condition else _returned_event(found)

    return run


def cel_field(rule: Rule, scope: Scope) -> Run:
    """Prepare a rule about fields: `value`, `name`, `fullName`, `typeName`, `tags`; `message` is the record around."""
    expression = _compiled(rule.expr)

    def run(event: Any) -> Any:
        failures: list[Failure] = []
        records = _RecordValues(scope.model) if "message" in expression.words else None
        budget = _WorkBudget(_MOST_WORK)

        def visit(field: FieldValue) -> Any:
            try:
                budget.spend(_FIELD_WORK + (records.of(field)[1].values if records is not None else 0))
                found = expression.run(*_variables(scope.model, field, records))
            except CannotRun as error:
                failures.append(Failure(field.pointer, error.reason))
                return field.value
            if found is SKIPPED:
                return field.value
            if rule.is_condition:
                if found is not True:
                    failures.append(Failure(field.pointer, ""))
                return field.value
            return field.value if _is_unchanged(found, field.value) else found

        changed = visit_fields(scope.model, event, rule.tags, visit)
        if failures:
            raise RuleFailed(failures[:_MOST_FAILURES])
        return True if rule.is_condition else changed

    return run


def _compiled(text: str) -> Expression:
    try:
        return Expression(text, Program)
    except CannotRun as error:
        reason = error.reason
    raise RuleFailed([Failure("", reason)])


class _WorkBudget:
    """What may still be spent on an event."""

    def __init__(self, work: int) -> None:
        self._left = work

    def spend(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise RuleFailed([Failure("", "the event has too many fields for the rule")])


class _RecordValues:
    """The records around fields, each turned into CEL's values once in a run."""

    def __init__(self, model: TaggedModel) -> None:
        self._model = model
        self._known: dict[int, tuple[Any, Size]] = {}

    def of(self, field: FieldValue) -> tuple[Any, Size]:
        key = id(field.around)
        if key not in self._known:
            size = Size()
            self._known[key] = (_cel_value(self._model, field.record, field.around, size), size)
        return self._known[key]


def _variables(model: TaggedModel, field: FieldValue, records: _RecordValues | None) -> tuple[dict[str, Any], Size]:
    size = Size()
    variables = {
        "value": _cel_value(model, field.type, field.value, size),
        "fullName": field.field.full_name,
        "name": field.field.name,
        "typeName": field.type_name,
        "tags": sorted(field.field.tags),
    }
    if records is not None:
        variables["message"], around = records.of(field)
        size = Size(size.values + around.values, max(size.longest, around.longest))
    return variables, size


def _cel_value(model: TaggedModel, type: ValueType | RecordType, value: Any, size: Size) -> Any:
    try:
        return to_cel(model, type, value, size)
    except NoCelValue:
        pass
    raise CannotRun("a value has no CEL type")


def _returned_event(found: Any) -> Any:
    if not isinstance(found, dict):
        raise RuleFailed([Failure("", "the rule did not return an event")])
    return found


def _is_unchanged(found: Any, value: Any) -> bool:
    return found.__class__ is value.__class__ and found == value
