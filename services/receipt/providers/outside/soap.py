"""SOAP 1.1 as ASP.NET web services speak it: one operation, named texts in, one text out."""

from collections.abc import Mapping
from typing import Final

from lxml import etree

from services.receipt.providers.outside.adapter import OutgoingRequest, Reply, UnusableReply
from services.receipt.providers.outside.safe_xml import clean, parse_xml

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
TEMPURI: Final = "http://tempuri.org/"


def call(url: str, operation: str, said: Mapping[str, str]) -> OutgoingRequest:
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    body = etree.SubElement(envelope, f"{{{ENVELOPE}}}Body")
    asked = etree.SubElement(body, f"{{{TEMPURI}}}{operation}", nsmap={None: TEMPURI})
    for name, value in said.items():
        etree.SubElement(asked, f"{{{TEMPURI}}}{name}").text = clean(value)
    return OutgoingRequest(
        method="POST",
        url=url,
        headers={
            "content-type": "text/xml; charset=utf-8",
            "soapaction": f'"{TEMPURI}{operation}"',
        },
        body=etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"),
    )


def result_of(reply: Reply, operation: str) -> str:
    """The one text; a fault, another operation's result, or two of them are none."""
    if reply.status != 200:
        raise UnusableReply(f"HTTP {reply.status}")
    root = parse_xml(reply.body)
    found = root.findall(
        f"./{{{ENVELOPE}}}Body/{{{TEMPURI}}}{operation}Response/{{{TEMPURI}}}{operation}Result"
    )
    if root.tag != f"{{{ENVELOPE}}}Envelope" or len(found) != 1 or len(found[0]):
        raise UnusableReply("no result")
    return (found[0].text or "").strip()
