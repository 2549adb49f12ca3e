from chassis.clock import Clock
from chassis.ids import Ids
from gateway.authentication.evidence.stamp_tokens import TrustedStamps
from gateway.ports.evidence import TimeStamps
from gateway.providers.time_stamps import HttpTimeStamps
from gateway.settings import GatewaySettings


def time_stamps(settings: GatewaySettings, *, clock: Clock, ids: Ids) -> TimeStamps | None:
    """None without an address; an authority whose roots we lack is a mistake to stop at."""
    if not settings.tsa_url:
        return None
    folder = settings.keys_dir / "trust" / "tsa-ca"
    trusted = TrustedStamps.from_directory(folder, clock=clock)
    return HttpTimeStamps(settings.tsa_url, trusted, ids=ids)
