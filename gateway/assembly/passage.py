"""The way in: every door, what it is checked against, and what stands behind it."""

from gateway.api.machines.tools import MachineTools
from gateway.assembly.parts import Parts
from gateway.authentication.machines.signed_requests import SignedRequests
from gateway.routes.client_door import ClientDoor
from gateway.routes.clock_watch import ClockWatch
from gateway.routes.doors import Doors
from gateway.routes.edge import Passage
from gateway.routes.forwarding import Forwarding
from gateway.routes.metered import MeteredSignatures
from gateway.routes.person_door import PersonDoor
from gateway.routes.route import RouteTable
from gateway.routes.signed_answers import SignedAnswers
from gateway.routes.table import METRICS_ROUTE, ROUTES
from gateway.routes.token_door import TokenDoor
from gateway.storage.database_clock import read_database_clock
from gateway.storage.maintenance.standing_windows import HeldWindows


def build_passage(parts: Parts, machines: MachineTools, clock_watch: ClockWatch) -> Passage:
    settings = parts.settings
    return Passage(
        table=RouteTable((*ROUTES, METRICS_ROUTE) if settings.metrics_exposed else ROUTES),
        doors=_doors(parts, machines),
        forwarding=Forwarding(parts.calls, parts.new_uow, clock=parts.clock),
        answers=SignedAnswers.from_file(
            settings.keys_dir / "gateway" / "answers.key.pem",
            public_origin=settings.public_origin,
            clock=parts.clock,
        ),
        buckets=parts.buckets,
        misses=parts.misses,
        clock_watch=clock_watch,
    )


def build_clock_watch(parts: Parts) -> ClockWatch:
    return ClockWatch(
        lambda: read_database_clock(parts.database),
        clock=parts.clock,
        difference_seconds_max=parts.settings.clock_difference_seconds_max,
    )


def _doors(parts: Parts, machines: MachineTools) -> Doors:
    settings, buckets = parts.settings, parts.buckets
    signatures = SignedRequests(parts.keys, public_origin=settings.public_origin)
    return Doors(
        ClientDoor(
            MeteredSignatures(signatures, buckets),
            TokenDoor(machines.tokens, buckets, parts.new_uow),
            parts.new_admission,
            ids=parts.ids,
        ),
        parts.new_uow,
        callbacks=parts.callbacks,
        windows=HeldWindows(parts.new_uow, clock=parts.clock),
        people=PersonDoor(parts.new_uow, public_origin=settings.public_origin),
        ids=parts.ids,
    )
