"""The small words and groups of words that tell what the verb of a name does there."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What may follow a past: whatever comes after one of these belongs to it (ShippedToCustomer, DamagedInTransit).
PREPOSITIONS = _words(
    """
    about above across after against among around as at because before behind below beneath between beyond by despite
    due during for from into near of onto outside past per since than thanks through to toward towards under until upon
    using via when while with within without
    """
)
# Particles of phrasal verbs: TurnedOff, CheckedOut, PutAway.
PARTICLES = _words("ahead along apart aside away back down forward in off on out over through together under up")
# Particles that open a phrase as well: DamagedInTransit, LeftOnDoorstep.
PLACES = _words("in inside off on over through under out")
# One word after a particle that makes a phrase of both: PaidInFull, PutOnHold.
IDIOMS = _words(
    """
    advance bulk cash error full hold house order part place progress service stock store strike time transit use
    writing demand sale site leave duty file record
    """
)
# Prepositions and particles that end a name as part of the verb; after others something is missing (PlacedAt, PaidBy).
ENDING_PREPOSITIONS = _words("across around behind past through within without")
VERBS_WITH_ON = _words(
    "called carried clicked counted dozed held kept latched logged moved passed put relied signed switched turned went"
)
CONJUNCTIONS = _words("and but or then")
ADVERBS = _words(
    """
    abroad afresh again ahead almost alone already also always anew downstream downwards early fast first here just last
    late later long longer never newly not now offline once online overnight soon today together tomorrow twice upstream
    upwards well yesterday yet
    """
)
# Adjectives and nouns that say in which state a past left its subject: ForcedOpen, SentHome, RanDry.
OUTCOMES_OF_A_CHANGE = _words(
    """
    active alive apart available bankrupt bare clean clear dead dirty down dry empty flat free full good home idle
    inactive invalid live lost loose missing negative offline online open positive public private ready red safe shut
    short sick stale stuck unavailable uncollectible urgent valid wrong
    """
)
NOT_ADVERBS = _words(
    """
    ally anomaly apply assembly belly bully butterfly comply family fly imply jelly monopoly multiply poly rally rely
    reply supply
    """
)
NEGATIONS = _words("not never no cannot")
NO_NEGATION_BEFORE = _words("claims code fly op reply show sql")
# A past after one of these is the name of something: UnderReviewed, OfPaid.
NOT_BEFORE_PASTS = _words("at by during for from into of per under with without")
BEING = _words("being getting")
BE_NOW = _words("is are am gets get")
PRESENTS = _words("am are contains equals expects has have is lacks needs requires wants")
MODALS = _words("will would shall should must can could may might cannot")
HAVE = _words("has have had having")
AUXILIARIES = MODALS | HAVE | BE_NOW | BEING | _words("be been was were got did does do to need needs")

# Words at the front that make a question or a handler of what follows.
QUESTIONS = _words("is are am was were has have had does did")
MOMENTS = _words("on when whenever if before after once until unless while upon whether")
NO_MOMENT_BEFORE = _words(
    "board boarding call care chain demand field hold hours prem premise premises ramp road sales screen site time"
)

# Commands that are nouns as well, which only their place in front tells.
COMMANDS = _words(
    """
    add alert answer apply approve archive arrange ask assess assign attach audit authorise authorize award backup ban
    block book borrow bounce break bring broadcast build bundle buy calculate cancel capture cast catch change charge
    check choose clean clear clone close collect commit complete compute confirm connect convert copy count create
    credit cut deactivate debit decide decline decrease delay delete deliver deploy deposit disable discharge disconnect
    dispatch dispute do download draft draw drop edit empty enable end enrol enroll escalate evict exchange execute exit
    expire export extend fail fetch fill find finish fire fix flag forecast fork forward freeze fulfil fulfill generate
    get give grant handle have help hide hire hit hold import increase initiate insert inspect install invite issue join
    keep label launch leave lend let lift light link list load lock log lose lower maintain make mark measure merge
    migrate modify monitor mount move mute notify offer open pack park patch pause pay perform pick pin ping place plan
    play post prepare prepay print process produce promote propose provide provision publish pull purchase purge push
    put query quit quote raise rank rate reach read receive record recover redeem reduce refer refill refresh refund
    register reject release reload remind remove rename renew rent reopen repair repay repeat replace reply report
    request rerun resend reserve reset resize resolve restart restock restore resubmit resume retire retrieve retry
    return reverse revert review revoke rewrite roll rotate run save scan schedule scrap seal search seed select sell
    send serve set settle shape share ship show shut sign skip sort split start stop store submit subscribe suspend swap
    switch sync tag take teach terminate test throttle throw toggle trace track train transfer transform trigger turn
    unlock update upgrade upload use validate verify view void wait wake warn watch weigh withdraw wrap write
    """
)
# Commands that take a whole clause: MarkOrderShipped, EnsureStockReserved.
CLAUSE_COMMANDS = _words(
    """
    apply assert await check confirm consume dispatch emit ensure expect get handle keep let listen log make mark notify
    process publish raise receive remain replay report send set show stay subscribe validate verify wait
    """
)
CLAUSE_NOUNS = _words("handle mark set")
CAUSING_COMMANDS = _words("keep let make")
WAITING_COMMANDS = _words("apply look wait watch")
COMPOUNDS_OF_SET = _words("back list menu piece point top up")
LISTING_COMMANDS = _words("count find list show view load search")
# Pasts that say how an attempt went; the command before one names the attempt: CreateOrderFailed. A command that takes
# a clause may have all but the first group as its object: PublishOrderAccepted.
FAILED_ATTEMPTS = _words("aborted failed retried succeeded timed")
CLAUSES_THAT_FAIL = _words("apply get process send validate verify")
ATTEMPTS = FAILED_ATTEMPTS | _words(
    """
    accepted approved attempted clicked completed denied executed finished initiated invoked pressed queued rejected
    requested scheduled selected started submitted tapped throttled triggered viewed
    """
)
# Nouns that a command before them describes: DeleteButtonClicked, CreateJobCompleted.
DESCRIBED_BY_COMMANDS = _words(
    """
    action attempt button call code command dialog event flow form intent job key link menu operation option page
    permission process request response screen task token transaction window workflow
    """
)

# Pasts at the end of a name that say what is the case rather than what happened.
STATES = _words(
    """
    aged assorted based concerned deserved desired detailed expected experienced included interested involved known
    lacked meant needed outdated owed owned preferred privileged related required sided sized skilled supported supposed
    varied wanted
    """
)
STATE_ADJECTIVES = _words(
    """
    absent active asleep available bad big blue busy cold complete correct critical dead dirty dormant down due empty
    enough expensive free full good green happy healthy heavy high hot idle inactive incomplete incorrect insufficient
    invalid late low missing negative new obsolete offline ok old online open outstanding overdue pending possible
    present ready red remote safe sick small stable stale unavailable unhealthy unsuccessful unknown up upcoming urgent
    valid vacant yellow
    """
)

# Nouns that name what carries a fact, or a field of it: OrderPlacedCommand, OrderPlacedDate.
KINDS_OF_MESSAGE = _words(
    """
    adapter aggregate args avro body cmd command consumer context controller data dto entity envelope error exception
    factory handler header headers listener metadata model msg payload processor producer projection proto query
    repository response saga schema service subscriber test validator view workflow
    """
)
# The same, that people make as well: UserSentMessage.
THINGS_TO_SEND = _words("job message notification policy request task topic")
FIELDS = _words(
    """
    amount at by channel code count counter data date day description detail details flag history id ids info interval
    kind level list log measure metric mode name number percent percentage price quantity queue rate reason result score
    state status stream sum summary text time timestamp total type url value version
    """
)
SUFFIXES = _words("event evt events")
SUFFIX_KINDS = _words("domain integration")

# Who does things: the past after one of these is what they did (CustomerPlacedOrder).
AGENTS = _words(
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
COMPOUND_PASTS = _words(
    "based controlled created defined driven facing funded generated led managed owned provided specified supplied"
)
# Pasts that take a state or a name after them: BecameUnavailable, MarkedUrgent, MadeAdmin.
LINKING_PASTS = _words(
    """
    declared deemed elected flagged found kept left made marked named proved rated rendered reported turned
    """
)
ROLES = _words("captain default draft duplicate favorite favourite final fraudulent important leader primary spam suspicious")
# Pasts whose object is a place or a measure; before a noun they are hardly ever an adjective: LeftWarehouse.
REACHING_PASTS = _words(
    "cleared crossed entered exceeded exited hit joined left passed reached surpassed"
)
# Pasts with two objects: GivenNotice.
GIVING_PASTS = _words("given shown")

# Words that look like the past of a verb and are rather a noun at the end of a name; English cannot tell.
DOUBTFUL = _words(
    """
    bet bit bore burst cost dove input lay led offset output preset shed spit spoke spread thought thrust
    """
)
DOUBTFUL_AFTER = {
    "left": _words("align arrow border bottom days far hours key lower margin minutes most move padding pan rotate scroll seats shift "
        "side slide swipe time top turn upper"),
    "cut": _words("crew hair short"),
    "set": _words(
        "attribute box card change char character color colour command daemon data feature field file icon index "
        "instruction key mind node parameter problem question record replica result rule skill stateful sub super test "
        "tool training value working"
    ),
    "shot": _words("blood gun head long moon mug screen snap"),
}
# The same, where it is a noun for certain.
NOUNS = _words("rent wed wet")
NOUNS_AFTER = {
    "bound": _words("east in inward lower north out outward south upper west"),
    "cast": _words("down pod type"),
    "ground": _words("back common fore high play under"),
    "saw": _words("band chain hand jig"),
}
# Simple pasts that are rather a noun or an adjective with a noun after them: BandSawBlade.
NOUNS_BEFORE_NOUNS = _words("bore dove lay rose saw spoke wove")

# What suggestions leave out, and how they turn commands and nouns.
NOT_IN_SUGGESTIONS = AUXILIARIES | _words("about already going just now ready supposed yet")
MESSAGES = _words("cmd command dto message msg payload query response")
COMMANDS_WITHOUT_REQUESTS = _words("add create delete fetch find get list patch post put read remove search update")
ACTION_NOUNS = _words(
    """
    approve attempt backup block boost broadcast cancel capture change claim click close commit complete crash create
    debit decrease delay delete delivery deploy deposit discharge dispatch download drop end escape exchange exit export
    import increase install lapse launch load merge move open pause pay payout pickup promote publish purchase push
    recall redesign refill refresh refund register release reload remove rename renew repair replay request rerun reset
    restart restock restore retry return reversal review revoke rollback rotate run save search share shift ship sign
    start stop submit swap switch sync timeout transfer trigger unlock update upgrade upload view visit void withdraw
    """
)
# Nouns that make one of the command before them: RefundRequest, UploadFailure.
OUTCOME_NOUNS = _words(
    "approval attempt cancellation completion confirmation error expiration expiry failure rejection request start "
    "success timeout"
)
NOUNS_OF_ACTIONS = {
    "arrival": "arrive",
    "backup": "back up",
    "birth": "bear",
    "cancellation": "cancel",
    "death": "die",
    "decision": "decide",
    "deletion": "delete",
    "delivery": "deliver",
    "departure": "depart",
    "expiration": "expire",
    "expiry": "expire",
    "failure": "fail",
    "loss": "lose",
    "payout": "pay out",
    "receipt": "receive",
    "redemption": "redeem",
    "registration": "register",
    "resolution": "resolve",
    "sale": "sell",
    "submission": "submit",
    "subscription": "subscribe",
    "timeout": "time out",
}
