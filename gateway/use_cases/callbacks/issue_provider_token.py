from gateway.domain.callbacks.errors import NoSuchProvider
from gateway.domain.machines.signed_request import Arrival
from gateway.ports.callbacks import CallbackChecks


def issue_provider_token(provider: str, arrival: Arrival, *, callbacks: CallbackChecks) -> str:
    """For a provider that speaks with a token of ours: it asks here first, then sends notices."""
    registration = callbacks.find(provider)
    if registration is None:
        raise NoSuchProvider
    return callbacks.issue_token(arrival, registration)
