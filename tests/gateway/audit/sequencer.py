"""The worker's audit turns as a process of its own, for a test that kills it: URL, keys, folder."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from chassis.clock import SystemClock
from chassis.db import Database
from gateway.authentication.audit.checkpoint_signer import JwsCheckpointSigner
from gateway.domain.audit.errors import LogBroken
from gateway.providers.witnesses import FileWitness
from gateway.use_cases.audit.place_pending import place_pending
from gateway.use_cases.audit.show_witness import show_witness
from gateway.use_cases.audit.sign_checkpoint import sign_checkpoint
from tests.gateway.audit.rig import Rig

BATCH = 3


async def main(url: str, keys: Path, folder: Path) -> None:
    rig = Rig(
        Database.open(url, pool_size=2), JwsCheckpointSigner.from_directory(keys), SystemClock()
    )
    rig.every = timedelta(0)
    witness = FileWitness("finance", folder)
    while True:
        try:
            await place_pending(uow=rig.uow(), limit=BATCH)
            await sign_checkpoint(uow=rig.uow(), tools=rig.signing)
            await show_witness(witness, uow=rig.uow(), clock=rig.clock)
        except LogBroken as broken:
            sys.exit(f"broken: {broken}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
