"""Every receipt fits the schema that is given to others, which wants what the law wants."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from services.receipt.domain.receipts.fee import Kind, Payer
from services.receipt.renderers.receipt_xml import NAMESPACE, XmlReceiptSigner
from tests.receipt.samples import NOON, PAYER, line, paid_bill, receipt

SCHEMA = Path(__file__).parents[3] / "contracts" / "receipt" / "bien-lai-1.xsd"
# What a receipt has to say by itself (docs/legal.md); the payer's number and address if any.
MANDATORY = (
    "TTChung/TBLai",
    "TTChung/KHMSCTu",
    "TTChung/KHCTu",
    "TTChung/SCTu",
    "TTChung/NLap",
    "TTChung/HTTToan",
    "NDBLai/DVThu/Ten",
    "NDBLai/DVThu/MST",
    "NDBLai/DVThu/DChi",
    "NDBLai/DVThu/NThu",
    "NDBLai/NNop/Ten",
    "NDBLai/DSKThu/KThu/Ten",
    "NDBLai/TToan/LPLPhi",
    "NDBLai/TToan/TgTTTBSo",
    "NDBLai/TToan/TgTTTBChu",
)


@pytest.fixture(scope="module")
def fits() -> Callable[[bytes], bool]:
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    return lambda xml: bool(schema.validate(etree.fromstring(xml)))


async def test_receipts_of_both_kinds_and_of_bills_fit(
    signer: XmlReceiptSigner, fits: Callable[[bytes], bool]
) -> None:
    of_bill = replace(receipt(), fee=paid_bill())

    for one in (receipt(), receipt(kind=Kind.PHI), of_bill):
        assert fits(await signer.sign(one, PAYER, at=NOON))


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.text(min_size=1, max_size=200).filter(lambda text: text.strip().isprintable()))
async def test_whatever_a_payer_is_called(
    signer: XmlReceiptSigner, fits: Callable[[bytes], bool], name: str
) -> None:
    one = receipt(line("phi", 5, "Phí"), kind=Kind.PHI)

    assert fits(await signer.sign(one, Payer(full_name=f"A {name}"), at=NOON))


@pytest.mark.parametrize("path", MANDATORY)
async def test_a_receipt_without_a_mandatory_content_does_not_fit(
    signer: XmlReceiptSigner, fits: Callable[[bytes], bool], path: str
) -> None:
    root = etree.fromstring(await signer.sign(receipt(), PAYER, at=NOON))
    where = "/".join(f"{{{NAMESPACE}}}{name}" for name in ("DLBLai", *path.split("/")))
    element = root.find(where)
    assert element is not None
    parent = element.getparent()
    assert parent is not None

    parent.remove(element)

    assert not fits(etree.tostring(root))
