import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from starlette.middleware import Middleware

from chassis.auth import TokenMinter
from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.http import create_api
from chassis.ids import Ids, SystemIds
from chassis.keys import load_public_key, public_jwk, thumbprint
from chassis.message_signatures import algorithm_of
from chassis.sealing import Sealer
from gateway.api import ROUTERS
from gateway.api.confirming.tools import CertificateTools
from gateway.api.dependencies import Tools
from gateway.api.machines.tokens import speak_oauth
from gateway.api.machines.tools import MachineTools
from gateway.authentication.callbacks.provider_checks import provider_callbacks
from gateway.authentication.confirming.certificate_signatures import TrustedCertificates
from gateway.authentication.confirming.device_proofs import JwsDeviceProofs
from gateway.authentication.confirming.revocation import AuthorityAnswers
from gateway.authentication.evidence.bundle_signer import JwsBundleSigner
from gateway.authentication.machines.access_tokens import JwtAccessTokens, load_token_key
from gateway.authentication.machines.client_assertions import JwtClientAssertions
from gateway.authentication.machines.key_cache import KeyCache
from gateway.authentication.machines.key_proofs import JwsKeyProofs
from gateway.authentication.machines.sender_proofs import DpopProofs
from gateway.authentication.machines.server_nonces import ServerNonces
from gateway.authentication.machines.signed_requests import SignedRequests
from gateway.authentication.people.federations import OidcFederations
from gateway.authentication.people.one_time_codes import ISSUER, TotpCodes
from gateway.authentication.people.passkeys import WebauthnPasskeys
from gateway.authentication.people.passwords import Argon2Passwords
from gateway.authentication.people.provider_documents import ProviderHttp
from gateway.domain.machines.client import Algorithm, Client, ClientClass, ClientKey
from gateway.domain.people.passkey import RelyingParty
from gateway.pages.documents import documents_router
from gateway.pages.key_set import key_set_router
from gateway.pages.openapi import merge, path_key, read_documents
from gateway.pages.shown_texts import TemplateTexts
from gateway.ports.maintenance import Probe
from gateway.ports.unit_of_work import UnitOfWork
from gateway.ports.upstream import Upstream
from gateway.providers.http_upstream import HttpUpstream
from gateway.providers.payments import PaymentService
from gateway.providers.probe import HeldProbe
from gateway.providers.receipts import ReceiptService
from gateway.providers.service_calls import ServiceCalls
from gateway.providers.time_stamps import HttpTimeStamps
from gateway.routes.buckets import Buckets
from gateway.routes.client_door import ClientDoor
from gateway.routes.clock_watch import ClockWatch
from gateway.routes.doors import Doors
from gateway.routes.edge import Edge, Passage
from gateway.routes.forwarding import Forwarding
from gateway.routes.gate import Gate, lanes
from gateway.routes.headers import security_headers
from gateway.routes.metered import MeteredCallbacks, MeteredSignatures
from gateway.routes.person_door import PersonDoor
from gateway.routes.route import OWN, Demand, RouteTable
from gateway.routes.signed_answers import SignedAnswers
from gateway.routes.table import METRICS_ROUTE, ROUTES
from gateway.routes.token_door import TokenDoor
from gateway.settings import GatewaySettings
from gateway.storage.database_clock import read_database_clock
from gateway.storage.maintenance.standing_windows import HeldWindows
from gateway.storage.readiness import is_ready
from gateway.storage.unit_of_work import SqlUnitOfWork
from gateway.use_cases.machines.issue_token import TokenTools
from gateway.use_cases.machines.key_changes import KeyChange
from gateway.use_cases.machines.register_client import register_client

VERSION: Final = "0.1.0"
BANK_PREFIX: Final = "bank-"
DEVELOPMENT_ACTOR: Final = "operator:development"
SECURITY_OF: Final[dict[Demand, list[dict[str, list[str]]]]] = {
    Demand.PUBLIC: [],
    Demand.SIGNED: [{"messageSignature": []}],
    Demand.CALLBACK: [{"messageSignature": []}, {"providerScheme": []}],
    Demand.SESSION: [{"session": []}],
    Demand.SIGNED_OR_SESSION: [{"messageSignature": []}, {"session": []}],
}


def create_app(
    settings: GatewaySettings,
    *,
    upstream: Upstream | None = None,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> FastAPI:
    """The one public door. Without `upstream` the services are called over HTTP."""
    clock = clock or SystemClock()
    ids = ids or SystemIds(clock)
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)
    reached = upstream or HttpUpstream(
        settings.upstream_origins, timeout_seconds=settings.upstream_timeout_seconds
    )

    def new_uow() -> SqlUnitOfWork:
        return SqlUnitOfWork(opened, clock=clock, ids=ids)

    clock_watch = _clock_watch(settings, opened, clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(clock_watch.keep_looking())
        yield
        watching.cancel()
        await reached.close()
        if database is None:
            await opened.close()

    app = create_api(
        title="Gateway",
        service=OWN,
        verifier=None,
        clock=clock,
        ids=ids,
        version=VERSION,
        lifespan=lifespan,
        ready=lambda: is_ready(opened),
        lanes=lanes(
            at_once_max=settings.at_once_max, callbacks_at_once_max=settings.callbacks_at_once_max
        ),
    )
    minter = TokenMinter.from_directory(OWN, settings.keys_dir / "internal", clock=clock, ids=ids)
    calls = ServiceCalls(reached, minter)
    probe = HeldProbe(
        reached, tuple(settings.upstream_origins), lambda: is_ready(opened), clock=clock
    )
    app.state.tools = _tools(settings, calls, probe=probe, new_uow=new_uow, clock=clock, ids=ids)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(documents_router(lambda: merged_openapi(app, settings)))
    app.include_router(key_set_router(settings.keys_dir / "gateway"))
    table = RouteTable((*ROUTES, METRICS_ROUTE) if settings.metrics_exposed else ROUTES)
    keys = KeyCache(new_uow, clock=clock)
    machines = _machine_tools(settings, keys, clock=clock, ids=ids)
    app.state.machines = machines
    speak_oauth(app)
    buckets = Buckets(settings.limits, clock=clock)
    signatures = SignedRequests(keys, public_origin=settings.public_origin)
    wall = Middleware(
        Edge,
        passage=Passage(
            table=table,
            doors=Doors(
                ClientDoor(
                    MeteredSignatures(signatures, buckets),
                    TokenDoor(machines.tokens, buckets, new_uow),
                    new_uow,
                    ids=ids,
                ),
                new_uow,
                callbacks=_callbacks(settings, keys, buckets),
                windows=HeldWindows(new_uow, clock=clock),
                people=PersonDoor(new_uow, public_origin=settings.public_origin),
                ids=ids,
            ),
            forwarding=Forwarding(calls, new_uow, clock=clock),
            answers=_signed_answers(settings, clock),
            buckets=buckets,
            clock_watch=clock_watch,
        ),
        clock=clock,
        terminators=settings.terminator_networks,
        certificate_header=settings.client_certificate_header,
    )
    # Last in the list is innermost: within the chassis' front, before any route of ours.
    app.user_middleware.append(wall)
    app.state.clock_watch = clock_watch
    _stand_gate(app, settings, buckets, ids=ids)
    return app


def _stand_gate(app: FastAPI, settings: GatewaySettings, buckets: Buckets, *, ids: Ids) -> None:
    """The outermost layer, around the chassis' front as well."""
    app.add_middleware(
        Gate,
        buckets=buckets,
        terminators=settings.terminator_networks,
        security=security_headers(public_origin=settings.public_origin),
        ids=ids,
    )


def _clock_watch(settings: GatewaySettings, database: Database, clock: Clock) -> ClockWatch:
    return ClockWatch(
        lambda: read_database_clock(database),
        clock=clock,
        difference_seconds_max=settings.clock_difference_seconds_max,
    )


def _callbacks(settings: GatewaySettings, keys: KeyCache, buckets: Buckets) -> MeteredCallbacks:
    checks = provider_callbacks(settings.keys_dir, keys, public_origin=settings.public_origin)
    return MeteredCallbacks(checks, buckets)


def _signed_answers(settings: GatewaySettings, clock: Clock) -> SignedAnswers:
    path = settings.keys_dir / "gateway" / "answers.key.pem"
    return SignedAnswers.from_file(path, public_origin=settings.public_origin, clock=clock)


def _machine_tools(
    settings: GatewaySettings, keys: KeyCache, *, clock: Clock, ids: Ids
) -> MachineTools:
    issuer = settings.public_origin.rstrip("/")
    key = load_token_key(settings.keys_dir / "gateway")
    return MachineTools(
        key_proofs=JwsKeyProofs(),
        overlap_min=timedelta(days=settings.client_key_overlap_days_min),
        tokens=TokenTools(
            assertions=JwtClientAssertions(keys, issuer=issuer, clock=clock),
            sender_proofs=DpopProofs(ServerNonces.beside(key), origin=issuer, clock=clock),
            tokens=JwtAccessTokens(key, keys, issuer=issuer, clock=clock, ids=ids),
            clock=clock,
        ),
        issuer=issuer,
    )


def _tools(
    settings: GatewaySettings,
    calls: ServiceCalls,
    *,
    probe: Probe,
    new_uow: Callable[[], UnitOfWork],
    clock: Clock,
    ids: Ids,
) -> Tools:
    sealer = Sealer.from_directory(settings.keys_dir / "sealing")
    return Tools(
        new_uow=new_uow,
        passwords=Argon2Passwords(
            time_cost=settings.argon2_time_cost,
            memory_kibibytes=settings.argon2_memory_kibibytes,
            at_once_max=settings.argon2_at_once_max,
        ),
        passkeys=WebauthnPasskeys(
            RelyingParty(id=settings.relying_party_id, name=ISSUER, origin=settings.public_origin)
        ),
        federations=OidcFederations(
            OidcFederations.read_entries(settings.federations_file),
            ProviderHttp(),
            public_origin=settings.public_origin,
            clock=clock,
            ids=ids,
        ),
        codes=TotpCodes(sealer, ids=ids, period_seconds=settings.totp_period_seconds),
        proofs=JwsDeviceProofs(),
        certificates=CertificateTools(
            signatures=TrustedCertificates.from_directory(settings.keys_dir),
            revocation=AuthorityAnswers(settings.keys_dir),
        ),
        texts=TemplateTexts(),
        payments=PaymentService(calls),
        receipts=ReceiptService(calls),
        signer=JwsBundleSigner.from_file(settings.keys_dir / "gateway" / "evidence.key.pem"),
        time_stamps=HttpTimeStamps.of(settings.tsa_url, settings.keys_dir, clock=clock, ids=ids),
        evidence_wait_seconds=settings.evidence_wait_seconds,
        audience=settings.public_origin,
        probe=probe,
        clock=clock,
        ids=ids,
    )


def merged_openapi(app: FastAPI, settings: GatewaySettings) -> dict[str, Any]:
    """What /openapi.json says: every service's document and our own, as far as the table shows."""
    documents = read_documents(settings.openapi_dir, settings.upstream_origins)
    documents[OWN] = app.openapi()
    shown = {(route.method, path_key(route.path)): SECURITY_OF[route.demand] for route in ROUTES}
    return merge(documents, shown=shown, version=VERSION, origin=settings.public_origin)


async def register_development_clients(
    settings: GatewaySettings,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> None:
    """Let in whoever has a key under keys/clients: `bank-<provider>` as a bank, else a portal."""
    clock = clock or SystemClock()
    opened = database or Database.open(settings.database_url, pool_size=1)
    used_ids = ids or SystemIds(clock)
    change = KeyChange(actor=DEVELOPMENT_ACTOR, clock=clock, ids=used_ids)
    files = await asyncio.to_thread(_public_keys, settings.keys_dir / "clients")
    try:
        for path in files:
            client, key = await asyncio.to_thread(_client_of, path, clock)
            uow = SqlUnitOfWork(opened, clock=clock, ids=used_ids)
            await register_client(client, key, change=change, uow=uow)
    finally:
        if database is None:
            await opened.close()


def _public_keys(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pub.pem"))


def _client_of(path: Path, clock: Clock) -> tuple[Client, ClientKey]:
    name = path.name.removesuffix(".pub.pem")
    is_bank = name.startswith(BANK_PREFIX)
    client = Client(
        id=name,
        client_class=ClientClass.BANK if is_bank else ClientClass.PORTAL,
        provider=name.removeprefix(BANK_PREFIX) if is_bank else None,
    )
    public_key = load_public_key(path)
    key = ClientKey(
        id=thumbprint(public_key),
        client_id=name,
        algorithm=Algorithm(algorithm_of(public_key)),
        public_jwk=public_jwk(public_key),
        registered_at=clock.now(),
    )
    return client, key
