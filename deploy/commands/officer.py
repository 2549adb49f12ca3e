"""`lephi officer`: what an officer's own machine does with their smart card."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.commands.printing import give_up, print_json

app = typer.Typer(help="Sign with an officer's PKCS#11 token.", no_args_is_help=True)
Module = Annotated[Path, typer.Option(help="The token's PKCS#11 library.", exists=True)]
Label = Annotated[str, typer.Option("--token", help="The token's label.")]
PinFile = Annotated[Path, typer.Option(help="A file that holds the PIN alone.", exists=True)]
Between = Annotated[
    Path | None, typer.Option(help="PEM of the authorities between certificate and root.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def sign(
    module: Module,
    token: Label,
    pin_file: PinFile,
    intent: Annotated[Path, typer.Option(help="The intent's bytes, as the gateway gave them.")],
    between: Between = None,
    as_json: Json = False,
) -> None:
    """Sign a fee at a counter. What is no such fee leaves with 2, a token that fails with 1."""
    from deploy.officer_agent.signing import NotToSign, describe, read_intent

    try:
        raw = intent.read_bytes()
        stated = read_intent(raw)
        lines = describe(stated)
    except (OSError, NotToSign, KeyError, TypeError) as error:
        give_up(f"Not signed: {error}", code=2)
    for line in lines:
        typer.echo(line, err=True)
    _print(_sign(raw, module=module, label=token, pin_file=pin_file, between=between), as_json)


@app.command("bind")
def bind(
    module: Module,
    token: Label,
    pin_file: PinFile,
    challenge: Annotated[str, typer.Option(help="The text that the gateway gave.")],
    between: Between = None,
    as_json: Json = False,
) -> None:
    """Show that the token is at hand, so that the gateway binds its certificate to the account."""
    from deploy.officer_agent.signing import CHALLENGE_PREFIX

    if not challenge.startswith(CHALLENGE_PREFIX):
        give_up("Not signed: it is no challenge of this kind", code=2)
    signed = _sign(
        challenge.encode(), module=module, label=token, pin_file=pin_file, between=between
    )
    _print(signed, as_json)


def _sign(payload: bytes, *, module: Path, label: str, pin_file: Path, between: Path | None) -> str:
    from cryptography import x509

    from deploy.officer_agent.signing import sign_detached
    from deploy.officer_agent.token import TokenRefused, open_token

    above = x509.load_pem_x509_certificates(between.read_bytes()) if between else ()
    pin = pin_file.read_text("utf-8").strip()
    try:
        with open_token(module, label, pin) as token:
            return sign_detached(token, payload, between=above)
    except TokenRefused as error:
        give_up(f"Not signed: {error}", code=1)


def _print(jws: str, as_json: bool) -> None:
    if as_json:
        print_json({"jws": jws})
    else:
        typer.echo(jws)
