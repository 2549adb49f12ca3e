"""`lephi signers`: who signs receipts for whom, whether each can, and the remote one played."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from deploy.commands.given import USAGE, AsJson
from deploy.commands.printing import give_up, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploy.signer_care import Looked

FAILED: Final = 1

app = typer.Typer(help="Who signs receipts.", no_args_is_help=True)

KeysDir = Annotated[Path, typer.Option(help="Below it: receipt/signers.json, and what that names.")]


@app.command("list")
def list_signers(keys_dir: KeysDir = Path("var/keys"), as_json: AsJson = False) -> None:
    """Every signer: for whom and from when, whose certificate, its days, and which is in use."""
    _tell(_look(keys_dir, tried=False), as_json=as_json)


@app.command()
def check(keys_dir: KeysDir = Path("var/keys"), as_json: AsJson = False) -> None:
    """Let each sign a probe and verify it: 0 all can, 1 one cannot, 2 the file is unusable."""
    looked = _look(keys_dir, tried=True)
    _tell(looked, as_json=as_json)
    if any(one.works is False for one in looked):
        raise typer.Exit(FAILED)


@app.command()
def play(
    port: Annotated[int, typer.Option(help="Where it listens.")] = 8417,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    keys_dir: Annotated[Path, typer.Option(help="Where its key is made and kept.")] = Path(
        "var/keys"
    ),
) -> None:
    """Play the remote signing service of an authority, and say how signers.json names it."""
    from chassis.logging import configure_logging
    from deploy.commands.serving import run_app
    from deploy.sandbox_signer.playing import NoAuthority, play_signer, shown_entry

    configure_logging()
    try:
        played = play_signer(keys_dir)
    except NoAuthority as error:
        give_up(str(error), code=USAGE)
    typer.echo(shown_entry(f"http://{host}:{port}"))
    run_app(played, host=host, port=port)


@app.command()
def tell(
    down: Annotated[bool, typer.Option(help="It answers 503.")] = False,
    wrong_signature: Annotated[bool, typer.Option(help="It signs something else.")] = False,
    not_valid: Annotated[bool, typer.Option(help="Its credential is revoked.")] = False,
    seconds: Annotated[float, typer.Option(help="It waits so long.", min=0, max=60)] = 0.0,
    url: Annotated[str, typer.Option(help="Where it listens.")] = "http://127.0.0.1:8417",
) -> None:
    """Make the played signer misbehave; without an option it is well again."""
    import httpx

    told = {
        "down": down,
        "wrong_signature": wrong_signature,
        "not_valid": not_valid,
        "seconds": seconds,
    }
    try:
        answer = httpx.post(f"{url}/sandbox/behaviour", json=told, timeout=5)
    except httpx.HTTPError as error:
        give_up(f"{url}: {type(error).__name__}", code=FAILED)
    if answer.status_code != 200:
        give_up(answer.text, code=USAGE)
    typer.echo(answer.text)


def _look(keys_dir: Path, *, tried: bool) -> "Sequence[Looked]":
    from chassis.clock import SystemClock
    from chassis.logging import configure_logging
    from deploy.signer_care import look_at_signers
    from services.receipt.providers.signers.signers_file import BadSignersFile

    configure_logging("ERROR")
    folder = keys_dir / "receipt"
    if not folder.is_dir():
        give_up(f"{folder} is not there.", code=USAGE)
    try:
        return asyncio.run(look_at_signers(folder, clock=SystemClock(), tried=tried))
    except (BadSignersFile, OSError) as error:
        give_up(str(error), code=USAGE)


def _tell(looked: "Sequence[Looked]", *, as_json: bool) -> None:
    if as_json:
        print_json([one.said() for one in looked])
        return
    # By agency, for that is how people ask; in the order in which their time begins.
    agencies = sorted({agency for one in looked for agency in one.standing.agencies})
    for agency in agencies:
        typer.echo("every agency that is not named:" if agency == "*" else f"{agency}:")
        named = [one for one in looked if agency in one.standing.agencies]
        for one in sorted(named, key=lambda each: str(each.standing.since or "")):
            _tell_one(one, in_use=agency in one.standing.signs_for)


def _tell_one(one: "Looked", *, in_use: bool) -> None:
    said = one.said()
    lasts = f"from {said['from'] or 'ever'} until {said['until'] or 'further notice'}"
    typer.echo(f"  {'*' if in_use else ' '} {said['name']} ({said['kind']}), {lasts}")
    if said["subject"] is not None:
        ends = f"certificate ends {said['certificate_ends']}, {said['days_left']} days"
        typer.echo(f"      {said['subject']}; {ends}")
    if said["warning"]:
        typer.echo(f"      warning: {said['warning']}")
    if one.works:
        typer.echo("      signs")
    elif said["why_not"]:
        typer.echo(f"      {'does not sign: ' if one.works is False else ''}{said['why_not']}")
