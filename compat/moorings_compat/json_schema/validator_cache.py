"""The validators of one check: compiled when needed, paid for in steps, and few kept at a time."""

from collections import OrderedDict

import jsonschema_rs

from moorings_compat.json_schema.model import Model
from moorings_compat.limits import Budget

MOST_KEPT = 2_000_000
"""Characters of the schemas whose validators are kept; a validator takes some 17 bytes for each."""
_LEAST_KEPT = 2
"""A reader and a writer."""
_CHARACTERS_A_STEP = 16


class ValidatorCache:
    """Validators for all comparisons that share a budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._kept: OrderedDict[tuple[Model, bool, bool], jsonschema_rs.Validator] = OrderedDict()
        self._size = 0

    def of(self, model: Model, *, formats: bool, proving: bool = False) -> jsonschema_rs.Validator:
        """Return the validator of *model*; compiling costs steps, even if it was compiled before.

        Where values have to be *proven* valid, a pattern that cannot be run matches none.

        Raises:
            BudgetSpent: too few steps were left.
        """
        proving = proving and model.patterns_not_run
        key = (model, formats, proving)
        validator = self._kept.pop(key, None)
        if validator is None:
            self._budget.spend(100 + model.size // _CHARACTERS_A_STEP)
            kept = None if proving else model.kept_validator(formats=formats)
            validator = kept or model.compile_validator(formats=formats, proving=proving)
            self._size += model.size
        self._kept[key] = validator
        while self._size > MOST_KEPT and len(self._kept) > _LEAST_KEPT:
            (gone, *_), _ = self._kept.popitem(last=False)
            self._size -= gone.size
        return validator
