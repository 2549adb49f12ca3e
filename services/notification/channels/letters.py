"""The words of a letter: Jinja templates, filled strictly and escaped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from chassis.clock import VIETNAM
from chassis.money import Money
from services.notification.domain.message import RECEIPT_ISSUED, ReceiptFacts
from services.notification.ports import Letter

TEMPLATES_FOLDER: Final = Path(__file__).parent / "templates"
SUBJECT_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    subject: str
    text: str
    html: str
    file_name: str


class LetterWriter:
    """`lookup_url` is a pattern with the facts' names in braces."""

    def __init__(self, *, lookup_url: str, sender_name: str) -> None:
        self._lookup_url = lookup_url
        self._sender_name = sender_name
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES_FOLDER),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def write(self, letter: Letter) -> Written:
        words = self._words(letter)
        subject = self._fill("subject.txt", words)
        return Written(
            subject=" ".join(subject.split())[:SUBJECT_LENGTH_MAX],
            text=self._fill("body.txt", words),
            html=self._fill("body.html", words),
            file_name=_file_name(letter.facts),
        )

    def _fill(self, part: str, words: dict[str, object]) -> str:
        return self._templates.get_template(f"{RECEIPT_ISSUED}.{part}").render(words)

    def _words(self, letter: Letter) -> dict[str, object]:
        facts = letter.facts
        return {
            "name": letter.to_name,
            "sender_name": self._sender_name,
            "number": facts.printed_number,
            "form_code": facts.form_code,
            "symbol": facts.symbol,
            "amount": written_amount(facts.amount),
            "issued_at": facts.issued_at.astimezone(VIETNAM).strftime("%H:%M ngày %d/%m/%Y"),
            "about": _about(facts),
            "lookup_code": facts.lookup_code,
            "lookup_url": self._lookup_of(facts),
            "part": facts.part,
            "parts": facts.parts,
            "replaces": facts.replaces,
            "adjusts": facts.adjusts,
        }

    def _lookup_of(self, facts: ReceiptFacts) -> str:
        return self._lookup_url.format(
            form_code=quote(facts.form_code, safe=""),
            symbol=quote(facts.symbol, safe=""),
            number=facts.number,
            lookup_code=quote(facts.lookup_code, safe=""),
        )


def _about(facts: ReceiptFacts) -> str:
    if facts.reference is not None:
        return f"khoản thu {facts.reference}"
    return f"hồ sơ {facts.dossier_code}"


def written_amount(amount: Money) -> str:
    """`150.000 đồng`, as people write it."""
    unit = "đồng" if amount.currency == "VND" else amount.currency
    return f"{amount.minor_units:,}".replace(",", ".") + f" {unit}"


def _file_name(facts: ReceiptFacts) -> str:
    """`bien-lai-AA-26E-0000001`; whatever could mislead a file system is left out."""
    symbol = "".join(one for one in facts.symbol if one.isascii() and (one.isalnum() or one == "-"))
    return f"bien-lai-{symbol}-{facts.printed_number}"
