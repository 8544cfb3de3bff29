"""The small words of names of events, and what they do to the verb."""

from moorings_compat.event_names.word_group import group

# What may follow a past: whatever comes after one of these belongs to it (ShippedToCustomer, DamagedInTransit).
PREPOSITIONS = group(
    """
    about above across after against among around as at because before behind below beneath between beyond by despite
    due during for from into near of onto outside past per since than thanks through to toward towards under until upon
    using via when while with within without
    """
)
# Those that end a name as part of the verb; after others something is missing (PlacedAt, PaidBy).
ENDING_PREPOSITIONS = group("across around behind past through within without")
# Particles of phrasal verbs: TurnedOff, CheckedOut, PutAway.
PARTICLES = group("ahead along apart aside away back down forward in off on out over through together under up")
# Particles that open a phrase as well: DamagedInTransit, LeftOnDoorstep.
PLACES = group("in inside off on out over through under")
# One word after a particle that makes a phrase of both: PaidInFull, PutOnHold.
IDIOMS = group(
    """
    advance bulk cash demand duty error file full hold house leave order part place progress record sale service site
    stock store strike time transit use writing
    """
)
# Pasts that `on` ends, as part of the verb; after others it asks for a date (PlacedOn).
VERBS_WITH_ON = group(
    """
    called carried clicked counted dozed held kept latched logged moved passed powered put relied signed switched taken
    toggled turned went
    """
)
CONJUNCTIONS = group("and but or then")
AFTER_PARTICLES = PREPOSITIONS | PARTICLES | IDIOMS | CONJUNCTIONS
# Adverbs beyond those in -ly, and words in -ly that are not adverbs.
ADVERBS = group(
    """
    abroad afresh again ahead almost alone already also always anew downstream downwards early fast first here just last
    late later long longer newly now offline once online overnight soon today together tomorrow twice upstream upwards
    well yesterday yet
    """
)
NOT_ADVERBS = group(
    """
    ally anomaly apply assembly belly bully butterfly comply family fly imply jelly monopoly multiply poly rally rely
    reply supply
    """
)
NEGATIONS = group("cannot never no not")
# Words that make a name with No in front: NoShowRecorded, NoReplyAddressChanged.
NO_NEGATION_BEFORE = group("claims code fly op reply show sql")
# A past after one of these is the name of something: UnderReviewed, OfPaid.
NOT_BEFORE_PASTS = group("at by during for from into of per under with without")
# Auxiliaries, by what they make of the past after them: in progress, present, possible.
BEING = group("being getting")
BE_NOW = group("am are get gets is")
PRESENTS = group("am are contains equals expects is lacks needs requires wants")
HAVE_NOW = group("has have")
MODALS = group("can cannot could may might must shall should will would")
HAVE = group("had has have having")
AUXILIARIES = MODALS | HAVE | BE_NOW | BEING | group("be been was were got did does do to need needs")
# Words at the front that make a question or a handler of what follows.
QUESTIONS = group("am are did does had has have is was were")
MOMENTS = group("after before if on once unless until upon when whenever whether while")
# Words that make a name with On or After in front: OnCallEngineerPaged, AfterSalesCaseClosed.
NO_MOMENT_BEFORE = group(
    """
    board boarding call care chain demand field hold hours prem premise premises ramp road sales screen site time
    """
)
# Words at the end that say nothing of their own: OrderPlacedEvent, OrderPlacedDomainEvent.
SUFFIXES = group("event events evt")
SUFFIX_KINDS = group("domain integration")
# What suggestions leave out.
NOT_IN_SUGGESTIONS = AUXILIARIES | group("about already going just now ready supposed yet")
