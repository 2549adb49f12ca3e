from gateway.domain.machines.access_token import AccessGrant
from gateway.domain.machines.errors import ClientNotAllowed
from gateway.domain.machines.signed_request import Arrival
from gateway.domain.machines.token_errors import BadAccessToken, BadSenderProof
from gateway.ports.tokens import AccessTokens, SenderProofs
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.machines.issue_token import use_proof


def presented_token(arrival: Arrival) -> tuple[str, str] | None:
    """Scheme and token of an access token; a session's token, which has no dots, is none."""
    scheme, _, value = (arrival.header("authorization") or "").partition(" ")
    if scheme.lower() == "dpop" or (scheme.lower() == "bearer" and "." in value):
        return scheme.lower(), value.strip()
    return None


async def admit_token(
    arrival: Arrival, *, tokens: AccessTokens, sender_proofs: SenderProofs, uow: UnitOfWork
) -> AccessGrant:
    """Check an access token and that its sender is the one it was made for."""
    presented = presented_token(arrival)
    if presented is None:
        raise BadAccessToken("none is given")
    scheme, token = presented
    grant = await tokens.read(token)
    _require_place(grant, arrival)
    if grant.proof_thumbprint is None:
        if scheme != "bearer":
            raise BadAccessToken("it is bound to a certificate, not to a DPoP key")
        return grant
    given = arrival.header("dpop")
    if scheme != "dpop" or given is None:
        raise BadSenderProof("the token is bound to a key: a proof is needed beside it")
    proof = sender_proofs.verify(given, arrival, token=token)
    if proof.thumbprint != grant.proof_thumbprint:
        raise BadSenderProof("it is made with another key than the token is bound to")
    async with uow:
        await use_proof(proof, uow)
    return grant


def _require_place(grant: AccessGrant, arrival: Arrival) -> None:
    if grant.certificate_thumbprint not in (None, arrival.certificate_thumbprint):
        raise BadAccessToken("it is bound to a client certificate that did not come along")
    if not grant.client.may_call_from(arrival.source):
        raise ClientNotAllowed
