"""VNPT's biên lai service, played: three SOAP services that speak in `OK:…` and `ERR:n`."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request, Response
from lxml import etree

from deploy.sandbox_issuers.behaviour import Behaviour, Mode, misbehave
from deploy.sandbox_issuers.book import Draft, Issued, State
from deploy.sandbox_issuers.desk import Desk
from deploy.sandbox_issuers.pages import page_pdf, vnpt_xml

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
TEMPURI: Final = "http://tempuri.org/"
STATUS: Final[Mapping[State, str]] = {
    State.ISSUED: "1",
    State.REPLACED: "3",
    State.ADJUSTED: "4",
    State.CANCELLED: "5",
}
SERVICES: Final[Mapping[str, tuple[str, ...]]] = {
    "PublishService": ("ImportAndPublishInv",),
    "BusinessService": (
        "ReplaceInvoiceAction",
        "AdjustInvoiceAction",
        "UnConfirmPaymentFkey",
        "cancelInv",
    ),
    "PortalService": ("listInvByCusFkey", "downloadInvFkeyNoPay", "downloadInvPDFFkeyNoPay"),
}
OVER: Final = frozenset({State.REPLACED, State.CANCELLED})
Said = Mapping[str, str]
WRONG_ACCOUNT, NOT_THERE, BAD_XML, NOT_PUBLISHED = "ERR:1", "ERR:2", "ERR:3", "ERR:5"
RANGE_USED_UP, NOT_FOUND, OVER_ALREADY, BAD_STATE = "ERR:6", "ERR:6", "ERR:8", "ERR:9"
KEY_TAKEN, BAD_SERIES = "ERR:13", "ERR:20"


class Vnpt:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._operations: Mapping[str, Callable[[Said, Behaviour], str]] = {
            "ImportAndPublishInv": self._publish,
            "ReplaceInvoiceAction": self._replace,
            "AdjustInvoiceAction": self._adjust,
            "UnConfirmPaymentFkey": self._unpay,
            "cancelInv": self._cancel,
            "listInvByCusFkey": self._list,
            "downloadInvFkeyNoPay": self._xml,
            "downloadInvPDFFkeyNoPay": self._pdf,
        }

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.post("/{service}.asmx")
        async def ask(service: str, request: Request) -> Response:
            operation, said = _asked(await request.body())
            if operation not in SERVICES.get(service, ()):
                return Response(status_code=404)
            told = self._desk.manners.next(operation)
            return await misbehave(told, lambda: self._answer(operation, said, told))

        return router

    def _answer(self, operation: str, said: Said, told: Behaviour) -> Response:
        if told.mode is Mode.ERROR:
            result = f"ERR:{told.code}"
        elif not self._is_known(said):
            result = WRONG_ACCOUNT
        else:
            result = self._operations[operation](said, told)
        return _envelope(operation, result)

    def _is_known(self, said: Said) -> bool:
        secrets = self._desk.secrets
        user = said.get("username", said.get("userName"))
        password = said.get("password", said.get("pass", said.get("userPass")))
        officer = said.get("Account", secrets["account"])
        officer_password = said.get("ACpass", said.get("Acpass", secrets["ac_password"]))
        return (user, password, officer, officer_password) == (
            secrets["username"],
            secrets["password"],
            secrets["account"],
            secrets["ac_password"],
        )

    def _publish(self, said: Said, told: Behaviour) -> str:
        inv = _parsed(said["xmlInvData"], "Invoices")
        invoice = None if inv is None else inv.find("./Inv/Invoice")
        if inv is None or invoice is None:
            return BAD_XML
        refused = self._refused(said)
        if refused:
            return refused
        draft = _draft(inv.findtext("./Inv/key") or "", invoice, said)
        if self._desk.find(draft.key) is not None:
            return KEY_TAKEN
        issued = self._desk.issue(draft, told)
        key = "another" if told.mode is Mode.ANOTHER_KEY else issued.key
        return f"OK:{issued.form};{issued.symbol}-{key}_{issued.number}"

    def _replace(self, said: Said, told: Behaviour) -> str:
        return self._correct(said, told, root="ReplaceInv", becomes=State.REPLACED)

    def _adjust(self, said: Said, told: Behaviour) -> str:
        return self._correct(said, told, root="AdjustInv", becomes=State.ADJUSTED)

    def _correct(self, said: Said, told: Behaviour, *, root: str, becomes: State) -> str:
        old = self._desk.find(said["fkey"])
        wanted = _parsed(said["xmlInvData"], root)
        if old is None:
            return NOT_THERE
        if wanted is None:
            return BAD_XML
        if old.state in OVER:
            return OVER_ALREADY
        refused = self._refused(said)
        if refused:
            return refused
        draft = _draft(wanted.findtext("key") or "", wanted, said)
        if self._desk.find(draft.key) is not None:
            return KEY_TAKEN
        issued = self._desk.issue(draft, told)
        self._desk.book.put(replace(old, state=becomes))
        return f"OK:{issued.form};{issued.symbol};{issued.number:07d}"

    def _unpay(self, said: Said, _told: Behaviour) -> str:
        old = self._desk.find(said["lstFkey"])
        if old is None:
            return NOT_FOUND
        self._desk.book.put(replace(old, paid=False))
        return "OK:"

    def _cancel(self, said: Said, _told: Behaviour) -> str:
        old = self._desk.find(said["fkey"])
        if old is None:
            return NOT_THERE
        if old.state in OVER:
            return OVER_ALREADY
        if old.paid:
            return BAD_STATE
        self._desk.book.put(replace(old, state=State.CANCELLED))
        return "OK:"

    def _list(self, said: Said, told: Behaviour) -> str:
        issued = self._desk.find(said["key"])
        root = etree.Element("Data")
        if issued is not None:
            item = etree.SubElement(root, "Item")
            for name, value in _listed(issued, told).items():
                etree.SubElement(item, name).text = value
        return etree.tostring(root, encoding="unicode")

    def _xml(self, said: Said, _told: Behaviour) -> str:
        issued = self._desk.find(said["fkey"])
        return NOT_FOUND if issued is None else vnpt_xml(issued)

    def _pdf(self, said: Said, _told: Behaviour) -> str:
        issued = self._desk.find(said["fkey"])
        return NOT_FOUND if issued is None else base64.b64encode(page_pdf(issued)).decode()

    def _refused(self, said: Said) -> str | None:
        facts = self._desk.facts
        series = said["serial"].startswith(facts["serial"].partition("{yy}")[0])
        if said["pattern"] != facts["pattern"] or not series:
            return BAD_SERIES
        limit = int(self._desk.facts.get("numbers", "9999999"))
        return RANGE_USED_UP if len(self._desk.book.list_of(self._desk.name)) >= limit else None


def _listed(issued: Issued, told: Behaviour) -> Mapping[str, str]:
    wrong = 1000 if told.mode is Mode.WRONG_AMOUNT else 0
    return {
        "index": "1",
        "fkey": "another" if told.mode is Mode.ANOTHER_KEY else issued.key,
        "name": "Biên lai thu phí, lệ phí",
        "publishDate": issued.day,
        "signStatus": "1",
        "total": str(issued.amount),
        "amount": str(issued.amount + wrong),
        "pattern": issued.form,
        "serial": issued.symbol,
        "invNum": f"{issued.number:07d}",
        "status": STATUS[issued.state],
        "cusname": issued.payer,
        "payment": "1" if issued.paid else "0",
    }


def _draft(key: str, invoice: etree._Element, said: Said) -> Draft:
    return Draft(
        key=key,
        form=said["pattern"],
        symbol=said["serial"],
        amount=int(invoice.findtext("Amount") or 0),
        payer=invoice.findtext("CusName") or "",
        day=invoice.findtext("ArisingDate") or "",
    )


def _asked(raw: bytes) -> tuple[str, Said]:
    root = etree.fromstring(raw, _parser())
    asked = root[0][0]
    return (
        etree.QName(asked).localname,
        {etree.QName(one).localname: one.text or "" for one in asked},
    )


def _parsed(text: str, root: str) -> etree._Element | None:
    try:
        parsed = etree.fromstring(text.encode(), _parser())
    except etree.XMLSyntaxError:
        return None
    return parsed if parsed.tag == root else None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _envelope(operation: str, result: str) -> Response:
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    body = etree.SubElement(root, f"{{{ENVELOPE}}}Body")
    answered = etree.SubElement(body, f"{{{TEMPURI}}}{operation}Response", nsmap={None: TEMPURI})
    etree.SubElement(answered, f"{{{TEMPURI}}}{operation}Result").text = result
    return Response(
        etree.tostring(root, xml_declaration=True, encoding="UTF-8"),
        media_type="text/xml; charset=utf-8",
    )
