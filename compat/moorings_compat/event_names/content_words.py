"""Nouns, adjectives and verbs that decide what a past inside a name, or at its end, says."""

from moorings_compat.event_names.word_group import group

# Pasts at the end of a name that say what is the case rather than what happened.
STATES = group(
    """
    aged assorted based concerned deserved desired detailed expected experienced included interested involved known
    lacked meant needed outdated owed owned powered preferred privileged related required sided sized skilled supported
    supposed unsettled varied wanted
    """
)
# Adjectives that do so without a verb.
STATE_ADJECTIVES = group(
    """
    absent active asleep available bad big blue busy cold complete correct critical dead dirty dormant down due empty
    enough expensive free full good green happy healthy heavy high hot idle inactive incomplete incorrect insufficient
    invalid late low missing negative new obsolete offline ok old online open outstanding overdue pending possible
    present ready red remote safe sick small stable stale unavailable unhealthy unknown unsuccessful up upcoming urgent
    vacant valid yellow
    """
)
# Adjectives and nouns that say in which state a past left its subject: ForcedOpen, SentHome, RanDry.
OUTCOMES_OF_A_CHANGE = group(
    """
    active alive apart available bankrupt bare clean clear dead dirty down dry empty flat free full good home idle
    inactive invalid live loose lost missing negative offline online open positive private public ready red safe short
    shut sick stale stuck unavailable uncollectible urgent valid wrong
    """
)
# Nouns that name what carries a fact, or a field of it: OrderPlacedCommand, OrderPlacedDate.
KINDS_OF_MESSAGE = group(
    """
    adapter aggregate args avro body cmd command consumer context controller data dto entity envelope error exception
    factory handler header headers listener metadata model msg payload processor producer projection proto query
    repository response saga schema service subscriber test validator view workflow
    """
)
# Those that name a message of any content.
MESSAGES = group("cmd command dto message msg payload query response")
# Kinds of message that people make as well: UserSentMessage.
THINGS_TO_SEND = group("job message notification policy request task topic")
# Fields of an event.
FIELDS = group(
    """
    amount at by channel code count counter data date day description detail details flag history id ids info interval
    kind level list log measure metric mode name number percent percentage price quantity queue rate reason result score
    state status stream sum summary text time timestamp total type url value version
    """
)
CARRIERS = KINDS_OF_MESSAGE | FIELDS
ALL_MESSAGES = KINDS_OF_MESSAGE | THINGS_TO_SEND
# Who does things: the past after one of these is what they did (CustomerPlacedOrder).
AGENTS = group(
    """
    admin administrator agent applicant approver auditor author bidder borrower buyer caller candidate carrier cashier
    child citizen clerk client clinician coach contractor courier creator customer dealer developer director dispatcher
    doctor donor driver editor employee employer engineer guest host instructor investor landlord lender manager member
    merchant moderator nurse officer operator organiser organizer owner parent participant passenger patient payee payer
    person pharmacist physician pilot player publisher recipient renter resident reviewer rider seller sender staff
    student subscriber supervisor supplier surgeon teacher team technician tenant tester trader traveler traveller
    underwriter user vendor viewer visitor volunteer voter winner worker
    """
)
# Pasts that make one word with who did it: user-generated content.
COMPOUND_PASTS = group(
    """
    based controlled created defined driven facing funded generated led managed owned provided specified supplied
    """
)
# Pasts that take a state or a name after them: BecameUnavailable, MarkedUrgent, MadeAdmin.
LINKING_PASTS = group(
    """
    declared deemed elected flagged found kept left made marked named proved rated rendered reported turned
    """
)
# Nouns and adjectives after them, beside states and people.
ROLES = group(
    """
    captain default draft duplicate favorite favourite final fraudulent important leader primary spam suspicious
    """
)
AFTER_LINKING_PASTS = OUTCOMES_OF_A_CHANGE | STATE_ADJECTIVES | ROLES | AGENTS
# Pasts whose object is a place or a measure; before a noun they are hardly ever an adjective: LeftWarehouse.
REACHING_PASTS = group("cleared crossed entered exceeded exited hit joined left passed reached surpassed")
# Pasts with two objects: GivenNotice.
GIVING_PASTS = group("given shown")
