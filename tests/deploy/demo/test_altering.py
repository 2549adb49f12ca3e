from io import BytesIO
from zipfile import ZipFile

import pytest

from deploy.demo.journey import StepFailed
from deploy.demo.proving_steps import alter

XML = b'<?xml version="1.0"?><bienLai><so>0000007</so><tien>330000</tien></bienLai>'
PDF = b"%PDF-1.7\n1 0 obj <</Length 40>>\nstream\n" + bytes(40) + b"\nendstream\n%%EOF\n"


@pytest.mark.parametrize(("name", "content"), [("receipt.xml", XML), ("receipt.pdf", PDF)])
def test_exactly_one_byte_is_changed(name: str, content: bytes) -> None:
    changed = alter(name, content)

    assert len(changed) == len(content)
    assert sum(one != other for one, other in zip(changed, content, strict=True)) == 1


def test_a_bundle_is_changed_inside_and_still_opens() -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as bundle:
        bundle.writestr("intent.json", b'{"amount":"330000"}')
        bundle.writestr("shown.txt", b"330.000")
    with ZipFile(BytesIO(alter("evidence.zip", packed.getvalue()))) as changed:
        assert changed.read("intent.json") == b'{"amount":"3300000"}'
        assert changed.read("shown.txt") == b"330.000"


def test_a_document_without_a_number_cannot_be_altered() -> None:
    with pytest.raises(StepFailed):
        alter("receipt.xml", b"<a/>")
