"""Commands that people give, and what goes with them."""

from moorings_compat.event_names.word_group import group

# Commands that are nouns as well, which only their place in front tells.
COMMANDS = group(
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
CLAUSE_COMMANDS = group(
    """
    apply assert await check confirm consume dispatch emit ensure expect get handle keep let listen log make mark notify
    process publish raise receive remain replay report send set show stay subscribe validate verify wait
    """
)
# The same, that are nouns as well; and those that cause their object to be done: KeepCustomerInformed.
CLAUSE_NOUNS = group("handle mark set")
CAUSING_COMMANDS = group("keep let make")
# WaitForOrderShipped, and CountOrdersPlaced.
WAITING_COMMANDS = group("apply look wait watch")
LISTING_COMMANDS = group("count find list load search show view")
# Words that make a noun with Set in front: SetPointChanged.
COMPOUNDS_OF_SET = group("back list menu piece point top up")
# Pasts that say how an attempt went; the command before one names the attempt: CreateOrderFailed. A command that takes
# a clause may have all but the first group as its object: PublishOrderAccepted.
FAILED_ATTEMPTS = group("aborted failed retried succeeded timed")
CLAUSES_THAT_FAIL = group("apply get process send validate verify")
ATTEMPTS = FAILED_ATTEMPTS | group(
    """
    accepted approved attempted clicked completed denied executed finished initiated invoked pressed queued rejected
    requested scheduled selected started submitted tapped throttled triggered viewed
    """
)
# Nouns that a command before them describes: DeleteButtonClicked, CreateJobCompleted.
DESCRIBED_BY_COMMANDS = group(
    """
    action attempt button call code command dialog event flow form intent job key link menu operation option page
    permission process request response screen task token transaction window workflow
    """
)
# Commands before which Request names a message: GetOrderRequest, unlike ApproveLeaveRequest.
COMMANDS_WITHOUT_REQUESTS = group("add create delete fetch find get list patch post put read remove search update")
# Nouns that make one of the command before them: RefundRequest, UploadFailure.
OUTCOME_NOUNS = group(
    """
    approval attempt cancellation completion confirmation error expiration expiry failure rejection request start
    success timeout
    """
)
# Commands that change a field; before the name of one, others make a noun with it: ReleaseDate, unlike ChangePrice.
COMMANDS_OF_FIELDS = group(
    """
    add assign change check clear count cut decrease edit fix give increase lower measure modify raise read record
    reduce remove rename reset set show store update validate verify write
    """
)
