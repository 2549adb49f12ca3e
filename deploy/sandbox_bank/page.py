"""One page for people: the latest payments and how the platform answered."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.clock import VIETNAM
from deploy.sandbox_bank.routes import BankDep

SHOWN_MAX = 50
PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
)

router = APIRouter(include_in_schema=False)


@router.get("/")
async def payments(bank: BankDep) -> HTMLResponse:
    rows = []
    for payment in bank.ledger.list_latest(limit=SHOWN_MAX):
        attempts = bank.ledger.list_attempts(payment.provider_reference)
        rows.append(
            {
                "payment": payment,
                "amount": f"{payment.amount:,}".replace(",", "."),
                "paid_at": payment.paid_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S"),
                "answers": [attempt.status or "–" for attempt in attempts],
                "heard": any(attempt.accepted for attempt in attempts),
            }
        )
    return HTMLResponse(
        PAGES.get_template("payments.html").render(rows=rows, shown_max=SHOWN_MAX),
        headers={"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )
