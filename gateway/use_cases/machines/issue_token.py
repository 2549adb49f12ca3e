from dataclasses import dataclass
from typing import Final

from chassis.clock import Clock
from gateway.domain.machines.access_token import (
    CLOCK_SKEW,
    TOKEN_LIFETIME,
    AccessGrant,
    SenderProof,
    scopes_for,
)
from gateway.domain.machines.signed_request import Arrival
from gateway.domain.machines.token_errors import (
    BadSenderProof,
    InvalidClient,
    TokenRefused,
    UnsupportedGrantType,
)
from gateway.ports.tokens import AccessTokens, ClientAssertions, SenderProofs
from gateway.ports.unit_of_work import UnitOfWork

GRANT_TYPE: Final = "client_credentials"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTools:
    assertions: ClientAssertions
    sender_proofs: SenderProofs
    tokens: AccessTokens
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """The form as it came; what a client left out is None."""

    grant_type: str | None
    client_assertion_type: str | None
    client_assertion: str | None
    client_id: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    token: str
    grant: AccessGrant


async def issue_token(
    request: TokenRequest, arrival: Arrival, *, tools: TokenTools, uow: UnitOfWork
) -> IssuedToken:
    """An access token for whoever shows a registered key, bound to the key of their proof."""
    if request.grant_type is None:
        raise TokenRefused("grant_type is missing")
    if request.grant_type != GRANT_TYPE:
        raise UnsupportedGrantType
    if request.client_assertion_type != ASSERTION_TYPE or not request.client_assertion:
        raise InvalidClient("a client_assertion of the type jwt-bearer is needed")
    said = await tools.assertions.verify(request.client_assertion, arrival)
    if request.client_id not in (None, said.client.id):
        raise InvalidClient("client_id names another client")
    proof = _sender_proof(arrival, tools)
    if proof is None and arrival.certificate_thumbprint is None:
        raise TokenRefused("a DPoP proof is needed, or a TLS client certificate")
    grant = AccessGrant(
        client=said.client,
        key_id=said.key_id,
        scopes=scopes_for(said.client, request.scope),
        expires_at=tools.clock.now() + TOKEN_LIFETIME,
        proof_thumbprint=proof.thumbprint if proof else None,
        certificate_thumbprint=arrival.certificate_thumbprint,
    )
    async with uow:
        fresh = await uow.token_uses.claim(
            f"assertion:{said.client.id}", said.token_id, expires_at=said.expires_at + CLOCK_SKEW
        )
        if not fresh:
            raise InvalidClient("it was used before")
        if proof is not None:
            await use_proof(proof, uow)
    return IssuedToken(tools.tokens.mint(grant), grant)


async def use_proof(proof: SenderProof, uow: UnitOfWork) -> None:
    holder = f"dpop:{proof.thumbprint}"
    if not await uow.token_uses.claim(holder, proof.token_id, expires_at=proof.expires_at):
        raise BadSenderProof("it was used before")


def _sender_proof(arrival: Arrival, tools: TokenTools) -> SenderProof | None:
    given = arrival.header("dpop")
    return None if given is None else tools.sender_proofs.verify(given, arrival)
