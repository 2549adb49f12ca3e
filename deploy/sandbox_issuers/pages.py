"""The files of a played issuer: shaped like theirs, and saying that nobody signed them."""

import io
import zipfile

from lxml import etree

from deploy.sandbox_issuers.book import Issued


def vnpt_xml(issued: Issued) -> str:
    root = etree.Element("Invoice")
    content = etree.SubElement(root, "Content", Id="SigningData")
    for name, value in (
        ("key", issued.key),
        ("InvoicePattern", issued.form),
        ("SerialNo", issued.symbol),
        ("InvoiceNo", f"{issued.number:07d}"),
        ("ArisingDate", issued.day),
        ("CusName", issued.payer),
        ("Amount", str(issued.amount)),
    ):
        etree.SubElement(content, name).text = value
    etree.SubElement(root, "Played").text = "Sandbox: not signed by anybody"
    return etree.tostring(root, encoding="unicode")


def viettel_zip(issued: Issued) -> bytes:
    root = etree.Element("HDon")
    content = etree.SubElement(root, "DLHDon", Id="data")
    general = etree.SubElement(content, "TTChung")
    for name, value in (
        ("KHMSHDon", issued.form),
        ("KHHDon", issued.symbol),
        ("SHDon", str(issued.number)),
        ("NLap", issued.day),
    ):
        etree.SubElement(general, name).text = value
    body = etree.SubElement(content, "NDHDon")
    etree.SubElement(etree.SubElement(body, "NMua"), "Ten").text = issued.payer
    etree.SubElement(etree.SubElement(body, "TToan"), "TgTTTBSo").text = str(issued.amount)
    etree.SubElement(root, "Played").text = "Sandbox: not signed by anybody"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("invoice.xml", etree.tostring(root, encoding="UTF-8"))
        archive.writestr("invoice.xsl", "<xsl/>")
    return packed.getvalue()


def page_pdf(issued: Issued) -> bytes:
    """One page with the number on it, in ASCII: enough to be opened and told apart."""
    words = f"{issued.form} {issued.symbol} {issued.number:07d} {issued.amount} VND (sandbox)"
    shown = words.encode("ascii", "replace").replace(b"(", b"[").replace(b")", b"]")
    text = b"BT /F1 14 Tf 40 780 Td (" + shown + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return made + head + table + end % (len(objects) + 1, len(made))
