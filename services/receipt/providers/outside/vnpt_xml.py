"""The receipt as VNPT's biên lai service takes it: its element names, in its order."""

from collections.abc import Mapping, Sequence
from typing import Final

from lxml import etree

from chassis.clock import vietnam_date
from services.receipt.domain.outside.issue import Wanted
from services.receipt.domain.receipts.amount_in_words import amount_in_words
from services.receipt.domain.receipts.fee import FeeLine
from services.receipt.ports.outside import OutsideOrder
from services.receipt.providers.outside.safe_xml import clean

NAME_MAX: Final = 200
ADDRESS_MAX: Final = 300
UNIT: Final = "lần"
# How a payment came, in their three words; what is neither cash nor a transfer is online.
METHODS: Final[Mapping[str, str]] = {"cash": "TM", "vietqr": "CK", "bank_transfer": "CK"}
ONLINE: Final = "TTO"
ADJUSTMENTS: Final[Mapping[Wanted, str]] = {
    Wanted.INCREASE: "2",
    Wanted.DECREASE: "3",
    Wanted.INFORMATION: "4",
}


def original(order: OutsideOrder) -> str:
    root = etree.Element("Invoices")
    inv = etree.SubElement(root, "Inv")
    _say(inv, "key", order.key)
    invoice = etree.SubElement(inv, "Invoice")
    _say(invoice, "CusCode", order.payer.identity_number or order.key)
    _say(invoice, "ArisingDate", f"{vietnam_date(order.at):%d/%m/%Y}")
    _say(invoice, "CusName", order.payer.full_name[:NAME_MAX])
    _amounts(invoice, order)
    _say(invoice, "CusAddress", (order.payer.address or "")[:ADDRESS_MAX])
    _say(invoice, "PaymentMethod", METHODS.get(order.method, ONLINE))
    _say(invoice, "Extra", _fee_name(order))
    _products(invoice, order.lines)
    return etree.tostring(root, encoding="unicode")


def correction(order: OutsideOrder) -> str:
    """What stands beside the old one: whole for a replacement, the difference for the others."""
    kind = ADJUSTMENTS.get(order.wanted)
    root = etree.Element("ReplaceInv" if kind is None else "AdjustInv")
    _say(root, "key", order.key)
    _say(root, "CusCode", order.payer.identity_number or order.key)
    _say(root, "CusName", order.payer.full_name[:NAME_MAX])
    _say(root, "CusAddress", (order.payer.address or "")[:ADDRESS_MAX])
    _say(root, "CusPhone", "")
    _say(root, "CusTaxCode", "")
    _say(root, "PaymentMethod", METHODS.get(order.method, ONLINE))
    _say(root, "KindOfService", "")
    if kind is not None:
        _say(root, "Type", kind)
    _products(root, order.lines)
    _amounts(root, order)
    _say(root, "Extra", _fee_name(order))
    return etree.tostring(root, encoding="unicode")


def _amounts(parent: etree._Element, order: OutsideOrder) -> None:
    amount = str(order.amount.minor_units)
    _say(parent, "Total", amount)
    _say(parent, "Amount", amount)
    _say(parent, "AmountInWords", amount_in_words(order.amount.minor_units))
    _say(parent, "VATAmount", "0")
    _say(parent, "VATRate", "0")


def _products(parent: etree._Element, lines: Sequence[FeeLine]) -> None:
    products = etree.SubElement(parent, "Products")
    for line in lines:
        product = etree.SubElement(products, "Product")
        amount = str(line.amount.minor_units)
        _say(product, "Code", line.line_code)
        _say(product, "ProdName", line.name[:NAME_MAX])
        _say(product, "ProdUnit", UNIT)
        # A line's amount need not be a whole price times its quantity.
        _say(product, "ProdQuantity", "1")
        _say(product, "ProdPrice", amount)
        _say(product, "Total", amount)
        _say(product, "Amount", amount)


def _fee_name(order: OutsideOrder) -> str:
    names = "; ".join(dict.fromkeys(line.name for line in order.lines))
    return names[:NAME_MAX]


def _say(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, name).text = clean(value)
