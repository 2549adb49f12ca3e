"""The receipt as Viettel SInvoice takes it: its member names, amounts in whole đồng."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from services.receipt.domain.outside.issue import Wanted
from services.receipt.domain.receipts.amount_in_words import amount_in_words
from services.receipt.domain.receipts.fee import FeeLine
from services.receipt.ports.outside import OutsideOrder
from services.receipt.providers.outside.adapter import symbol_at

# Neither fees nor charges bear value added tax.
NO_TAX: Final = -2
UNIT: Final = "lần"
METHODS: Final[Mapping[str, tuple[str, str]]] = {"cash": ("1", "TM"), "vietqr": ("2", "CK")}
OTHER_METHOD: Final = ("5", "Thanh toán trực tuyến")
ORIGINAL, REPLACEMENT, ADJUSTMENT = "1", "3", "5"
ADJUSTS_MONEY, ADJUSTS_INFORMATION = "1", "2"
NAME_MAX: Final = 400


def invoice(order: OutsideOrder, facts: Mapping[str, str]) -> dict[str, Any]:
    code, method = METHODS.get(order.method, OTHER_METHOD)
    return {
        "generalInvoiceInfo": _general(order, facts),
        "buyerInfo": {
            "buyerName": order.payer.full_name[:NAME_MAX],
            "buyerAddressLine": (order.payer.address or "")[:NAME_MAX],
            "buyerIdNo": order.payer.identity_number or "",
            "buyerNotGetInvoice": 0,
        },
        "sellerInfo": {
            "sellerLegalName": order.body.name,
            "sellerTaxCode": order.body.tax_code,
            "sellerAddressLine": order.body.address,
        },
        "payments": [{"paymentMethod": code, "paymentMethodName": method}],
        "itemInfo": [
            _item(number, line, order.wanted) for number, line in enumerate(order.lines, start=1)
        ],
        "taxBreakdowns": [
            {
                "taxPercentage": NO_TAX,
                "taxableAmount": order.amount.minor_units,
                "taxAmount": 0,
            }
        ],
        "summarizeInfo": {
            "sumOfTotalLineAmountWithoutTax": order.amount.minor_units,
            "totalAmountWithoutTax": order.amount.minor_units,
            "totalTaxAmount": 0,
            "totalAmountWithTax": order.amount.minor_units,
            "totalAmountWithTaxInWords": amount_in_words(order.amount.minor_units),
            "discountAmount": 0,
        },
    }


def milliseconds(at: datetime) -> int:
    """Whole seconds, which is what the service keeps."""
    return int(at.timestamp()) * 1000


def _general(order: OutsideOrder, facts: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "transactionUuid": order.key,
        "invoiceType": facts["invoice_type"],
        "templateCode": facts["template_code"],
        "invoiceSeries": symbol_at(facts["series"], order.at),
        "invoiceIssuedDate": milliseconds(order.at),
        "currencyCode": order.amount.currency,
        "exchangeRate": 1,
        "adjustmentType": ORIGINAL,
        "paymentStatus": True,
        "cusGetInvoiceRight": True,
    }
    if order.corrected is None:
        return said
    told = order.corrected.told
    replaces = order.wanted is Wanted.REPLACEMENT
    said |= {
        "adjustmentType": REPLACEMENT if replaces else ADJUSTMENT,
        "originalInvoiceId": f"{told.symbol}{told.printed}",
        "originalInvoiceIssueDate": milliseconds(order.corrected.issued_at),
        "originalTemplateCode": told.form_code,
        "additionalReferenceDesc": order.reason,
        "additionalReferenceDate": milliseconds(order.at),
    }
    if not replaces:
        information = order.wanted is Wanted.INFORMATION
        said["adjustmentInvoiceType"] = ADJUSTS_INFORMATION if information else ADJUSTS_MONEY
    return said


def _item(number: int, line: FeeLine, wanted: Wanted) -> dict[str, Any]:
    amount = line.amount.minor_units
    item: dict[str, Any] = {
        "lineNumber": number,
        "selection": 1,
        "itemCode": line.line_code,
        "itemName": line.name[:NAME_MAX],
        "unitName": UNIT,
        # A line's amount need not be a whole price times its quantity.
        "quantity": 1,
        "unitPrice": amount,
        "itemTotalAmountWithoutTax": amount,
        "taxPercentage": NO_TAX,
        "taxAmount": 0,
    }
    if wanted in (Wanted.INCREASE, Wanted.DECREASE):
        item["isIncreaseItem"] = wanted is Wanted.INCREASE
    return item
