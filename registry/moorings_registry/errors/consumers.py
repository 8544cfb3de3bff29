"""Applications that read events."""

from moorings_registry.errors.refusal import Refusal, printable


class ConsumerNotFound(Refusal):
    code = "CONSUMER_NOT_FOUND"
    title = "Consumer not found"
    fix = "Use an application that GET /v1/consumers lists."

    def __init__(self, application: str) -> None:
        super().__init__(f"Application '{printable(application)}' declares nothing here")


class ConsumerOfAnotherTeam(Refusal):
    code = "CONSUMER_OF_ANOTHER_TEAM"
    title = "Another team has an application of this name"
    fix = "Choose another name; where the application changed teams, have the other team withdraw its declaration."

    def __init__(self, application: str, team: str) -> None:
        """*team* is empty for a caller who may not see the application."""
        whose = f"team {printable(team)}" if team else "another team"
        super().__init__(f"Application '{printable(application)}' belongs to {whose}")


class ApplicationOfOthers(Refusal):
    """The caller may not change what is recorded of an application; `application` says which."""

    code = "APPLICATION_OF_OTHERS"
    title = "Other callers hold this application"
    audience = "owner"
    fix = (
        "Sign in as a caller who holds it, or ask one of them or the registry's operator to name you: "
        "PUT /v1/consumers/{application}/holders."
    )

    def __init__(self, application: str, team: str = "") -> None:
        """*team* is whom to ask, where the caller may know."""
        self.application = application
        whom = f"; ask team {printable(team)}" if team else ""
        super().__init__(f"Application '{printable(application)}' is held by other callers{whom}")


class ConsumerInvalid(Refusal):
    code = "CONSUMER_INVALID"
    title = "Invalid declaration of a consumer"
    fix = "Fix the locations listed in `errors`: events, majors and fields are those that the registry has."
