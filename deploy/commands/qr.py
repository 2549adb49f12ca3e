"""`lephi qr`: read and write the payment code that any bank understands."""

from typing import Annotated

import typer

from deploy.commands.printing import give_up, print_json

app = typer.Typer(help="Read and write VietQR payloads.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def read(
    payload: Annotated[str, typer.Argument(help="The text inside the code.")],
    as_json: Json = False,
) -> None:
    """Say what a code asks for. One that cannot be read leaves with 2."""
    from services.payment.domain.qr.vietqr import UnreadableQr, read_qr

    try:
        code = read_qr(payload)
    except UnreadableQr as error:
        if as_json:
            print_json({"valid": False, "reason": error.reason, "message": error.message})
            raise typer.Exit(2) from error
        give_up(f"Unreadable: {error.message}", code=2)
    facts = {
        "bank_bin": code.bank_bin,
        "account": code.account,
        "amount": code.amount,
        "bill_number": code.bill_number,
        "purpose": code.purpose,
        "merchant_name": code.merchant_name,
    }
    if as_json:
        print_json({"valid": True, **facts})
    else:
        for name, value in facts.items():
            typer.echo(f"{name.replace('_', ' ')}: {'–' if value is None else value}")


@app.command()
def write(
    bank_bin: Annotated[str, typer.Option(help="Six digits that name the bank.")],
    account: Annotated[str, typer.Option(help="Account number at that bank.")],
    bill_number: Annotated[str, typer.Option(help="Comes back with the money.")],
    purpose: Annotated[str, typer.Option(help="The memo of the transfer.")],
    merchant_name: Annotated[str, typer.Option(help="Who is paid.")],
    amount: Annotated[
        int | None, typer.Option(help="Whole đồng; left out, the payer names the amount.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the payload of a code. Facts that no code can carry leave with 2."""
    from services.payment.domain.qr.vietqr import DYNAMIC, STATIC, UnwritableQr, VietQr, write_qr

    code = VietQr(
        bank_bin=bank_bin,
        account=account,
        amount=amount,
        bill_number=bill_number,
        purpose=purpose,
        merchant_name=merchant_name,
        point_of_initiation=STATIC if amount is None else DYNAMIC,
    )
    try:
        payload = write_qr(code)
    except UnwritableQr as error:
        give_up(error.message, code=2)
    if as_json:
        print_json({"payload": payload})
    else:
        typer.echo(payload)
