import ast
import sys
from pathlib import Path
from typing import Any

import pytest

import deploy.verifier
from deploy.verifier import Unreadable, verify_file
from tests.verifier.bundles import BundleMaker


@pytest.fixture
def honest(xml: bytes, pdf: bytes, bundles: BundleMaker) -> dict[str, bytes]:
    return {"xml": xml, "pdf": pdf, "zip": bundles.make()}


@pytest.mark.parametrize("kind", ["xml", "pdf", "zip"])
@pytest.mark.parametrize("damage", ["head", "all"])
def test_a_damaged_file_of_a_known_kind_is_invalid_not_unreadable(
    kind: str, damage: str, honest: dict[str, bytes], anchors: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / f"file.{kind}"
    path.write_bytes(bytes(5) + honest[kind][5:] if damage == "head" else b"")

    assert not verify_file(path, anchors=anchors).valid


def test_the_first_bytes_tell_the_kind_before_the_name_does(
    xml: bytes, anchors: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "receipt.pdf"
    path.write_bytes(xml)

    verdict = verify_file(path, anchors=anchors)

    assert (verdict.kind, verdict.valid) == ("receipt (XML)", True)


def test_what_is_no_file_or_of_no_known_kind_is_unreadable(
    anchors: dict[str, Any], tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("hello")

    for path in (tmp_path / "nothing.xml", tmp_path, letter):
        with pytest.raises(Unreadable):
            verify_file(path, anchors=anchors)


def test_the_anchors_may_be_a_file_and_must_be_readable(
    xml: bytes, var_dir: Path, tmp_path: Path
) -> None:
    path = tmp_path / "receipt.xml"
    path.write_bytes(xml)
    broken = tmp_path / "anchors.json"
    broken.write_text('{"receipt_ca": ["no certificate"]}')

    assert verify_file(path, anchors=var_dir / "trust" / "anchors.json").valid
    for anchors in (broken, tmp_path / "nothing.json"):
        with pytest.raises(Unreadable):
            verify_file(path, anchors=anchors)


def test_it_trusts_no_line_of_ours() -> None:
    folder = Path(deploy.verifier.__file__).parent
    imported = {
        name.split(".")[0] if not name.startswith("deploy") else name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }

    others = imported - sys.stdlib_module_names
    assert {name for name in others if not name.startswith("deploy.verifier.")} == {
        "asn1crypto",
        "cryptography",
        "http_sf",
        "lxml",
        "pyhanko",
        "pyhanko_certvalidator",
        "rfc8785",
        "signxml",
    }
