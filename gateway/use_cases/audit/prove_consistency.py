from gateway.domain.audit.errors import CheckpointNotFound, SizesOutOfOrder
from gateway.domain.audit.leaf import ConsistencyProof
from gateway.domain.audit.tree import consistency_spans, hash_of, places_of
from gateway.ports.unit_of_work import UnitOfWork


async def prove_consistency(first: int, second: int, *, uow: UnitOfWork) -> ConsistencyProof:
    """That the log of `first` leaves begins the log of `second`."""
    if first > second:
        raise SizesOutOfOrder
    spans = consistency_spans(first, second)
    async with uow:
        if await uow.audit_tree.size() < second:
            raise CheckpointNotFound
        nodes = await uow.audit_tree.find_nodes(places_of(spans))
    return ConsistencyProof(
        first=first, second=second, path=[hash_of(span, nodes) for span in spans]
    )
