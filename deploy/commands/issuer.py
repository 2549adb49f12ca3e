"""`lephi issuer`: the outside issuers of receipts, played, and what to tell them."""

from pathlib import Path
from typing import Annotated, Final

import typer

from deploy.commands.given import USAGE
from deploy.commands.printing import give_up

FAILED: Final = 1

app = typer.Typer(help="Play the outside issuers of receipts.", no_args_is_help=True)


@app.command()
def run(
    port: Annotated[int, typer.Option(help="Where they listen.")] = 8416,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    keys_dir: Annotated[Path, typer.Option(help="Where their registrations lie.")] = Path(
        "var/keys"
    ),
    book: Annotated[
        Path | None, typer.Option(help="Keep their number books in this file; else in memory.")
    ] = None,
) -> None:
    """Play every issuer that is registered without an address of its own."""
    from chassis.logging import configure_logging
    from deploy.commands.serving import run_app
    from deploy.sandbox_issuers.main import play_issuers

    configure_logging()
    run_app(play_issuers(keys_dir=keys_dir, book_path=book).app, host=host, port=port)


@app.command()
def register(
    name: Annotated[str, typer.Argument(help="What the file and the issuer are called.")],
    kind: Annotated[str, typer.Option(help="vnpt or viettel.")],
    agency: Annotated[list[str], typer.Option(help="A collecting body it issues for; again.")],
    keys_dir: Annotated[Path, typer.Option(help="Where registrations lie.")] = Path("var/keys"),
) -> None:
    """Write a registration for development, with secrets of its own; the sandbox plays it."""
    from deploy.development_issuers import UnknownKind, write_development_issuer

    try:
        path = write_development_issuer(keys_dir, name, kind=kind, agencies=agency)
    except UnknownKind as error:
        give_up(str(error), code=USAGE)
    typer.echo(str(path))


@app.command()
def tell(
    name: Annotated[str, typer.Argument(help="The issuer.")],
    mode: Annotated[str, typer.Argument(help="normal, silent, answer_lost, delay, error, …")],
    operation: Annotated[str, typer.Option(help="Only for this one of its operations.")] = "",
    times: Annotated[int, typer.Option(help="For so many requests.", min=1)] = 1,
    code: Annotated[str, typer.Option(help="error: with which code.")] = "5",
    seconds: Annotated[float, typer.Option(help="silent, delay: for how long.", min=0)] = 1.0,
    url: Annotated[str, typer.Option(help="Where the played issuers listen.")] = (
        "http://127.0.0.1:8416"
    ),
) -> None:
    """Make a played issuer misbehave."""
    import httpx

    told = {
        "mode": mode,
        "operation": operation,
        "times": times,
        "code": code,
        "seconds": seconds,
    }
    try:
        answer = httpx.post(f"{url}/issuers/{name}/sandbox/behaviour", json=told, timeout=5)
    except httpx.HTTPError as error:
        give_up(f"{url}: {type(error).__name__}", code=FAILED)
    if answer.status_code != 200:
        give_up(answer.text, code=USAGE)
    typer.echo(answer.text)
