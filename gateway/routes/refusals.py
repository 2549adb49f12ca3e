"""With which problems each route's door may refuse, as the API's document lists them."""

from collections.abc import Iterator, Mapping
from typing import Final

from chassis.auth import MissingScope
from chassis.errors import Refused
from chassis.message_signatures import BadSignature
from chassis.problems import STATUS_OF
from gateway.domain.callbacks.errors import (
    CallbackMalformed,
    CallbackRefused,
    NoSuchProvider,
    SourceRefused,
)
from gateway.domain.errors import StoreUnavailable, UpstreamUnavailable
from gateway.domain.machines.errors import (
    CertificateNeeded,
    ClientNotAllowed,
    DuplicateHeader,
    HeadersTooLarge,
    NonceReused,
    PlaceNotAllowed,
    UnexpectedBody,
)
from gateway.domain.machines.token_errors import BadAccessToken, BadSenderProof, ServerNonceNeeded
from gateway.domain.maintenance.errors import UnderMaintenance
from gateway.domain.people.errors import (
    AccountLocked,
    CodeRefused,
    FederationRefused,
    ForgedRequest,
    LoginRefused,
    PasskeyLoginRefused,
    RecoveryOnly,
    RoleNeeded,
    SessionRefused,
    TwoSessionsGiven,
)
from gateway.domain.traffic.errors import ClockOff, TooManyRequests
from gateway.routes.clock_watch import moves_fees
from gateway.routes.route import OWN, Demand, Route
from gateway.routes.session_tokens import OPENED_BY_RECOVERY, SAFE
from gateway.routes.step_up import StepUpNeeded
from gateway.routes.token_door import opens_by_token

Kinds = tuple[type[Refused], ...]

# What the chassis' front says before any door (chassis/middleware.py), and how long it takes.
OF_THE_FRONT: Final[Mapping[int, str]] = {
    408: "body_too_slow",
    413: "body_too_large",
    503: "too_busy",
}
EVERYBODY: Final[Kinds] = (DuplicateHeader, HeadersTooLarge, TooManyRequests)
CLIENT: Final[Kinds] = (
    BadSignature,
    NonceReused,
    CertificateNeeded,
    ClientNotAllowed,
    PlaceNotAllowed,
    StoreUnavailable,
)
TOKEN: Final[Kinds] = (BadAccessToken, BadSenderProof, ServerNonceNeeded)
PROVIDER: Final[Kinds] = (CallbackRefused, CallbackMalformed, SourceRefused, NoSuchProvider)
PERSON: Final[Kinds] = (SessionRefused, TwoSessionsGiven, StoreUnavailable)
# Public routes that let somebody in, or not, by what their body says.
SIGN_INS: Final[Mapping[tuple[str, str], Kinds]] = {
    ("POST", "/v1/sessions"): (LoginRefused, AccountLocked),
    ("POST", "/v1/passkey-sessions"): (PasskeyLoginRefused,),
    ("GET", "/v1/federations/{name}/callback"): (FederationRefused,),
    ("POST", "/v1/accounts/{id}/totp-activations"): (CodeRefused, AccountLocked),
    ("POST", "/v1/provider-notifications/{provider}/api/token_generate"): (
        CallbackRefused,
        SourceRefused,
        NoSuchProvider,
    ),
}


def refusals_of(route: Route) -> dict[int, tuple[str, ...]]:
    """Status to codes, both in order. What the work behind the door says comes on top."""
    found: dict[int, set[str]] = {status: {code} for status, code in OF_THE_FRONT.items()}
    for kind in _kinds(route):
        found.setdefault(_status_of(kind), set()).add(kind.code)
    return {status: tuple(sorted(found[status])) for status in sorted(found)}


def _kinds(route: Route) -> Iterator[type[Refused]]:
    yield from EVERYBODY
    yield from SIGN_INS.get((route.method, route.path), ())
    if route.method == "GET":
        yield UnexpectedBody
    if route.service != OWN:
        yield UpstreamUnavailable
    if moves_fees(route):
        yield ClockOff
    if route.opens_fee:
        yield from (UnderMaintenance, StoreUnavailable)
    if route.demand in (Demand.SIGNED, Demand.SIGNED_OR_SESSION, Demand.CALLBACK):
        yield from CLIENT
        yield from (PROVIDER if route.demand is Demand.CALLBACK else TOKEN)
    if opens_by_token(route):
        yield MissingScope
    if route.demand in (Demand.SESSION, Demand.SIGNED_OR_SESSION):
        yield from _of_people(route)


def _of_people(route: Route) -> Iterator[type[Refused]]:
    yield from PERSON
    if route.method not in SAFE:
        yield ForgedRequest
    if (route.method, route.path) not in OPENED_BY_RECOVERY:
        yield RecoveryOnly
    if route.roles:
        yield RoleNeeded
    if route.acr or route.fresh_within:
        yield StepUpNeeded


def _status_of(kind: type[Refused]) -> int:
    return next(status for base, status in STATUS_OF.items() if issubclass(kind, base))
