"""Lets machines in: by a message signature, or to look, by an access token."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from chassis.auth import Caller
from chassis.ids import Ids
from gateway.domain.machines.signed_request import Arrival
from gateway.ports.machines import NonceScope, SignatureChecks
from gateway.routes.route import Found
from gateway.routes.token_door import TokenDoor
from gateway.use_cases.machines.admit_signed_request import Admission, admit_signed_request

# The only level that arrives here: a registered key over the whole request.
SIGNED_LEVEL: Final = "P1"


class ClientDoor:
    def __init__(
        self,
        signatures: SignatureChecks,
        tokens: TokenDoor,
        new_scope: Callable[[], NonceScope],
        *,
        ids: Ids,
    ) -> None:
        self._signatures = signatures
        self._tokens = tokens
        self._new_scope = new_scope
        self._ids = ids

    async def open(self, found: Found, arrival: Arrival) -> tuple[Caller, UUID | None]:
        """Who came in, and the evidence their request made, if it made any."""
        route = found.route
        assert route.signature is not None
        by_token = await self._tokens.open(route, arrival)
        if by_token is not None:
            return by_token, None
        admission = Admission(
            signature=route.signature,
            evidence=route.evidence,
            provider=found.parameters.get("provider"),
            takes_file=route.upload_bytes_max is not None,
        )
        admitted = await admit_signed_request(
            arrival,
            admission,
            signatures=self._signatures,
            scope=self._new_scope(),
            ids=self._ids,
        )
        evidence_id = admitted.evidence_id
        caller = Caller(
            subject=admitted.client.id,
            kind="client",
            client_id=admitted.client.id,
            scopes=route.scopes,
            evidence_id=str(evidence_id) if evidence_id else None,
            evidence_level=SIGNED_LEVEL if evidence_id else None,
        )
        return caller, evidence_id
