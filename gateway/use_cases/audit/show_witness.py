from collections.abc import Sequence
from typing import Final

from chassis.clock import Clock
from gateway.domain.audit.checkpoint import Cosignature, SignedCheckpoint
from gateway.domain.audit.tree import consistency_spans, hash_of, places_of
from gateway.ports.audit import Witness, WitnessAhead, WitnessRefuses
from gateway.ports.unit_of_work import UnitOfWork

TRIES_MAX: Final = 2


async def show_witness(witness: Witness, *, uow: UnitOfWork, clock: Clock) -> Cosignature | None:
    """Show the latest checkpoint to a witness that has not seen it, and keep what it signs.

    Raises WitnessUnavailable, and WitnessRefuses when the witness knows another log.
    """
    async with uow:
        latest = await uow.audit_tree.latest_checkpoint()
        since = await uow.audit_tree.last_witnessed(witness.name)
    if latest is None or latest.checkpoint.size <= since:
        return None
    jws = await _show(witness, latest, since=since, uow=uow)
    seen = Cosignature(witness=witness.name, size=latest.checkpoint.size, jws=jws, at=clock.now())
    async with uow:
        await uow.audit_tree.add_cosignature(seen)
    return seen


async def _show(
    witness: Witness, latest: SignedCheckpoint, *, since: int, uow: UnitOfWork
) -> str | None:
    for _ in range(TRIES_MAX):
        proof = await _proof(since, latest.checkpoint.size, uow)
        try:
            return await witness.show(latest, since=since, proof=proof)
        except WitnessAhead as ahead:
            # An answer of its own that never reached us; or a log of ours that has shrunk.
            if ahead.size > latest.checkpoint.size:
                raise WitnessRefuses(str(ahead)) from ahead
            since = ahead.size
    raise WitnessRefuses(f"the witness says each time that it holds another size than {since}")


async def _proof(first: int, second: int, uow: UnitOfWork) -> Sequence[bytes]:
    spans = consistency_spans(first, second)
    async with uow:
        nodes = await uow.audit_tree.find_nodes(places_of(spans))
    return [hash_of(span, nodes) for span in spans]
