"""`lephi words`: an amount as a receipt spells it."""

from typing import Annotated

import typer

from deploy.commands.printing import give_up, print_json

DIGITS_MAX = 16


def words(
    amount: Annotated[str, typer.Argument(help="Whole đồng, digits only.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write an amount out in Vietnamese. A bad amount leaves with 2."""
    from services.receipt.domain.receipts.amount_in_words import amount_in_words

    if not (amount.isascii() and amount.isdigit() and len(amount) <= DIGITS_MAX):
        give_up(f"{amount!r} is not a whole amount of at most {DIGITS_MAX} digits.", code=2)
    spelled = amount_in_words(int(amount))
    if as_json:
        print_json({"amount": int(amount), "words": spelled})
    else:
        typer.echo(spelled)
