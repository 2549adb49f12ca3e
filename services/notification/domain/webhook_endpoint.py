"""Where a client wants to be told, what of, and whether it still listens."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.notification.domain.errors import IllegalTransition
from services.notification.domain.request_key import RequestKey

ENDPOINTS_PER_CLIENT_MAX: Final = 10


class EndpointState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"
    REMOVED = "removed"


# Disabled becomes active when a retry that the client asked for gets through.
ENDPOINT_TRANSITIONS: Final[Mapping[EndpointState, frozenset[EndpointState]]] = {
    EndpointState.ACTIVE: frozenset({EndpointState.DISABLED, EndpointState.REMOVED}),
    EndpointState.DISABLED: frozenset({EndpointState.ACTIVE, EndpointState.REMOVED}),
    EndpointState.REMOVED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    id: UUID
    client_id: str
    url: str
    event_types: tuple[str, ...]
    created_at: datetime
    request: RequestKey
    state: EndpointState = EndpointState.ACTIVE
    # Deliveries given up since the last one that arrived.
    failures_in_row: int = 0

    @property
    def healthy(self) -> bool:
        return self.state is EndpointState.ACTIVE and self.failures_in_row == 0

    def move_to(self, state: EndpointState) -> Self:
        if state not in ENDPOINT_TRANSITIONS[self.state]:
            raise IllegalTransition("webhook endpoint", current=self.state, wanted=state)
        return replace(self, state=state)

    def after_arrival(self) -> Self:
        """It listens: forget what failed before."""
        if self.state is EndpointState.REMOVED:
            return self
        listening = self
        if self.state is EndpointState.DISABLED:
            listening = self.move_to(EndpointState.ACTIVE)
        return replace(listening, failures_in_row=0)

    def after_failure(self, *, failures_max: int, gone: bool) -> Self:
        """A delivery was given up; enough of them in a row, or the word "gone", and we stop."""
        counted = replace(self, failures_in_row=self.failures_in_row + 1)
        if self.state is not EndpointState.ACTIVE:
            return counted
        if gone or counted.failures_in_row >= failures_max:
            return counted.move_to(EndpointState.DISABLED)
        return counted
