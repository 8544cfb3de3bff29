"""Levels, policies, modes and waivers."""

from moorings_registry.errors.refusal import Refusal, printable


class LevelInvalid(Refusal):
    code = "LEVEL_INVALID"
    title = "Invalid compatibility level"
    fix = "Use NONE, BACKWARD, FORWARD, FULL, or one of the last three with _TRANSITIVE."

    def __init__(self, level: object) -> None:
        super().__init__(
            f"Invalid compatibility level {printable(str(level))}. Valid values are none, backward, forward, full, "
            "backward_transitive, forward_transitive, and full_transitive"
        )


class PolicyBelowFloor(Refusal):
    code = "POLICY_BELOW_FLOOR"
    title = "The policy asks for less than its floor"
    audience = "owner"
    fix = "Choose at least what the message names, or have a waiver of kind level granted for the domain."


class WaiverNeeded(Refusal):
    code = "WAIVER_NEEDED"
    title = "A registered domain allows this only under a waiver"
    audience = "owner"
    fix = "Have a waiver of the kind that the message names granted for the domain: POST /v1/waivers."

    def __init__(self, kind: str, domain: str, what: str) -> None:
        super().__init__(f"{what} needs an open waiver of kind {kind} for domain '{domain}'")


class WaiverInvalid(Refusal):
    code = "WAIVER_INVALID"
    title = "The waiver cannot be granted as requested"
    fix = "Fix the locations listed in `errors`."


class WaiverNotFound(Refusal):
    code = "WAIVER_NOT_FOUND"
    title = "No such waiver"
    fix = "List the waivers: GET /v1/waivers."

    def __init__(self, id: int) -> None:
        super().__init__(f"Waiver {id} not found")


class LevelNotSet(Refusal):
    code = "LEVEL_NOT_SET"
    title = "No compatibility level set"
    fix = "Set one, or ask for the effective level with defaultToGlobal=true."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{subject}' does not have subject-level compatibility configured")


class ModeInvalid(Refusal):
    code = "MODE_INVALID"
    title = "Invalid mode"
    fix = "Use READWRITE, READONLY or IMPORT; for the registry as a whole also READONLY_OVERRIDE or FORWARD."

    def __init__(self, mode: object, *, only_whole: bool = False) -> None:
        where = " for anything but the registry as a whole" if only_whole else ""
        super().__init__(
            f"Invalid mode {printable(str(mode))}{where}. "
            "Valid values are READWRITE, READONLY, READONLY_OVERRIDE, IMPORT and FORWARD"
        )


class ModeNotSet(Refusal):
    code = "MODE_NOT_SET"
    title = "No mode set"
    fix = "Set one, or ask for the effective mode with defaultToGlobal=true."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{subject}' does not have subject-level mode configured")


class OperationNotPermitted(Refusal):
    code = "OPERATION_NOT_PERMITTED"
    title = "Operation not allowed in this mode"
    audience = "operator"
    fix = "Change the mode first, or leave the subject as it is."


class OtherCallerNeeded(Refusal):
    code = "OTHER_CALLER_NEEDED"
    title = "Another caller has to agree"
    audience = "owner"
    fix = "Ask somebody else who may do it; nobody agrees to their own request."
