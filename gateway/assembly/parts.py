"""What everything is built from: one of each in a process."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from chassis.auth import TokenMinter
from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.ids import Ids, SystemIds
from gateway.authentication.callbacks.provider_checks import provider_callbacks
from gateway.authentication.machines.key_cache import KeyCache
from gateway.ports.machines import NonceScope
from gateway.ports.upstream import Upstream
from gateway.providers.http_upstream import HttpUpstream
from gateway.providers.probe import HeldProbe
from gateway.providers.service_calls import ServiceCalls
from gateway.routes.buckets import Buckets
from gateway.routes.metered import MeteredCallbacks
from gateway.routes.misses import Misses
from gateway.routes.route import OWN
from gateway.settings import GatewaySettings
from gateway.storage.machines.driver_admission import DriverAdmission
from gateway.storage.readiness import is_ready
from gateway.storage.unit_of_work import SqlUnitOfWork


@dataclass(frozen=True, kw_only=True)
class Parts:
    settings: GatewaySettings
    database: Database
    upstream: Upstream
    clock: Clock
    ids: Ids

    @classmethod
    def of(
        cls,
        settings: GatewaySettings,
        *,
        upstream: Upstream | None,
        database: Database | None,
        clock: Clock | None,
        ids: Ids | None,
    ) -> Self:
        """What is not given is made: services over HTTP, the configured database, real time."""
        clock = clock or SystemClock()
        return cls(
            settings=settings,
            database=database
            or Database.open(settings.database_url, pool_size=settings.database_pool_size),
            upstream=upstream
            or HttpUpstream(
                settings.upstream_origins, timeout_seconds=settings.upstream_timeout_seconds
            ),
            clock=clock,
            ids=ids or SystemIds(clock),
        )

    def new_uow(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.database, clock=self.clock, ids=self.ids)

    def new_admission(self) -> NonceScope:
        if self.database.dialect == "postgresql":
            return DriverAdmission(self.database, clock=self.clock, ids=self.ids)
        return self.new_uow()

    async def is_ready(self) -> bool:
        return await is_ready(self.database)

    @cached_property
    def calls(self) -> ServiceCalls:
        minter = TokenMinter.from_directory(
            OWN, self.settings.keys_dir / "internal", clock=self.clock, ids=self.ids
        )
        return ServiceCalls(self.upstream, minter)

    @cached_property
    def probe(self) -> HeldProbe:
        return HeldProbe(
            self.upstream, tuple(self.settings.upstream_origins), self.is_ready, clock=self.clock
        )

    @cached_property
    def keys(self) -> KeyCache:
        return KeyCache(self.new_uow, clock=self.clock)

    @cached_property
    def callbacks(self) -> MeteredCallbacks:
        settings = self.settings
        checks = provider_callbacks(
            settings.keys_dir, self.keys, public_origin=settings.public_origin
        )
        return MeteredCallbacks(checks, self.buckets)

    @cached_property
    def buckets(self) -> Buckets:
        return Buckets(self.settings.limits, clock=self.clock)

    @cached_property
    def misses(self) -> Misses:
        return Misses(self.buckets)
