"""`lephi verify`: prove a receipt or an evidence bundle, with no server and no network."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.printing import print_json

if TYPE_CHECKING:
    from deploy.verifier import Verdict

DEFAULT_ANCHORS = Path("var/trust/anchors.json")


# `lephi verify bundle FILE` takes nothing else for proof of a fee.
BUNDLE = Path("bundle")
VALID, INVALID, UNREADABLE = 0, 1, 2


def verify(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="[bundle] FILE…", help="receipt.xml, receipt.pdf, evidence.zip, or bundles only"
        ),
    ],
    anchors: Annotated[
        Path | None,
        typer.Option(help="Whom to trust. Else $LEPHI_ANCHORS, else var/trust/anchors.json."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line for each file.")
    ] = False,
) -> None:
    """Check files against the anchors: 0 valid, 1 invalid, 2 unreadable; of several, the worst."""
    bundles_only = len(files) > 1 and files[0] == BUNDLE
    files = files[1:] if bundles_only else files
    # Never the folder of the file: whoever forges one can forge anchors beside it.
    trusted = anchors or Path(os.environ.get("LEPHI_ANCHORS") or DEFAULT_ANCHORS)
    raise typer.Exit(
        max(_verify(file, trusted, as_json=as_json, bundle=bundles_only) for file in files)
    )


def _verify(file: Path, anchors: Path, *, as_json: bool, bundle: bool) -> int:
    from deploy.verifier import Unreadable, verify_file

    try:
        verdict = verify_file(file, anchors=anchors)
        if bundle and not verdict.kind.endswith("bundle"):
            raise Unreadable(f"{file} is no evidence bundle but a {verdict.kind}")
    except Unreadable as error:
        if as_json:
            print_json({"file": str(file), "valid": None, "reason": str(error)})
        else:
            typer.echo(f"Unreadable: {error}", err=True)
        return UNREADABLE
    if as_json:
        print_json(_as_object(file, verdict))
    else:
        _tell(file, verdict)
    return VALID if verdict.valid else INVALID


def _as_object(file: Path, verdict: "Verdict") -> dict[str, Any]:
    return {
        "file": str(file),
        "kind": verdict.kind,
        "valid": verdict.valid,
        "items": [
            {"name": item.name, "valid": item.valid, "note": item.note, "detail": item.detail}
            for item in verdict.items
        ],
    }


def _tell(file: Path, verdict: "Verdict") -> None:
    for item in verdict.items:
        word = "note" if item.note else "ok  " if item.valid else "FAIL"
        typer.echo(f"{word}  {item.name}: {item.detail}")
    typer.echo(f"{file}: {'valid' if verdict.valid else 'INVALID'}")
