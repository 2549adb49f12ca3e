from chassis.clock import Clock
from chassis.money import Money
from services.payment.domain.intents.method import Method
from services.payment.domain.methods.published import Place
from services.payment.ports.methods import PublishedMethods


async def require_offered(
    method: Method,
    amount: Money,
    *,
    methods: PublishedMethods,
    clock: Clock,
    place: Place | None = None,
) -> None:
    """Inside a running transaction, before an attempt starts: raises what keeps it from starting.

    Before the catalogue's first word everything is offered: a fee waits for no announcement.
    """
    published = await methods.find()
    if published is not None:
        published.require(method, amount, at=clock.now(), place=place)
