"""A bundle proves one fee; whatever is missing, exchanged or of another fee is found out."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from chassis.keys import public_jwk
from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from deploy.verifier import Item, verify_file
from deploy.verifier.anchors import Anchors
from deploy.verifier.evidence_bundle import verify_bundle
from gateway.authentication.evidence.bundle_signer import JwsBundleSigner
from gateway.domain.evidence.bundle import pack
from tests.verifier.bundles import (
    INTENT,
    NOTICE,
    BundleMaker,
    Change,
    confirmation,
    detached_jws,
)

REQUEST = "requests/2-provider-notification"
SUBMISSION = "requests/1-dossier-submission"


def failures(raw: bytes, anchors: dict[str, Any]) -> list[Item]:
    verdict = verify_bundle(raw, Anchors.of(anchors))
    failed = [item for item in verdict.items if not item.valid]
    assert verdict.valid == (not failed)
    return failed


def only_failure(raw: bytes, anchors: dict[str, Any]) -> tuple[str, str]:
    (item,) = failures(raw, anchors)
    return item.name, item.detail


def test_an_honest_bundle_is_valid_item_by_item(
    bundles: BundleMaker, anchors: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(bundles.make())

    verdict = verify_file(path, anchors=anchors)

    assert verdict.valid
    assert [item.name for item in verdict.items] == [
        "archive",
        "manifest",
        SUBMISSION,
        REQUEST,
        "receipts/16",
        "receipts/17",
        "confirmation",
        "amounts",
    ]
    assert verdict.items[-1].detail == "1234567 VND agreed to, paid and receipted"


def test_flips_all_over_the_bundle_are_found(bundles: BundleMaker, anchors: dict[str, Any]) -> None:
    raw, trusted = bundles.make(), Anchors.of(anchors)
    jws = raw.index(b"manifest.jws") + len(b"manifest.jws")

    unnoticed = []
    for place in [*range(0, len(raw), 251), *range(jws, jws + 400)]:
        flipped = bytearray(raw)
        flipped[place] ^= 1 << place % 8
        if verify_bundle(bytes(flipped), trusted).valid:
            unnoticed.append(place)
    assert unnoticed == []


@pytest.mark.parametrize("name", ["intent.json", "shown.txt", f"{REQUEST}/body.bin"])
def test_a_file_cannot_be_changed_left_out_or_added_after_the_manifest(
    bundles: BundleMaker, anchors: dict[str, Any], name: str
) -> None:
    with ZipFile(BytesIO(bundles.make())) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}

    changed = pack({**files, name: files[name] + b" "})
    without = pack({one: raw for one, raw in files.items() if one != name})
    added = pack({**files, "receipts/18.xml": b"<BLai/>"})

    assert only_failure(changed, anchors) == ("manifest", f"changed: {name}")
    for raw in (without, added):
        assert only_failure(raw, anchors)[0] == "manifest"


def test_an_archive_packed_otherwise_is_refused(
    bundles: BundleMaker, anchors: dict[str, Any]
) -> None:
    honest = bundles.make()
    with ZipFile(BytesIO(honest)) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    squeezed = BytesIO()
    with ZipFile(squeezed, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)

    for raw in (squeezed.getvalue(), honest + b"\0", b"\0" + honest, honest[:-1], honest[:900]):
        assert only_failure(raw, anchors)[0] == "archive"


def test_another_gateways_word_counts_for_nothing(
    bundles: BundleMaker, anchors: dict[str, Any], tmp_path: Path
) -> None:
    ensure_development_keys(tmp_path, clock=FrozenClock())
    stranger = JwsBundleSigner.from_file(tmp_path / "keys/gateway/evidence.key.pem")
    with ZipFile(BytesIO(bundles.make())) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    files["manifest.jws"] = stranger.sign(files["manifest.json"]).encode()

    assert only_failure(pack(files), anchors) == (
        "manifest",
        "the JWS is signed by a key we do not know",
    )


def replacing(name: str, old: bytes, new: bytes) -> Change:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    return change


def dropping(*names: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        for name in names:
            del files[name]

    return change


def setting(name: str, content: bytes) -> Change:
    def change(files: dict[str, bytes]) -> None:
        files[name] = content

    return change


@pytest.mark.parametrize(
    ("change", "item", "said"),
    [
        (replacing("shown.txt", b"1", b"2"), "confirmation", "not the one that was shown"),
        (replacing("intent.json", b'"1234567"', b'"1234568"'), "confirmation", "does not fit"),
        (replacing("intent.json", b"{", b"{ "), "confirmation", "not in canonical form"),
        (dropping("shown.txt"), "confirmation", "shown.txt is missing"),
        (
            dropping("shown.txt", "intent.json", "confirmation.json"),
            "confirmation",
            "nobody confirmed",
        ),
        (replacing(f"{REQUEST}/body.bin", b"1234567", b"1234568"), REQUEST, "body is not the one"),
        (
            replacing(f"{REQUEST}/signature-base.txt", b"POST", b"PUT"),
            REQUEST,
            "the signature does not fit",
        ),
        (
            replacing(f"{REQUEST}/record.json", b"/v1/somewhere", b"/v1/elsewhere"),
            REQUEST,
            "differ in @target-uri",
        ),
        (
            replacing(f"{REQUEST}/record.json", b"bank-sandbox", b"portal-demo"),
            REQUEST,
            "not known to have signed",
        ),
        (
            replacing(f"{REQUEST}/record.json", b"ecdsa-p256-sha256", b"ed25519"),
            REQUEST,
            "not an algorithm of this key",
        ),
        (
            replacing(f"{REQUEST}/record.json", b"T05:00:00", b"T06:00:00"),
            REQUEST,
            "not fresh",
        ),
        (dropping(f"{REQUEST}/body.bin"), "manifest", "not complete"),
        (setting("receipts/17.xml", b"<?xml?>"), "receipts/17", "not well-formed"),
        (dropping("receipts/17.xml"), "manifest", "no original"),
        (dropping("receipts/16.xml"), "amounts", "the receipts are over 100000"),
        (setting("letter.txt", b"hello"), "manifest", "no place in a bundle"),
    ],
)
def test_even_the_gateway_cannot_make_a_false_bundle_pass(
    bundles: BundleMaker, anchors: dict[str, Any], change: Change, item: str, said: str
) -> None:
    """Each of these is listed and signed by the gateway itself, and still found out."""
    failed = failures(bundles.make(change), anchors)

    assert item in [one.name for one in failed]
    assert said in next(one.detail for one in failed if one.name == item)


def test_requests_cannot_change_their_roles(bundles: BundleMaker, anchors: dict[str, Any]) -> None:
    def exchange(files: dict[str, bytes]) -> None:
        for part in ("record.json", "body.bin", "signature-base.txt"):
            one, other = f"{SUBMISSION}/{part}", f"{REQUEST}/{part}"
            files[one], files[other] = files[other], files[one]

    details = [item.detail for item in failures(bundles.make(exchange), anchors)]

    assert details == ["it was signed for something else"] * 2


def test_somebody_must_have_asked_for_the_fee(
    bundles: BundleMaker, anchors: dict[str, Any]
) -> None:
    parts = [f"{SUBMISSION}/{part}" for part in ("record.json", "body.bin", "signature-base.txt")]

    assert only_failure(bundles.make(dropping(*parts)), anchors) == (
        "manifest",
        "nobody asked for this fee",
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"txn": "another"}, "of another payment"),
        ({"typ": "other/1"}, "not of the form"),
        ({"exp": "2026-11-23T04:59:59+00:00"}, "outside the intent's time"),
        ({"iat": "2026-11-23T05:00:01+00:00"}, "outside the intent's time"),
        ({"amount": "12.5"}, "no whole number"),
        ({"amount": 1_234_567}, "no text amount"),
    ],
)
def test_the_confirmation_must_be_of_this_fee_and_in_time(
    bundles: BundleMaker, anchors: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    name, detail = only_failure(bundles.make(**changes), anchors)

    assert name == "confirmation"
    assert said in detail


@pytest.mark.parametrize(
    "header",
    [
        {"b64": True},
        {"crit": []},
        {"alg": "none"},
        {"typ": "JWT"},
        {"kid": "x"},
        {"jku": "https://x"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_device_signature_of_another_shape_is_refused(
    bundles: BundleMaker, anchors: dict[str, Any], header: dict[str, Any]
) -> None:
    key = generate_private_key(SECP256R1())
    raw = rfc8785.dumps(dict(INTENT))

    def change(files: dict[str, bytes]) -> None:
        files |= confirmation(
            INTENT,
            jws=detached_jws(key, raw, **header),
            device_jwk=public_jwk(key.public_key()),
        )

    assert only_failure(bundles.make(change), anchors)[0] == "confirmation"


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 1_234_566},
        {"amount": "1234567"},
        {"currency": "USD"},
        {"account_number": "0011004000112"},
        {"outcome": "failed"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_bank_must_have_moved_what_was_agreed(
    bundles: BundleMaker, anchors: dict[str, Any], changes: dict[str, Any]
) -> None:
    name, detail = only_failure(bundles.make(notice={**NOTICE, **changes}), anchors)

    assert (name, detail) == (
        "amounts",
        "no bank says that 1234567 VND arrived at the payee's account",
    )


def test_the_receipts_must_be_for_the_money_the_bank_moved(
    bundles: BundleMaker, anchors: dict[str, Any]
) -> None:
    other = {**NOTICE, "provider_reference": "FT-another"}

    assert only_failure(bundles.make(notice=other), anchors) == (
        "amounts",
        "the receipts name another movement of money than the bank",
    )


def test_what_is_not_yet_paid_or_confirmed_can_be_proved_as_far_as_it_goes(
    bundles: BundleMaker, anchors: dict[str, Any]
) -> None:
    def only_asked(files: dict[str, bytes]) -> None:
        for name in [one for one in files if not one.startswith(SUBMISSION)]:
            del files[name]

    def not_receipted(files: dict[str, bytes]) -> None:
        for name in [one for one in files if one.startswith("receipts/")]:
            del files[name]

    assert failures(bundles.make(only_asked), anchors) == []
    assert failures(bundles.make(not_receipted), anchors) == []
