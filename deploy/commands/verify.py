"""`lephi verify`: prove a receipt or an evidence bundle, with no server and no network."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.printing import give_up, print_json

if TYPE_CHECKING:
    from deploy.verifier import Verdict

DEFAULT_ANCHORS = Path("var/trust/anchors.json")


def verify(
    file: Annotated[Path, typer.Argument(help="receipt.xml, receipt.pdf or evidence.zip")],
    anchors: Annotated[
        Path | None,
        typer.Option(help="Whom to trust. Else $LEPHI_ANCHORS, else var/trust/anchors.json."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a file against the anchors: 0 valid, 1 invalid, 2 unreadable."""
    from deploy.verifier import Unreadable, verify_file

    # Never the folder of the file: whoever forges one can forge anchors beside it.
    trusted = anchors or Path(os.environ.get("LEPHI_ANCHORS") or DEFAULT_ANCHORS)
    try:
        verdict = verify_file(file, anchors=trusted)
    except Unreadable as error:
        if as_json:
            print_json({"file": str(file), "valid": None, "reason": str(error)})
            raise typer.Exit(2) from error
        give_up(f"Unreadable: {error}", code=2)
    if as_json:
        print_json(_as_object(file, verdict))
    else:
        _tell(file, verdict)
    raise typer.Exit(0 if verdict.valid else 1)


def _as_object(file: Path, verdict: "Verdict") -> dict[str, Any]:
    return {
        "file": str(file),
        "valid": verdict.valid,
        "items": [
            {"name": item.name, "valid": item.valid, "detail": item.detail}
            for item in verdict.items
        ],
    }


def _tell(file: Path, verdict: "Verdict") -> None:
    for item in verdict.items:
        typer.echo(f"{'ok  ' if item.valid else 'FAIL'}  {item.name}: {item.detail}")
    typer.echo(f"{file}: {'valid' if verdict.valid else 'INVALID'}")
