"""A bank for trying things out: it reads a VietQR, pays, and tells the payee's platform over HTTP.

A program of its own. It knows the platform by the address of its gateway and by nothing else.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from chassis.clock import Clock, SystemClock
from chassis.http import create_api
from chassis.ids import Ids, SystemIds
from chassis.keys import PublicKey, load_private_key, load_public_key, thumbprint
from deploy.sandbox_bank import orders, page, routes
from deploy.sandbox_bank.callbacks import Callbacks
from deploy.sandbox_bank.ledger import BankLedger
from deploy.sandbox_bank.settings import BankSettings
from deploy.sandbox_providers.main import Players, create_players

UNHEARD_AT_START_MAX = 1_000


def create_bank(
    settings: BankSettings,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    client: httpx.AsyncClient | None = None,
) -> FastAPI:
    clock, ids = clock or SystemClock(), ids or SystemIds()
    key = load_private_key(settings.key)
    key_id = thumbprint(key.public_key())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        ledger = BankLedger(settings.ledger)
        async with client or httpx.AsyncClient(timeout=settings.timeout_seconds) as http:
            callbacks = Callbacks(
                settings,
                key=key,
                ledger=ledger,
                client=http,
                clock=clock,
                ids=ids,
            )
            app.state.bank = routes.Bank(
                ledger=ledger,
                callbacks=callbacks,
                key_id=key_id,
                key=key,
                platform_key=_platform_key(settings),
                clock=clock,
                ids=ids,
            )
            players = _players(settings, http, clock, ids)
            if players is not None:
                app.include_router(players.router)
            # Whatever the last run could not make heard is said now.
            for payment in ledger.list_unheard(limit=UNHEARD_AT_START_MAX):
                callbacks.schedule(payment)
            yield
            await callbacks.close()
            if players is not None:
                await players.close()
        ledger.close()

    app = create_api(
        title="Sandbox bank",
        service="sandbox_bank",
        lifespan=lifespan,
        verifier=None,
        clock=clock,
        ids=ids,
    )
    app.include_router(routes.router)
    app.include_router(orders.router)
    app.include_router(page.router)
    return app


def _platform_key(settings: BankSettings) -> PublicKey | None:
    """As the bank was given it when the contract was signed."""
    if settings.keys_dir is None:
        return None
    path = settings.keys_dir / "payment" / "outgoing.pub.pem"
    return load_public_key(path) if path.exists() else None


def _players(
    settings: BankSettings, client: httpx.AsyncClient, clock: Clock, ids: Ids
) -> Players | None:
    """The other providers, played beside the bank when their registrations are at hand."""
    if settings.keys_dir is None:
        return None
    book = settings.ledger.with_name("providers.sqlite") if settings.ledger else None
    return create_players(
        keys_dir=settings.keys_dir,
        own_url=settings.own_url,
        gateway_url=settings.gateway_url,
        book_path=book,
        client=client,
        tools=(clock, ids),
    )
