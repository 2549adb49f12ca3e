from dataclasses import dataclass, field
from datetime import timedelta

from gateway.domain.evidence.stamp import CheckpointStamp
from gateway.use_cases.evidence.stamp_checkpoint import StampingTools, stamp_checkpoint
from tests.gateway.evidence.rig import EvidenceRig


@dataclass
class RememberingGauges:
    sizes: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def stamped(self, stamp: CheckpointStamp) -> None:
        self.sizes.append(stamp.size)

    def failed(self, reason: str) -> None:
        self.failures.append(reason)


def tools_of(rig: EvidenceRig, *, every: timedelta = timedelta(hours=1)) -> StampingTools:
    return StampingTools(
        time_stamps=rig.stamps, gauges=RememberingGauges(), clock=rig.world.clock, every=every
    )


async def stamp_newest(rig: EvidenceRig) -> CheckpointStamp | None:
    return await stamp_checkpoint(uow=rig.log.uow(), tools=tools_of(rig))
