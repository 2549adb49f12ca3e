"""`lephi bank`: the sandbox bank, a program of its own."""

from pathlib import Path
from typing import Annotated

import typer


def bank(
    port: Annotated[int, typer.Option(help="Where the bank listens.")] = 8409,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    gateway_url: Annotated[
        str, typer.Option(envvar="BANK_GATEWAY_URL", help="Whom it tells of payments.")
    ] = "http://127.0.0.1:8400",
    key: Annotated[Path, typer.Option(help="What it signs with.")] = Path(
        "var/keys/clients/bank-sandbox.key.pem"
    ),
    ledger: Annotated[
        Path | None, typer.Option(help="Keep the book in this file; else in memory.")
    ] = None,
) -> None:
    """Run the sandbox bank, which reads a VietQR, pays it and posts signed callbacks."""
    from chassis.logging import configure_logging
    from deploy.commands.serving import run_app
    from deploy.sandbox_bank.main import create_bank
    from deploy.sandbox_bank.settings import BankSettings

    configure_logging()
    settings = BankSettings(
        gateway_url=gateway_url,
        key=key,
        ledger=ledger,
        # Beside `clients/`, where the bank's own key lies.
        keys_dir=key.parent.parent,
        own_url=f"http://{host}:{port}",
    )
    run_app(create_bank(settings), host=host, port=port)
