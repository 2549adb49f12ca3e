"""The providers of Việt Nam, played: each speaks its own protocol below `/providers/<name>`.

They live in the sandbox bank's process. They share the secrets of the registrations, as the real
ones do, and know the platform by the address of its gateway and by nothing else.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx
from fastapi import APIRouter

from chassis.clock import Clock
from chassis.ids import Ids
from deploy.sandbox_providers.book import Book
from deploy.sandbox_providers.casso import Casso
from deploy.sandbox_providers.echeque import ChequeClearing
from deploy.sandbox_providers.momo import MomoPlayer
from deploy.sandbox_providers.national import NationalPlatform
from deploy.sandbox_providers.page import page_routes
from deploy.sandbox_providers.payos import PayosPlayer
from deploy.sandbox_providers.player import Desk, Play
from deploy.sandbox_providers.routes import control_routes
from deploy.sandbox_providers.sepay import SePay
from deploy.sandbox_providers.teller import Teller
from deploy.sandbox_providers.transfers import transfer_routes
from deploy.sandbox_providers.vietqr import VietQr
from deploy.sandbox_providers.vnpay import Vnpay
from deploy.sandbox_providers.vnptpay import VnptPay
from deploy.sandbox_providers.zalopay import ZalopayPlayer

# By the kind of provider that it plays. A new one is a file beside this and a line in it.
PLAYERS: Final[Mapping[str, Play]] = {
    "casso": Casso,
    "echeque": ChequeClearing,
    "momo": MomoPlayer,
    "payos": PayosPlayer,
    "sepay": SePay,
    "vietqr": VietQr,
    "zalopay": ZalopayPlayer,
    "vnpay": Vnpay,
    "vnptpay": VnptPay,
    "national": NationalPlatform,
}
# Those of them that watch an account and know no orders.
FEEDS: Final = frozenset({"casso", "sepay", "vietqr"})


class Players:
    def __init__(
        self,
        *,
        keys_dir: Path,
        own_url: str,
        book: Book,
        teller: Teller,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._book = book
        self._teller = teller
        self.router = APIRouter(prefix="/providers")
        self.desks: dict[str, Desk] = {}
        for path in sorted((keys_dir / "payment-providers").glob("*.json")):
            said = json.loads(path.read_text("utf-8"))
            kind = said.get("kind", path.stem)
            play = PLAYERS.get(kind)
            if play is None or said.get("url"):
                continue
            desk = Desk(
                name=path.stem,
                url=f"{own_url.rstrip('/')}/providers/{path.stem}",
                facts=said.get("facts", {}),
                secrets=said.get("secrets", {}),
                book=book,
                clock=clock,
                ids=ids,
                keys_dir=keys_dir,
                notify_url=teller.url_of(path.stem),
            )
            player = play(desk)
            self.desks[desk.name] = desk
            self.router.include_router(player.router(), prefix=f"/{desk.name}")
            controls = [control_routes, page_routes, *([transfer_routes] if kind in FEEDS else [])]
            for routes in controls:
                self.router.include_router(routes(desk, player, teller), prefix=f"/{desk.name}")

    async def close(self) -> None:
        await self._teller.close()
        self._book.close()


def create_players(
    *,
    keys_dir: Path,
    own_url: str,
    gateway_url: str,
    book_path: Path | None,
    client: httpx.AsyncClient,
    tools: tuple[Clock, Ids],
) -> Players:
    clock, ids = tools
    return Players(
        keys_dir=keys_dir,
        own_url=own_url,
        book=Book(book_path),
        teller=Teller(gateway_url, client, ids),
        clock=clock,
        ids=ids,
    )
