"""What the reasons mean that the registry gives: why a major cannot be retired yet, and how a question was answered."""

RETIREMENT = (
    (
        "ARCHIVE_UNMAPPED",
        "Archived events of the major could not be read any more.",
        "Register a mapping to the next major.",
    ),
    ("DECLARED_CONSUMER", "An application declares to read the major.", "Ask its team to move to another major."),
    (
        "IN_USE",
        "Somebody was seen to use the major within the quiet period.",
        "Wait until it is over, or ask who it was.",
    ),
    ("NOT_DEPRECATED", "The major is active or a draft.", "Deprecate it first: moorings deprecate."),
    ("REFERRED_TO", "A schema of another major refers to it.", "Retire what refers to it first."),
    ("SUNSET_AHEAD", "The sunset is not over yet.", "Wait until the day that the answer names."),
    ("SUNSET_MISSING", "The major is deprecated, and has no sunset.", "Give it one: moorings deprecate --sunset."),
    (
        "USE_UNKNOWN",
        "The counts of use cannot be read now, or use is not known of as many days as quiet_days asks.",
        "Ask again, on the day that the answer names if there is one; or retire it under a waiver.",
    ),
)
"""Why `moorings retire` and `can-i retire` say no."""
QUESTIONS = (
    ("AFFECTED", "The change is seen by a consumer, and does not break it.", "Tell its team."),
    (
        "BROKEN",
        "The change breaks a consumer; the answer has a payload.",
        "Keep what it reads, or start the next major.",
    ),
    ("DECLARATION_EXPIRED", "A declaration was not renewed for 180 days.", "Renew it: moorings consumers push."),
    (
        "DECLARED_FOR_ANOTHER_ENVIRONMENT",
        "The declaration was made for another environment.",
        "Declare what is read in the one that you ask about.",
    ),
    (
        "DECLARED_FOR_ANOTHER_VERSION",
        "The declaration was made for another version of the application.",
        "Push the declaration of the version that is deployed.",
    ),
    (
        "FIELDS_NOT_DECLARED",
        "An application does not say which fields it reads.",
        "Record them: moorings consumers record.",
    ),
    ("FIELD_GONE", "A field that is read is not in the newest revision.", "Stop reading it, or have it restored."),
    ("MAJOR_GONE", "A major that is read has no active version.", "Read another major."),
    (
        "MAY_READ",
        "Somebody was seen to read the event, and did not say which fields.",
        "Ask them to declare what they read.",
    ),
    (
        "NOBODY_KNOWN",
        "Nobody declares to read the event, and nobody was seen to.",
        "Ask those who read it to declare that.",
    ),
    ("NOTHING_EXPECTED", "The event has no expectations.", "Declare [expectations] in the file of the event."),
    ("NOT_SAMPLED", "No client reported rates or sizes lately.", "Let producers report: connect(application=...)."),
    (
        "RATE_ABOVE_EXPECTED",
        "More events were seen than are expected.",
        "Plan for what is seen, or find out what grew.",
    ),
    ("RATE_OBSERVED", "The rate that was seen.", "There is nothing to do."),
    (
        "READ_BEFORE",
        "An application read the event, and is not among its readers now.",
        "Ask its team whether it still does.",
    ),
    ("READS", "An application reads the field.", "Ask its team before you remove it."),
    (
        "READS_EXPIRED",
        "An application declared to read it, and did not renew that.",
        "Ask its team whether it still does.",
    ),
    ("RETIRED", "The major is retired already.", "There is nothing to do."),
    ("RUNNING", "The version that runs in the environment.", "There is nothing to do."),
    (
        "SIZE_ABOVE_EXPECTED",
        "Larger events were seen than are expected.",
        "Plan for what is seen, or find out what grew.",
    ),
    ("SIZE_OBSERVED", "The sizes that were seen.", "There is nothing to do."),
    ("SUNSET_PASSED", "A major that is read is past its sunset.", "Move to the major that replaces it."),
    ("UNAFFECTED", "The change does not touch what a consumer reads.", "There is nothing to do."),
    ("UNKNOWN", "Nobody can say what the change does to a consumer.", "Ask its team to declare which fields it reads."),
    ("UNUSED", "Nobody declares to read the field.", "Ask who was seen to read the event before you remove it."),
)
"""The reasons in answers of `can-i`, `who reads` and the other questions."""
