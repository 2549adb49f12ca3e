"""The few forms that a line of the gateway's table has, by who may come in."""

from dataclasses import replace

from gateway.domain.evidence.record import EvidenceKind
from gateway.domain.machines.signed_request import SignatureClass
from gateway.domain.people.assurance import Acr
from gateway.domain.people.roles import Role
from gateway.routes.route import OWN, Demand, Route
from gateway.routes.step_up import FRESH_WITHIN


def public(service: str, path: str) -> Route:
    return Route(method="GET", path=path, service=service, demand=Demand.PUBLIC)


def own(method: str, path: str, demand: Demand) -> Route:
    return Route(method=method, path=path, service=OWN, demand=demand)


def for_duty(method: str, path: str, *roles: Role) -> Route:
    return replace(own(method, path, Demand.SESSION), roles=frozenset(roles))


def read(service: str, path: str, *scopes: str) -> Route:
    return Route(
        method="GET",
        path=path,
        service=service,
        demand=Demand.SIGNED,
        signature=SignatureClass.READ,
        scopes=frozenset(scopes),
    )


def read_or_session(
    service: str, path: str, *scopes: str, roles: frozenset[Role] = frozenset()
) -> Route:
    """For a portal's signature or a person's session; with roles, for people on duty only."""
    return Route(
        method="GET",
        path=path,
        service=service,
        demand=Demand.SIGNED_OR_SESSION,
        signature=SignatureClass.READ,
        scopes=frozenset(scopes),
        roles=roles,
    )


def stepped_up(route: Route, *, fresh: bool = False) -> Route:
    """For a session that a second factor opened; `fresh`: within the last minutes."""
    return replace(route, acr=Acr.MFA, fresh_within=FRESH_WITHIN if fresh else None)


def write(method: str, service: str, path: str, *scopes: str) -> Route:
    return Route(
        method=method,
        path=path,
        service=service,
        demand=Demand.SIGNED,
        signature=SignatureClass.WRITE,
        scopes=frozenset(scopes),
        evidence=EvidenceKind.CLIENT_REQUEST,
    )


def write_or_session(
    method: str, service: str, path: str, *scopes: str, roles: frozenset[Role] = frozenset()
) -> Route:
    """For a portal's signature, or for people who signed in with two factors; with roles, for
    people on duty only."""
    return Route(
        method=method,
        path=path,
        service=service,
        demand=Demand.SIGNED_OR_SESSION,
        signature=SignatureClass.WRITE,
        scopes=frozenset(scopes),
        evidence=EvidenceKind.CLIENT_REQUEST,
        roles=roles,
        acr=Acr.MFA,
    )


def duty(
    method: str, service: str, path: str, *scopes: str, roles: frozenset[Role], fresh: bool = False
) -> Route:
    """For people on duty alone, at a service, signed in with two factors."""
    return stepped_up(
        Route(
            method=method,
            path=path,
            service=service,
            demand=Demand.SESSION,
            scopes=frozenset(scopes),
            evidence=None if method == "GET" else EvidenceKind.PERSON_REQUEST,
            roles=roles,
        ),
        fresh=fresh,
    )
