"""The pages, with what they show and what a browser may run on them."""

from collections.abc import Sequence

from fastapi import APIRouter

from gateway.api.dependencies import Tools
from gateway.assembly.parts import Parts
from gateway.pages.page_tools import PageTools
from gateway.pages.site import site_routers
from gateway.providers.receipt_checks import ReceiptLookups
from gateway.providers.shown_payments import PaymentPageFacts
from gateway.routes.headers import page_headers


def build_pages(parts: Parts, tools: Tools) -> Sequence[APIRouter]:
    return site_routers(
        PageTools(
            new_uow=parts.new_uow,
            payments=PaymentPageFacts(parts.calls),
            checks=ReceiptLookups(parts.calls),
            guesses=parts.misses,
            federations=tools.federations,
            headers=page_headers(),
            clock=parts.clock,
        )
    )
