"""The demo: a platform to travel on, the journey, and what it leaves behind."""

import asyncio
from pathlib import Path
from typing import Final

import typer

from deploy.demo import (
    confirming_steps,
    opening_steps,
    paying_steps,
    proving_steps,
    receiving_steps,
)
from deploy.demo.context import Demo, Place, open_demo
from deploy.demo.journey import Step, travel, write_journey
from deploy.demo.platform import PlatformNotUp, embedded_platform, services_platform
from deploy.demo.telling import teller_for

LEFT_BEHIND: Final = (
    "journey.json",
    "slip.pdf",
    "receipt*.xml",
    "receipt*.pdf",
    "evidence.zip",
    "altered/receipt.*",
    "altered/evidence.zip",
    "[0-9][0-9][0-9].eml",
)
JOURNEY: Final = (
    Step[Demo]("The portal asks to be told by webhook", opening_steps.subscribe),
    Step[Demo]("The portal submits a dossier, signed", opening_steps.submit_dossier),
    Step[Demo]("The fee is computed and the payment intent is open", opening_steps.see_the_fee),
    Step[Demo]("The payer registers: password, codes, device key", confirming_steps.register_payer),
    Step[Demo]("The payer confirms exactly this fee", confirming_steps.confirm_fee),
    Step[Demo]("The slip carries the code", confirming_steps.fetch_slip),
    Step[Demo]("The bank pays from the code", paying_steps.pay),
    Step[Demo]("The receipts are numbered and signed", receiving_steps.receive),
    Step[Demo]("The dossier, the citizen and the portal hear of it", receiving_steps.hear),
    Step[Demo]("Anyone can prove it, with no server and no network", proving_steps.prove),
)


def run_demo(*, embedded: bool, out: Path, var_dir: Path, base_port: int) -> int:
    """Run the journey and say how it went: 0 when every step held."""
    clear(out)
    platform = (
        embedded_platform(var_dir, out)
        if embedded
        else services_platform(var_dir, out, base_port=base_port)
    )
    try:
        with platform as place:
            failure = asyncio.run(take_journey(place))
    except PlatformNotUp as error:
        typer.echo(f"The platform is not up. {error}")
        return 1
    if failure is None:
        typer.echo(f"\nAll of it held. The documents are in {out}/.")
        return 0
    typer.echo(f"\nThe journey ended early; what it saw is in {out}/journey.json.", err=True)
    return 1


def clear(out: Path) -> None:
    """Take away what an earlier run left, and nothing that is not ours."""
    out.mkdir(parents=True, exist_ok=True)
    for pattern in LEFT_BEHIND:
        for path in out.glob(pattern):
            path.unlink()


async def take_journey(place: Place) -> str | None:
    """Why the journey failed, or None. Whatever happened is written to journey.json."""
    async with open_demo(place) as demo:
        reports, failure = await travel(JOURNEY, demo, teller_for(len(JOURNEY)))
    write_journey(place.out / "journey.json", reports, failure=failure, facts=demo.facts)
    return failure
