"""Viettel SInvoice: JSON over HTTP, and the transactionUuid that makes asking again safe.

What comes from Viettel's interface description (as public clients quote it): paths, member names,
`{errorCode, description, result}`, refusals as HTTP 400 with `{code, message, data}`,
NOT_FOUND_DATA for an unknown transactionUuid and TRANSACTION_UUID_INVALID for a taken one, and
that a token out of date is answered by 500.
Assumed, and to be tried with an account before going live (docs/adr/0029):
- HTTP Basic; sources disagree, and `"auth": "token"` signs in at `/auth/login` instead;
- an `invoiceNo` is the series and then the number, with or without leading zeros;
- `cancelTransactionInvoice` still serves receipts, though it was taken away from invoices;
- a found receipt's `status` says in words whether it was replaced or cancelled;
- the signed XML lies alone in the ZIP file, and names its total `TgTTTBSo`, its number `SHDon`.
"""

import base64
import binascii
import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from chassis.canonical import load_json
from chassis.errors import Malformed
from services.receipt.domain.outside.issue import Ended, Told
from services.receipt.domain.receipts.receipt import Form
from services.receipt.ports.outside import Outcome, OutsideAnswer, OutsideDocument, OutsideOrder
from services.receipt.providers.outside.adapter import (
    Adapter,
    IssuerConfig,
    OutgoingRequest,
    Question,
    Reply,
    SignIn,
    Step,
    UnusableReply,
    is_of,
    number_of,
)
from services.receipt.providers.outside.safe_xml import one_text, parse_xml
from services.receipt.providers.outside.viettel_json import invoice, milliseconds
from services.receipt.providers.outside.vnpt import amount_of, pdf_of

NEEDS: Final = frozenset(
    {"supplier_tax_code", "invoice_type", "template_code", "series", "username", "password"}
)
TOKEN: Final = "token"  # noqa: S105 -- the name of a way to sign in
TAKEN: Final = "TRANSACTION_UUID_INVALID"
UNKNOWN_THERE: Final = "NOT_FOUND_DATA"
# Their servers' own trouble, and a token out of date: nothing is said about the receipt.
TROUBLE: Final = frozenset({"GENERAL", "INTERNAL_SERVER_ERROR", "TIMEOUT"})
ENDED: Final[Mapping[str, Ended]] = {
    "Hóa đơn bị thay thế": Ended.REPLACED,
    "Hóa đơn xóa bỏ": Ended.CANCELLED,
}
XML_BYTES_MAX: Final = 2 * 1024 * 1024
ZIP_FILES_MAX: Final = 10
# What reading a ZIP lets out: it is none, a method nobody knows, a password, an end too soon, or
# data that cannot be unpacked.
BROKEN_ZIP: Final = (
    binascii.Error,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    zlib.error,
)


def viettel(config: IssuerConfig) -> Adapter:
    return _Viettel(config).adapter()


class _Viettel:
    def __init__(self, config: IssuerConfig) -> None:
        self._config = config
        self._facts = config.facts
        self._by_token = config.facts.get("auth", "basic") == TOKEN

    def adapter(self) -> Adapter:
        return Adapter(
            name=self._config.name,
            needs=NEEDS,
            publish=self._create,
            replace=self._create,
            adjust=self._create,
            cancel=self._cancel,
            find=self._find,
            fetch=self._fetch,
            read_file=_read_file,
            owns_series=self._facts.get("shared_series", "") != "yes",
            sign_in=SignIn(request=self._log_in, read=_read_token) if self._by_token else None,
        )

    def _create(self, order: OutsideOrder) -> Step:
        """Corrections are receipts of their own that name the one they correct."""
        tax_code = self._facts["supplier_tax_code"]
        request = self._json(
            f"InvoiceAPI/InvoiceWS/createInvoice/{tax_code}", invoice(order, self._facts)
        )
        return Step(request=request, read=self._read_created)

    def _cancel(self, order: OutsideOrder) -> Sequence[Step]:
        assert order.corrected is not None, "a cancellation of nothing"
        told = order.corrected.told
        said = {
            "supplierTaxCode": self._facts["supplier_tax_code"],
            "templateCode": told.form_code,
            "invoiceNo": f"{told.symbol}{told.printed}",
            "strIssueDate": str(milliseconds(order.corrected.issued_at)),
            "additionalReferenceDesc": order.reference,
            "additionalReferenceDate": str(milliseconds(order.at)),
            "reasonDelete": order.reason,
        }
        request = self._form("InvoiceAPI/InvoiceWS/cancelTransactionInvoice", said)
        return (Step(request=request, read=_read_cancelled),)

    def _find(self, question: Question) -> Step:
        said = {
            "supplierTaxCode": self._facts["supplier_tax_code"],
            "transactionUuid": question.key,
        }
        request = self._form("InvoiceAPI/InvoiceWS/searchInvoiceByTransactionUuid", said)
        return Step(request=request, read=self._read_found)

    def _fetch(self, question: Question) -> OutgoingRequest:
        told = question.told
        assert told is not None, "a file of what has no number"
        said = {
            "supplierTaxCode": self._facts["supplier_tax_code"],
            "templateCode": told.form_code,
            "invoiceNo": f"{told.symbol}{told.printed}",
            "transactionUuid": question.key,
            "fileType": "PDF" if question.form is Form.PDF else "ZIP",
        }
        return self._json("InvoiceAPI/InvoiceUtilsWS/getInvoiceRepresentationFile", said)

    def _read_created(self, reply: Reply) -> OutsideAnswer:
        said = _answered(reply)
        code = _error_of(said)
        if code == TAKEN:
            return OutsideAnswer(outcome=Outcome.KEY_TAKEN, code=code)
        if code:
            return OutsideAnswer(outcome=Outcome.REFUSED, code=code)
        return OutsideAnswer(outcome=Outcome.TOLD, told=self._told(said.get("result")))

    def _read_found(self, reply: Reply) -> OutsideAnswer:
        said = _answered(reply)
        code = _error_of(said)
        if code == UNKNOWN_THERE:
            return OutsideAnswer(outcome=Outcome.NOT_KNOWN)
        result = said.get("result")
        if code or not isinstance(result, list) or len(result) != 1:
            raise UnusableReply("no list of one")
        return OutsideAnswer(outcome=Outcome.TOLD, told=self._told(result[0]))

    def _told(self, result: Any) -> Told:
        if not isinstance(result, dict):
            raise UnusableReply("no result")
        tax_code = result.get("supplierTaxCode") or self._facts["supplier_tax_code"]
        number = result.get("invoiceNo")
        if tax_code != self._facts["supplier_tax_code"] or not isinstance(number, str):
            raise UnusableReply("another's receipt")
        length = len(self._facts["series"].replace("{yy}", "00"))
        symbol, digits = number[:length], number[length:]
        if not is_of(self._facts["series"], symbol):
            raise UnusableReply("another series")
        code, status = result.get("reservationCode"), result.get("status")
        return Told(
            form_code=self._facts["template_code"],
            symbol=symbol,
            number=number_of(digits),
            width=len(digits),
            their_code=code[:64] if isinstance(code, str) and code else None,
            ended=ENDED.get(status) if isinstance(status, str) else None,
        )

    def _json(self, path: str, said: Mapping[str, Any]) -> OutgoingRequest:
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        return self._request(path, "application/json", body)

    def _form(self, path: str, said: Mapping[str, str]) -> OutgoingRequest:
        return self._request(path, "application/x-www-form-urlencoded", urlencode(said).encode())

    def _request(self, path: str, content_type: str, body: bytes) -> OutgoingRequest:
        headers = {"content-type": content_type, "accept": "application/json"}
        if not self._by_token:
            pair = f"{self._config.secrets['username']}:{self._config.secrets['password']}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return OutgoingRequest(
            method="POST", url=f"{self._config.url}/{path}", headers=headers, body=body
        )

    def _log_in(self) -> OutgoingRequest:
        secrets = self._config.secrets
        said = {"username": secrets["username"], "password": secrets["password"]}
        at = urlsplit(self._config.url)
        # Beside the interface, at the root of its host, unless the operator says where.
        url = self._facts.get("login_url") or f"{at.scheme}://{at.netloc}/auth/login"
        return OutgoingRequest(
            method="POST",
            url=url,
            headers={"content-type": "application/json"},
            body=json.dumps(said).encode(),
        )


def _answered(reply: Reply) -> Mapping[str, Any]:
    """Their own word, good or bad. 400 carries refusals; everything from 500 on says nothing."""
    if reply.status not in (200, 201, 400):
        raise UnusableReply(f"HTTP {reply.status}")
    try:
        said = load_json(reply.body)
    except Malformed:
        raise UnusableReply("no JSON") from None
    if not isinstance(said, dict):
        raise UnusableReply("no object")
    if reply.status == 400 and not _error_of(said):
        raise UnusableReply("HTTP 400 without a code")
    return said


def _error_of(said: Mapping[str, Any]) -> str:
    """The code alone: descriptions may repeat who paid."""
    code = said.get("errorCode")
    if code in (None, "", "200"):
        code = said.get("message") if said.get("code") not in (None, 200) else ""
    if not isinstance(code, str):
        raise UnusableReply("no code")
    if code and not (code.isascii() and code.replace("_", "").isalnum() and len(code) <= 60):
        raise UnusableReply("no code")
    if code in TROUBLE:
        raise UnusableReply(code)
    return code


def _read_cancelled(reply: Reply) -> OutsideAnswer:
    code = _error_of(_answered(reply))
    if not code:
        return OutsideAnswer(outcome=Outcome.DONE)
    # Perhaps it was done when it was asked for before: the one who asks looks.
    return OutsideAnswer(outcome=Outcome.KEY_TAKEN, code=code)


def _read_token(reply: Reply) -> str:
    said = _answered(reply)
    token = said.get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise UnusableReply("no token")
    return token


def _read_file(question: Question, reply: Reply) -> OutsideDocument:
    said = _answered(reply)
    content = said.get("fileToBytes")
    if _error_of(said) or not isinstance(content, str):
        raise UnusableReply("no file")
    if question.form is Form.PDF:
        return OutsideDocument(body=pdf_of(content))
    body = _xml_in(content)
    root = parse_xml(body)
    number, amount = one_text(root, "SHDon"), one_text(root, "TgTTTBSo")
    return OutsideDocument(
        body=body,
        number=None if number is None else number_of(number),
        amount=None if amount is None else amount_of(amount),
    )


def _xml_in(content: str) -> bytes:
    """The one XML file of a ZIP; sizes are believed only as far as they are kept to."""
    try:
        packed = zipfile.ZipFile(io.BytesIO(base64.b64decode(content, validate=True)))
        files = packed.infolist()
        wanted = [one for one in files if one.filename.lower().endswith(".xml")]
        if len(files) > ZIP_FILES_MAX or len(wanted) != 1:
            raise UnusableReply("no ZIP with one XML file")
        with packed.open(wanted[0]) as file:
            body = file.read(XML_BYTES_MAX + 1)
    except BROKEN_ZIP:
        raise UnusableReply("no ZIP") from None
    if len(body) > XML_BYTES_MAX:
        raise UnusableReply("too long")
    return body
