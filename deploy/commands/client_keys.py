"""`lephi keys …` for partners' keys: what officers do through the door, done at the machine."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.houses import settings_of
from deploy.commands.in_gateway import AsJson, Operator, in_gateway, named
from deploy.commands.printing import give_up, print_json

if TYPE_CHECKING:
    from chassis.clock import Clock
    from chassis.ids import Ids
    from gateway.domain.machines.client import ClientKey
    from gateway.use_cases.machines.key_changes import KeyChange

LISTED_MAX = 500
ClientId = Annotated[str, typer.Argument(help="The client's id, for example portal-demo.")]
KeyId = Annotated[str, typer.Argument(help="The key's RFC 7638 thumbprint.")]
KeyFile = Annotated[
    Path, typer.Option("--key", help="Its public half: PEM, a PEM certificate, or a JWK.")
]


def add_client(
    client_id: ClientId,
    operator: Operator,
    provider: Annotated[
        str | None, typer.Option(help="For a bank: the code under which its notices arrive.")
    ] = None,
    agency: Annotated[str | None, typer.Option(help="Whom to call: an agency's code.")] = None,
) -> None:
    """Name a portal, or with --provider a bank. It can do nothing without an approved key."""
    from gateway.domain.machines.client import Client, ClientClass
    from gateway.use_cases.machines import add_client as use_case

    client = Client(
        id=client_id,
        client_class=ClientClass.BANK if provider else ClientClass.PORTAL,
        provider=provider,
        contact_agency=agency,
    )
    actor = actor_of(operator)
    in_gateway(
        lambda uow, clock, _ids: use_case.add_client(client, actor=actor, uow=uow, clock=clock)
    )
    typer.echo(f"{client_id}: {client.client_class.value}, without a key")


def list_keys(
    client_id: Annotated[str | None, typer.Option("--client", help="Only this client's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show clients' keys with their states, the youngest of each client first."""
    from gateway.use_cases.machines.look_at_clients import list_all_keys

    found = in_gateway(
        lambda uow, _clock, _ids: list_all_keys(client_id, limit=LISTED_MAX, uow=uow)
    )
    for key in found:
        if as_json:
            print_json(shown(key))
        else:
            until = key.until.date().isoformat()
            typer.echo(f"{key.client_id}  {key.id}  {key.state.value}  until {until}")
    if len(found) >= LISTED_MAX:
        typer.echo(f"Only {LISTED_MAX} are shown; narrow by --client.", err=True)


def show(key_id: KeyId) -> None:
    """Show all that is known of a key, as one JSON object."""
    from gateway.use_cases.machines.look_at_clients import get_key

    print_json(shown(in_gateway(lambda uow, _clock, _ids: get_key(key_id, uow=uow))))


def history(key_id: KeyId, as_json: AsJson = False) -> None:
    """Show who did what to a key, when and why; the oldest first."""
    from gateway.use_cases.machines.look_at_clients import list_key_history

    for event in in_gateway(lambda uow, _clock, _ids: list_key_history(key_id, uow=uow)):
        line = {
            "at": event.at.isoformat(timespec="seconds"),
            "action": event.action.value,
            "actor": event.actor,
            "reason": event.reason or "",
        }
        if as_json:
            print_json(line)
        else:
            typer.echo("  ".join(text for text in line.values() if text))


def challenge(client_id: ClientId, operator: Operator) -> None:
    """Print the text that a client's new key has to sign, within ten minutes and once."""
    from gateway.use_cases.machines.challenge_client_key import challenge_client_key

    actor = actor_of(operator)
    made = in_gateway(
        lambda uow, clock, ids: challenge_client_key(
            client_id, actor=actor, uow=uow, clock=clock, ids=ids
        )
    )
    typer.echo(made.text)
    typer.echo(f"Good until {made.expires_at.isoformat(timespec='seconds')}.", err=True)


def prove(
    challenge_text: Annotated[str, typer.Argument(metavar="CHALLENGE")],
    key: Annotated[Path, typer.Option("--key", help="The private key, PEM, without password.")],
) -> None:
    """What a partner's engineer runs: sign the challenge and print the proof (compact JWS)."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from jwt.api_jws import PyJWS

    from chassis.keys import load_private_key, thumbprint
    from chassis.message_signatures import BadSignature, algorithm_of
    from gateway.authentication.machines.key_proofs import JOSE_OF
    from gateway.domain.machines.client import Algorithm

    try:
        private = load_private_key(key)
        algorithm = JOSE_OF[Algorithm(algorithm_of(private))]
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        give_up(f"{key} holds no private key that can be read: {error}", code=2)
    except BadSignature:
        give_up("Accepted are Ed25519, P-256, and RSA from 3072 bits.", code=2)
    header = {"kid": thumbprint(private.public_key())}
    typer.echo(PyJWS().encode(challenge_text.encode(), private, algorithm, headers=header))


def register(
    client_id: ClientId,
    key: KeyFile,
    challenge_text: Annotated[str, typer.Option("--challenge", help="As it was handed out.")],
    proof: Annotated[str, typer.Option(help="The partner's JWS over it.")],
    operator: Operator,
    certificate_thumbprint: Annotated[
        str | None, typer.Option(help="x5t#S256 of the TLS certificate the key is bound to.")
    ] = None,
) -> None:
    """Register a key that its holder has shown to have; somebody else has to approve it."""
    from gateway.authentication.machines.key_proofs import JwsKeyProofs
    from gateway.use_cases.machines.register_client_key import KeyOffer, register_client_key

    jwk, certificate = _read_key(key)
    offer = KeyOffer(
        client_id=client_id,
        challenge=challenge_text,
        proof=proof,
        certificate_thumbprint=certificate_thumbprint,
        jwk=jwk,
        certificate=certificate,
    )
    actor = actor_of(operator)
    made = in_gateway(
        lambda uow, clock, ids: register_client_key(
            offer, change=_change(actor, clock, ids), uow=uow, proofs=JwsKeyProofs()
        )
    )
    _tell(made)


def approve(key_id: KeyId, operator: Operator) -> None:
    """Make a pending key count. Whoever registered it is refused."""
    from gateway.use_cases.machines.approve_client_key import approve_client_key

    actor = actor_of(operator)
    _tell(
        in_gateway(
            lambda uow, clock, ids: approve_client_key(
                key_id, change=_change(actor, clock, ids), uow=uow
            )
        )
    )


def retire(
    key_id: KeyId,
    operator: Operator,
    at: Annotated[
        datetime | None, typer.Option(help="UTC. Default: as soon as the overlap allows.")
    ] = None,
) -> None:
    """Let a successor take over; the key is accepted until then, or its own end."""
    from gateway.use_cases.machines.retire_client_key import retire_client_key

    overlap = timedelta(days=settings_of("gateway").client_key_overlap_days_min)
    actor = actor_of(operator)
    retires_at = at.replace(tzinfo=UTC) if at else None
    _tell(
        in_gateway(
            lambda uow, clock, ids: retire_client_key(
                key_id,
                retires_at=retires_at,
                overlap_min=overlap,
                change=_change(actor, clock, ids),
                uow=uow,
            )
        )
    )


def revoke(
    key_id: KeyId,
    operator: Operator,
    reason: Annotated[str, typer.Option(help="Kept in the key's history, 3 to 200 characters.")],
) -> None:
    """Refuse a key from now on and for good; every gateway knows within five seconds."""
    from gateway.use_cases.machines.revoke_client_key import revoke_client_key

    said = reason.strip()
    if not 3 <= len(said) <= 200:
        raise typer.BadParameter("3 to 200 characters", param_hint="--reason")
    actor = actor_of(operator)
    _tell(
        in_gateway(
            lambda uow, clock, ids: revoke_client_key(
                key_id, change=_change(actor, clock, ids, reason=said), uow=uow
            )
        )
    )


def actor_of(operator: str) -> str:
    """One spelling for one name, so that capitals do not make a second person."""
    return f"operator:{named(operator).casefold()}"


def shown(key: "ClientKey") -> dict[str, Any]:
    instants = {
        "registered_at": key.registered_at,
        "approved_at": key.approved_at,
        "retires_at": key.retires_at,
        "until": key.until,
        "revoked_at": key.revoked_at,
    }
    return {
        "kid": key.id,
        "client_id": key.client_id,
        "state": key.state.value,
        "algorithm": key.algorithm.value,
        "registered_by": key.registered_by,
        "approved_by": key.approved_by,
        **{name: at.isoformat() if at else None for name, at in instants.items()},
        "certificate_thumbprint": key.certificate_thumbprint,
        "public_jwk": dict(key.public_jwk),
    }


def _tell(key: "ClientKey") -> None:
    until = key.until.isoformat(timespec="seconds")
    ends = "" if key.revoked_at else f" until {until}"
    typer.echo(f"{key.id}: {key.state.value}{ends}")


def _change(actor: str, clock: "Clock", ids: "Ids", *, reason: str | None = None) -> "KeyChange":
    from gateway.use_cases.machines.key_changes import KeyChange

    return KeyChange(actor=actor, clock=clock, ids=ids, reason=reason)


def _read_key(path: Path) -> tuple[dict[str, Any] | None, str | None]:
    """A JWK or a certificate's PEM, whichever the file holds."""
    from chassis.keys import load_public_key, public_jwk

    try:
        text = path.read_text("ascii")
        if text.lstrip().startswith("{"):
            return dict(json.loads(text)), None
        if "BEGIN CERTIFICATE" in text:
            return None, text
        return public_jwk(load_public_key(path)), None
    except (OSError, ValueError, TypeError) as error:
        give_up(f"{path} holds no public key that can be read: {error}", code=2)
