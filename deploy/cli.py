"""The program `lephi`.

A command imports what it runs when it runs, so a payment service never loads a PDF library.
"""

import typer

from deploy.commands import (
    audit,
    authority,
    bank,
    catalog,
    contracts,
    dead_letters,
    demo,
    identity,
    issuer,
    keys,
    ledger,
    maintenance,
    migrate,
    notification,
    officer,
    people,
    platform,
    provider,
    qr,
    receipts,
    serve,
    settlement,
    signers,
    verify,
    witness,
    words,
)

app = typer.Typer(
    name="lephi",
    help="Fees of public procedures: payment by any bank, a signed receipt, proof for years.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("migrate")(migrate.migrate)
app.command("up")(platform.up)
app.command("down")(platform.down)
app.command("demo")(demo.demo)
app.command("bank")(bank.bank)
app.command("identity")(identity.identity)
app.command("authority")(authority.authority)
app.command("witness")(witness.witness)
app.command("words")(words.words)
app.command("verify")(verify.verify)
app.add_typer(audit.app, name="audit")
app.add_typer(catalog.app, name="catalog")
app.add_typer(settlement.app, name="settlement")
app.add_typer(contracts.app, name="contracts")
app.add_typer(keys.app, name="keys")
app.add_typer(ledger.app, name="ledger")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(qr.app, name="qr")
app.add_typer(notification.app, name="notification")
app.add_typer(provider.app, name="provider")
app.add_typer(issuer.app, name="issuer")
app.add_typer(signers.app, name="signers")
app.add_typer(receipts.app, name="receipts")
app.add_typer(officer.app, name="officer")
app.add_typer(people.app, name="people")
app.add_typer(maintenance.app, name="maintenance")


def main() -> None:
    app()
