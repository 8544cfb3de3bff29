"""The compatibility level of the registry as a whole."""

from typing import Any

from moorings_registry.commands import SetConfig
from moorings_registry.errors import BodyUnreadable, LevelInvalid, OperationNotPermitted
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.domain_shapes import LevelBody, LevelShape
from moorings_registry.http.requests import consult, current_caller, current_registry, position_header
from moorings_registry.names import REGISTRY_SCOPE
from moorings_registry.state import State

levels = NativeBlueprint("levels", __name__, url_prefix="/v1/level", description="The level where nothing else holds.")


@levels.get("")
@levels.operation("showRegistryLevel")
@levels.response(200, LevelShape)
def show_level() -> Answer:
    """Show the level of subjects outside any domain that have none of their own."""
    return consult(lambda state: _level(state))


@levels.put("")
@levels.operation("putRegistryLevel", *WRITING, BodyUnreadable, LevelInvalid, OperationNotPermitted)
@levels.arguments(LevelBody)
@levels.response(200, LevelShape)
def put_level(body: dict[str, Any]) -> Answer:
    """Set that level; null goes back to what the registry started with."""
    command = SetConfig(REGISTRY_SCOPE, {"compatibility": body["level"]})
    _, state = current_registry().execute(command, current_caller())
    return _level(state), position_header(state)


def _level(state: State) -> dict[str, Any]:
    own = state.configs.get(REGISTRY_SCOPE.key, {}).get("compatibility")
    return {"level": own or str(current_registry().settings.default_level), "own": own}
