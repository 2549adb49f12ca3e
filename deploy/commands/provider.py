"""`lephi provider`: what we would send to a provider, signed and not sent."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.commands.given import USAGE, AsJson, AtTime, Facts, Secrets, moment, named_values
from deploy.commands.printing import give_up, print_json

app = typer.Typer(help="Look at the requests that providers get.", no_args_is_help=True)


@app.callback()
def only_this() -> None:
    """Keeps `request` a command of its own while it is the only one."""


@app.command()
def request(
    provider: Annotated[str, typer.Argument(help="vnpay, vnptpay, national, momo, …")],
    action: Annotated[str, typer.Argument(help="pay, enquiry or refund; national: bill.")],
    reference: Annotated[str, typer.Option(help="Our name for the payment.")],
    amount: Annotated[int, typer.Option(help="Whole đồng.", min=1, max=10**12)],
    secret: Secrets = None,
    fact: Facts = None,
    method: Annotated[str | None, typer.Option(help="pay: by which method.")] = None,
    bank_code: Annotated[str | None, typer.Option(help="pay: at which bank.")] = None,
    provider_reference: Annotated[str, typer.Option(help="Its own number.")] = "",
    paid: Annotated[int | None, typer.Option(help="refund: what was paid.", min=1)] = None,
    url: Annotated[str, typer.Option(help="Where its API begins.")] = "",
    keys_dir: Annotated[Path, typer.Option(help="bank: where its public key lies.")] = Path(
        "var/keys"
    ),
    at: AtTime = None,
    as_json: AsJson = False,
) -> None:
    """Show one request: method, address, headers and body. Nothing is sent anywhere."""
    from chassis.clock import SystemClock
    from chassis.ids import SystemIds
    from deploy.notices.previewing import ACTIONS, MORE, Preview, preview
    from deploy.notices.sample import Unusable
    from services.payment.domain.intents.method import Method

    actions = {*ACTIONS, *(name for kind, name in MORE if kind == provider)}
    if action not in actions:
        give_up(f"{provider} is asked for {', '.join(sorted(actions))}.", code=USAGE)
    if method is not None and method not in set(Method):
        give_up(f"--method is one of {', '.join(Method)}.", code=USAGE)
    wanted = Preview(
        reference=reference,
        amount=amount,
        at=moment(at),
        request_id=SystemIds(SystemClock()).new().hex,
        method=Method(method) if method else None,
        bank_code=bank_code,
        provider_reference=provider_reference,
        paid=paid,
        url=url,
        keys_dir=keys_dir,
        secrets=named_values(secret, option="secret"),
        facts=named_values(fact, option="fact"),
    )
    try:
        made = preview(provider, action, wanted)
    except Unusable as error:
        give_up(str(error), code=USAGE)
    said = {
        "method": made.method,
        "url": made.url,
        "headers": dict(made.headers),
        "body": made.body.decode(),
    }
    if as_json:
        print_json(said)
        return
    typer.echo(f"{made.method} {made.url}")
    for name, value in made.headers.items():
        typer.echo(f"{name}: {value}")
    if made.body:
        typer.echo(f"\n{made.body.decode()}")
