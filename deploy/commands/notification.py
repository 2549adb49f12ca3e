"""`lephi notification`: is a provider's notice authentic, and how would it be read?

Works on what it is given alone: no server, no database, no registration.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.given import (
    AsJson,
    AtTime,
    Facts,
    Secrets,
    moment,
    named_values,
    private_key,
    public_key,
)
from deploy.commands.printing import give_up, print_json

if TYPE_CHECKING:
    from deploy.notices.sample import Judgement
    from deploy.sandbox_providers.player import SignedNotice

app = typer.Typer(help="Judge and make providers' notices.", no_args_is_help=True)
AUTHENTIC, NOT_AUTHENTIC, UNREADABLE = 0, 1, 2
# One byte more than the gateway reads shows that there is more.
BODY_BYTES_MAX = 65537
PROVIDERS = "vnpay, vnptpay, momo, zalopay, payos, sepay, casso, vietqr, national or bank"
Provider = Annotated[str, typer.Argument(help=PROVIDERS)]


@app.command()
def check(
    provider: Provider,
    secret: Secrets = None,
    query: Annotated[str | None, typer.Option(help="The query of a GET, as received.")] = None,
    body: Annotated[
        str | None, typer.Option(help="A file with the body, byte by byte; - reads it from here.")
    ] = None,
    header: Annotated[list[str] | None, typer.Option(help="'Name: value', as received.")] = None,
    fact: Facts = None,
    url: Annotated[str, typer.Option(help="bank: the address that it posted to.")] = "",
    key: Annotated[Path | None, typer.Option(help="bank: its public key in PEM.")] = None,
    at: AtTime = None,
    as_json: AsJson = False,
) -> None:
    """Leaves with 0 if it is authentic, 1 if it is not, 2 if nobody can tell."""
    from deploy.notices.checking import check_notice
    from deploy.notices.sample import Sample, Unusable

    if (query is None) == (body is None):
        give_up("A notice is given by --query or by --body, one of them.", code=UNREADABLE)
    try:
        sample = Sample(
            method="POST" if query is None else "GET",
            query=(query or "").removeprefix("?"),
            headers=_headers(header),
            body=b"" if body is None else _body(body),
            secrets=named_values(secret, option="secret"),
            facts=named_values(fact, option="fact"),
            at=moment(at),
            url=url,
            key=public_key(key),
        )
        judged = check_notice(provider, sample)
    except Unusable as error:
        if as_json:
            print_json(_unread(authentic=False, reason=str(error)))
        give_up(f"Unreadable: {error}", code=UNREADABLE)
    _show(judged, as_json=as_json)
    if not judged.authentic:
        raise typer.Exit(NOT_AUTHENTIC)
    raise typer.Exit(AUTHENTIC if judged.notice else UNREADABLE)


@app.command()
def sign(
    provider: Provider,
    reference: Annotated[str, typer.Option(help="Our name for the payment.")],
    amount: Annotated[int, typer.Option(help="Whole đồng.", min=1, max=10**12)],
    secret: Secrets = None,
    outcome: Annotated[str, typer.Option(help="succeeded or failed.")] = "succeeded",
    fact: Facts = None,
    url: Annotated[str, typer.Option(help="bank: the address that it will post to.")] = "",
    key: Annotated[Path | None, typer.Option(help="bank: a private key in PEM.")] = None,
    at: AtTime = None,
    as_json: AsJson = False,
) -> None:
    """Make a notice that `check` accepts, as the sandbox that plays the provider does."""
    from deploy.notices.making import OUTCOMES, Wanted, make_notice
    from deploy.notices.sample import Unusable

    if outcome not in OUTCOMES:
        give_up(f"--outcome is {' or '.join(OUTCOMES)}.", code=UNREADABLE)
    wanted = Wanted(
        reference=reference,
        amount=amount,
        outcome=outcome,
        at=moment(at),
        secrets=named_values(secret, option="secret"),
        facts=named_values(fact, option="fact"),
        url=url,
        key=private_key(key),
    )
    try:
        notice = make_notice(provider, wanted)
    except Unusable as error:
        give_up(str(error), code=UNREADABLE)
    _print_notice(notice, as_json=as_json)


def _headers(given: list[str] | None) -> tuple[tuple[str, str], ...]:
    read: list[tuple[str, str]] = []
    for one in given or ():
        name, colon, value = one.partition(":")
        if not colon or not name.strip():
            give_up("--header is 'Name: value'.", code=UNREADABLE)
        read.append((name.strip().lower(), value.strip()))
    return tuple(read)


def _body(name: str) -> bytes:
    try:
        if name == "-":
            return sys.stdin.buffer.read(BODY_BYTES_MAX)
        with Path(name).open("rb") as file:
            return file.read(BODY_BYTES_MAX)
    except OSError as error:
        give_up(f"{name}: cannot be read ({type(error).__name__}).", code=UNREADABLE)


def _show(judged: "Judgement", *, as_json: bool) -> None:
    notice = judged.notice
    if notice is None:
        said = _unread(
            authentic=judged.authentic,
            reason=judged.reason or "",
            evidence_level=judged.evidence_level,
        )
    else:
        said = {
            "authentic": True,
            "reference": judged.reference,
            "amount": notice.amount.minor_units,
            "outcome": notice.outcome.value,
            "evidence_level": judged.evidence_level,
        }
    if as_json:
        print_json(said)
        return
    typer.echo("authentic" if judged.authentic else "NOT authentic")
    for name, value in said.items():
        if name != "authentic" and value is not None:
            typer.echo(f"{name.replace('_', ' ')}: {value}")


def _unread(*, authentic: bool, reason: str, evidence_level: str | None = None) -> dict[str, Any]:
    return {
        "authentic": authentic,
        "reference": None,
        "amount": None,
        "outcome": None,
        "evidence_level": evidence_level,
        "reason": reason,
    }


def _print_notice(notice: "SignedNotice", *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "method": notice.method,
                "query": notice.query,
                "headers": dict(notice.headers),
                "body": notice.body.decode(),
            }
        )
        return
    typer.echo(notice.method)
    for name, value in notice.headers.items():
        typer.echo(f"{name}: {value}")
    typer.echo(notice.query or notice.body.decode())
