"""The keys that houses prove themselves to one another with, and events that they have signed."""

from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from chassis.signed_events import EventSigner
from chassis.transport import Outgoing
from deploy.commands.houses import HOUSES
from deploy.event_table import said_by


def write_internal_keys(keys_dir: Path) -> None:
    """A pair for every house that has none yet."""
    folder = keys_dir / "internal"
    folder.mkdir(parents=True, exist_ok=True)
    for house in HOUSES:
        if (folder / f"{house}.key.pem").exists():
            continue
        key = generate_private_key(SECP256R1())
        (folder / f"{house}.key.pem").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / f"{house}.pub.pem").write_bytes(
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )


def signed(event: Outgoing, keys_dir: Path, *, producer: str | None = None) -> Outgoing:
    """The event as its own house says it, or as another one would."""
    signer = EventSigner.from_directory(producer or producer_of(event.type), keys_dir / "internal")
    return Outgoing(
        id=event.id,
        type=event.type,
        body=event.body,
        signature=signer.sign(event.type, event.body),
    )


@lru_cache(maxsize=100)
def producer_of(type: str) -> str:
    return next(house for house in HOUSES if type in said_by(house))
