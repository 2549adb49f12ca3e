"""Access tokens at the door: they open looks, and never stand in for a signature on a write."""

from collections.abc import Callable

from chassis.auth import Caller, require
from gateway.domain.machines.access_token import AccessGrant
from gateway.domain.machines.errors import ClientNotAllowed
from gateway.domain.machines.signed_request import Arrival, SignatureClass
from gateway.domain.machines.token_errors import BadAccessToken
from gateway.domain.traffic.limits import Traffic
from gateway.ports.unit_of_work import UnitOfWork
from gateway.routes.buckets import Buckets
from gateway.routes.route import Route
from gateway.use_cases.machines.admit_token import admit_token, presented_token
from gateway.use_cases.machines.issue_token import TokenTools


def opens_by_token(route: Route) -> bool:
    """Looks that ask for a scope; whatever moves something is signed."""
    return route.signature is SignatureClass.READ and bool(route.scopes)


class TokenDoor:
    def __init__(
        self, tools: TokenTools, buckets: Buckets, new_uow: Callable[[], UnitOfWork]
    ) -> None:
        self._tools = tools
        self._buckets = buckets
        self._new_uow = new_uow

    async def open(self, route: Route, arrival: Arrival) -> Caller | None:
        """None when a signature has to open: no token came, or one that only goes along."""
        if presented_token(arrival) is None:
            return None
        grant = await admit_token(
            arrival,
            tokens=self._tools.tokens,
            sender_proofs=self._tools.sender_proofs,
            uow=self._new_uow(),
        )
        if not opens_by_token(route) or arrival.header("signature") is not None:
            _require_same_client(grant, arrival)
            return None
        # Counted once it is proved, so that nobody uses up another's share.
        self._buckets.take(Traffic.READ, grant.client.id)
        if grant.client.client_class is not SignatureClass.READ.value.client_class:
            raise ClientNotAllowed
        caller = Caller(
            subject=grant.client.id,
            kind="client",
            client_id=grant.client.id,
            scopes=grant.scopes & route.scopes,
        )
        for scope in route.scopes:
            require(caller, scope)
        return caller


def _require_same_client(grant: AccessGrant, arrival: Arrival) -> None:
    """The header is covered by the signature, whose key must be this very client's."""
    if arrival.header("lephi-client") != grant.client.id:
        raise BadAccessToken("it is another client's than the signature's")
