"""VNPT biên lai điện tử: three SOAP services, and the key (fkey) that makes asking again safe.

What comes from VNPT's integration document (as public clients quote it): the operations and their
parameters, the answers `OK:…` and `ERR:n`, their meanings, and that a key names one receipt.
Assumed, and to be tried with an account before going live (docs/adr/0029):
- `ERR:13` (the key is taken) also for receipts, as for invoices;
- `listInvByCusFkey` without dates looks through all days, and an empty list is "no such key";
- its `status` 3 and 5 are a replaced and a cancelled receipt;
- the XML that `downloadInvFkeyNoPay` gives names its number and total as receipts of TT 78 or the
  older form do; where it names neither, they are not compared.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from chassis.money import Money
from services.receipt.domain.outside.issue import Ended, Told
from services.receipt.domain.receipts.receipt import Form
from services.receipt.ports.outside import Outcome, OutsideAnswer, OutsideDocument, OutsideOrder
from services.receipt.providers.outside.adapter import (
    Adapter,
    IssuerConfig,
    OutgoingRequest,
    Question,
    Reply,
    Step,
    UnusableReply,
    is_of,
    number_of,
    symbol_at,
)
from services.receipt.providers.outside.safe_xml import one_text, parse_xml
from services.receipt.providers.outside.soap import call, result_of
from services.receipt.providers.outside.vnpt_xml import correction, original

NEEDS: Final = frozenset({"pattern", "serial", "account", "ac_password", "username", "password"})
NUMBER_WIDTH: Final = "7"
ERROR: Final = re.compile(r"ERR:\s*(\d{1,3})\b")
# These say that nothing was issued. 5 ("could not issue", rolled back) is asked again, as are
# codes we do not know: whether they mean that nothing was done is not ours to guess.
REFUSALS: Final = frozenset({"1", "2", "3", "6", "7", "8", "9", "10", "15", "19", "20", "29", "30"})
TAKEN: Final = frozenset({"13", "21"})
ENDED: Final[Mapping[str, Ended]] = {"3": Ended.REPLACED, "5": Ended.CANCELLED}
CANCEL_REFUSALS: Final = frozenset({"1", "2", "9"})
# Replaced or cancelled already: asked for twice, it has been done once.
DONE_BEFORE: Final = "8"
PDF_MAGIC: Final = b"%PDF-"


def vnpt(config: IssuerConfig) -> Adapter:
    return _Vnpt(config).adapter()


class _Vnpt:
    def __init__(self, config: IssuerConfig) -> None:
        self._config = config

    def adapter(self) -> Adapter:
        return Adapter(
            name=self._config.name,
            needs=NEEDS,
            publish=self._publish,
            replace=self._replace,
            adjust=self._adjust,
            cancel=self._cancel,
            find=self._find,
            fetch=self._fetch,
            read_file=self._read_file,
            owns_series=self._config.facts.get("shared_series", "") != "yes",
        )

    def _publish(self, order: OutsideOrder) -> Step:
        operation = "ImportAndPublishInv"
        said = {
            **self._officer(),
            "xmlInvData": original(order),
            "username": self._secret("username"),
            "password": self._secret("password"),
            "pattern": self._fact("pattern"),
            "serial": symbol_at(self._fact("serial"), order.at),
            "convert": "0",
        }
        request = call(self._at("PublishService"), operation, said)
        return Step(request=request, read=partial(self._read_published, order.key))

    def _replace(self, order: OutsideOrder) -> Step:
        operation, attached = "ReplaceInvoiceAction", {"Attachfile": ""}
        return self._correct(order, operation, self._officer("Acpass"), attached)

    def _adjust(self, order: OutsideOrder) -> Step:
        operation, attached = "AdjustInvoiceAction", {"AttachFile": ""}
        return self._correct(order, operation, self._officer(), attached)

    def _correct(
        self,
        order: OutsideOrder,
        operation: str,
        officer: Mapping[str, str],
        attached: Mapping[str, str],
    ) -> Step:
        assert order.corrected is not None, f"{order.wanted} of nothing"
        said = {
            **officer,
            "xmlInvData": correction(order),
            "username": self._secret("username"),
            "pass": self._secret("password"),
            "fkey": order.corrected.key,
            **attached,
            "convert": "0",
            "pattern": self._fact("pattern"),
            "serial": symbol_at(self._fact("serial"), order.at),
        }
        request = call(self._at("BusinessService"), operation, said)
        return Step(request=request, read=partial(self._read_corrected, operation))

    def _cancel(self, order: OutsideOrder) -> Sequence[Step]:
        """A paid receipt is first said to be unpaid, or it cannot be cancelled."""
        assert order.corrected is not None, "a cancellation of nothing"
        key = order.corrected.key
        return (
            Step(
                request=call(
                    self._at("BusinessService"),
                    "UnConfirmPaymentFkey",
                    {"lstFkey": key, **self._asker()},
                ),
                read=_read_unpaid,
            ),
            Step(
                request=call(
                    self._at("BusinessService"),
                    "cancelInv",
                    {**self._officer(), "fkey": key, **self._asker()},
                ),
                read=_read_cancelled,
            ),
        )

    def _find(self, question: Question) -> Step:
        said = {"key": question.key, "fromDate": "", "toDate": "", **self._asker()}
        request = call(self._at("PortalService"), "listInvByCusFkey", said)
        return Step(request=request, read=partial(self._read_found, question.key))

    def _fetch(self, question: Question) -> OutgoingRequest:
        said = {"fkey": question.key, **self._asker()}
        return call(self._at("PortalService"), _operation_of(question.form), said)

    def _read_published(self, key: str, reply: Reply) -> OutsideAnswer:
        """`OK:pattern;serial-key_number`, of which serials and keys may hold hyphens."""
        result = result_of(reply, "ImportAndPublishInv")
        if not result.startswith("OK:"):
            return _error(result)
        pattern, _, told = result.removeprefix("OK:").strip().partition(";")
        serial, _, number = told.rpartition("_")
        if not serial.endswith(f"-{key}"):
            raise UnusableReply("another key's number")
        return self._told(pattern, serial.removesuffix(f"-{key}"), number)

    def _read_corrected(self, operation: str, reply: Reply) -> OutsideAnswer:
        result = result_of(reply, operation)
        if not result.startswith("OK:"):
            return _error(result)
        parts = result.removeprefix("OK:").strip().split(";")
        if len(parts) != 3:
            raise UnusableReply("no number")
        pattern, serial, number = parts
        return self._told(pattern, serial, number)

    def _read_found(self, key: str, reply: Reply) -> OutsideAnswer:
        result = result_of(reply, "listInvByCusFkey")
        if not result.startswith("<"):
            raise UnusableReply("no list")
        root = parse_xml(result.encode())
        items = root.findall("./Item")
        if root.tag != "Data" or len(items) > 1:
            raise UnusableReply("no list of one")
        if not items:
            return OutsideAnswer(outcome=Outcome.NOT_KNOWN)
        said = {name: (items[0].findtext(name) or "").strip() for name in ("fkey", "status")}
        if said["fkey"] not in ("", key):
            raise UnusableReply("another key's number")
        amount = (items[0].findtext("amount") or "").strip()
        return self._told(
            (items[0].findtext("pattern") or "").strip(),
            (items[0].findtext("serial") or "").strip(),
            (items[0].findtext("invNum") or "").strip(),
            amount=amount_of(amount) if amount else None,
            ended=ENDED.get(said["status"]),
        )

    def _told(
        self,
        pattern: str,
        serial: str,
        number: str,
        amount: Money | None = None,
        ended: Ended | None = None,
    ) -> OutsideAnswer:
        if pattern != self._fact("pattern") or not is_of(self._fact("serial"), serial):
            raise UnusableReply("another series")
        width = int(self._config.facts.get("number_width", NUMBER_WIDTH))
        told = Told(
            form_code=pattern,
            symbol=serial,
            number=number_of(number),
            width=max(width, len(number)),
            amount=amount,
            ended=ended,
        )
        return OutsideAnswer(outcome=Outcome.TOLD, told=told)

    def _read_file(self, question: Question, reply: Reply) -> OutsideDocument:
        result = result_of(reply, _operation_of(question.form))
        if result.startswith("ERR"):
            raise UnusableReply("no file")
        if question.form is Form.PDF:
            return OutsideDocument(body=pdf_of(result))
        body = result.encode()
        root = parse_xml(body)
        number = one_text(root, "SHDon", "InvoiceNo")
        amount = one_text(root, "TgTTTBSo", "Amount")
        return OutsideDocument(
            body=body,
            number=None if number is None else number_of(number),
            amount=None if amount is None else amount_of(amount),
        )

    def _officer(self, password: str = "ACpass") -> Mapping[str, str]:  # noqa: S107 -- its name
        return {"Account": self._secret("account"), password: self._secret("ac_password")}

    def _asker(self) -> Mapping[str, str]:
        return {"userName": self._secret("username"), "userPass": self._secret("password")}

    def _at(self, service: str) -> str:
        return f"{self._config.url}/{service}.asmx"

    def _fact(self, name: str) -> str:
        return self._config.facts[name]

    def _secret(self, name: str) -> str:
        return self._config.secrets[name]


def amount_of(text: str) -> Money:
    """Whole đồng; .NET may write them with a zero fraction."""
    whole, _, fraction = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 15) or fraction.strip("0"):
        raise UnusableReply("no amount")
    return Money(int(whole))


def pdf_of(text: str) -> bytes:
    try:
        body = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise UnusableReply("no base64") from None
    if not body.startswith(PDF_MAGIC):
        raise UnusableReply("no PDF")
    return body


def _operation_of(form: Form) -> str:
    return "downloadInvPDFFkeyNoPay" if form is Form.PDF else "downloadInvFkeyNoPay"


def _error(result: str) -> OutsideAnswer:
    code = _code_of(result)
    if code in TAKEN:
        return OutsideAnswer(outcome=Outcome.KEY_TAKEN, code=f"ERR:{code}")
    if code in REFUSALS:
        return OutsideAnswer(outcome=Outcome.REFUSED, code=f"ERR:{code}")
    raise UnusableReply(f"ERR:{code}")


def _read_unpaid(reply: Reply) -> OutsideAnswer | None:
    result = result_of(reply, "UnConfirmPaymentFkey")
    # 7: it was not said to be paid, which is as good.
    if result.startswith("OK") or _code_of(result) in {"7", "13"}:
        return None
    code = _code_of(result)
    if code in {"1", "2", "6"}:
        return OutsideAnswer(outcome=Outcome.REFUSED, code=f"ERR:{code}")
    raise UnusableReply(f"ERR:{code}")


def _read_cancelled(reply: Reply) -> OutsideAnswer:
    result = result_of(reply, "cancelInv")
    if result.startswith("OK"):
        return OutsideAnswer(outcome=Outcome.DONE)
    code = _code_of(result)
    if code == DONE_BEFORE:
        return OutsideAnswer(outcome=Outcome.KEY_TAKEN, code=f"ERR:{code}")
    if code in CANCEL_REFUSALS:
        return OutsideAnswer(outcome=Outcome.REFUSED, code=f"ERR:{code}")
    raise UnusableReply(f"ERR:{code}")


def _code_of(result: str) -> str:
    found = ERROR.match(result)
    if found is None:
        raise UnusableReply("neither OK nor ERR")
    return found[1]
