"""A file is loaded once, whole or not at all, and only with the signature that it needs."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.keys import PrivateKey
from services.payment.domain.errors import UnreadableSettlementFile, WrongSettlementSignature
from services.payment.domain.settlements.file import FileFormat, Period
from services.payment.storage.unit_of_work import SqlReading
from tests.payment.samples import NOON
from tests.payment.settlements.desk import DAY, Desk, csv_of, row_of

RSA = rsa.generate_private_key(65537, 3072)
KEYS: list[PrivateKey] = [
    ed25519.Ed25519PrivateKey.generate(),
    ec.generate_private_key(ec.SECP256R1()),
    RSA,
]


def sign(key: PrivateKey, raw: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(sha256(raw).digest())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(raw, ec.ECDSA(SHA256()))
    return key.sign(raw, padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH), SHA256())


def register(tmp_path: Path, key: PrivateKey) -> None:
    folder = tmp_path / "settlement"
    folder.mkdir(exist_ok=True)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "sandbox.pub.pem").write_bytes(pem)


async def test_the_same_bytes_are_loaded_once(desk: Desk) -> None:
    raw = csv_of([row_of("FT1"), row_of("FT2")])

    first = await desk.load(raw)
    second = await desk.load(raw, name="again.csv")

    assert (first.is_repeat, second.is_repeat) == (False, True)
    assert second.file == first.file
    assert await desk.row_states() == {"new": 2}


async def test_bad_lines_are_kept_with_line_reason_and_what_they_said(desk: Desk) -> None:
    raw = csv_of([row_of("FT1"), row_of("FT2", amount="many"), row_of("FT3")]) + b"\xff\x8f\n"

    file = (await desk.load(raw)).file

    assert (file.rows, file.bad_lines, file.state) == (2, 2, "loaded")
    async with SqlReading(desk.world.database) as reading:
        bad = await reading.settlement_files.list_bad_lines(file.id, after=0, limit=10)
    assert [(one.line, one.reason) for one in bad] == [(3, "bad_amount"), (5, "not_text")]
    assert bad[0].raw.startswith(b"FT2,")
    assert bad[1].raw == b"\xff\x8f"


async def test_a_file_is_about_the_days_it_names_or_those_of_its_rows(desk: Desk) -> None:
    by_rows = await desk.load_rows([row_of("FT1")])
    declared = await desk.load_rows([row_of("FT2")], period=Period(DAY, DAY))
    empty = await desk.load_rows([])

    assert by_rows.period == declared.period == Period(DAY, DAY)
    assert (empty.rows, empty.period, empty.state) == (0, None, "loaded")


async def test_a_file_of_another_format_is_refused_and_may_be_loaded_as_what_it_is(
    desk: Desk,
) -> None:
    raw = csv_of([row_of("FT1")])
    for wrong in (FileFormat.JSON_LINES, FileFormat.VNPAY, FileFormat.PIPE):
        with pytest.raises(UnreadableSettlementFile):
            await desk.load(raw, format=wrong)
    assert await desk.row_states() == {}

    loaded = await desk.load(raw)

    assert (loaded.file.rows, loaded.file.bad_lines, loaded.is_repeat) == (1, 0, False)


async def test_what_ends_in_the_middle_of_a_file_counts_for_nothing(desk: Desk) -> None:
    good = "STT|MaGiaoDich|SoTien|ThoiGian\n" + "".join(
        f"{number}|NP{number}|150000|20261123120100\n" for number in range(9000)
    )
    with pytest.raises(UnreadableSettlementFile):
        await desk.load(b64encode(good.encode())[:-200] + b"*", format=FileFormat.PIPE)

    await desk.reconcile()

    assert await desk.found() == {}


@pytest.mark.parametrize("raw", [b"", b"\n"])
async def test_an_empty_file_is_refused(desk: Desk, raw: bytes) -> None:
    with pytest.raises(UnreadableSettlementFile):
        await desk.load(raw)


@pytest.mark.parametrize("key", KEYS, ids=["ed25519", "ecdsa", "rsa-pss"])
async def test_where_a_provider_signs_only_its_own_signature_lets_a_file_in(
    desk: Desk, tmp_path: Path, key: PrivateKey
) -> None:
    register(tmp_path, key)
    raw = csv_of([row_of("FT1")])
    good = sign(key, raw)
    stranger = sign(ed25519.Ed25519PrivateKey.generate(), raw)
    for wrong in (None, b"", b"x", stranger, sign(key, raw + b" "), good[:-1], b"\xff" * 2000):
        with pytest.raises(WrongSettlementSignature):
            await desk.load(raw, signature=wrong)
    assert await desk.row_states() == {}

    loaded = await desk.load(raw, signature=b64encode(good))

    assert loaded.file.signed_by is not None
    assert (await desk.load(raw, signature=good)).is_repeat


async def test_a_provider_that_has_to_sign_and_whose_key_is_gone_is_not_believed(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "settlement").mkdir()
    (tmp_path / "settlement" / "sandbox.json").write_text('{"signed": true}')

    with pytest.raises(WrongSettlementSignature):
        await desk.load(csv_of([row_of("FT1")]), signature=b"x")


async def test_a_signed_file_settles_what_waits_and_an_unsigned_one_does_not(
    desk: Desk, tmp_path: Path
) -> None:
    desk.back_to_noon()
    intent, other = await desk.world.confirmed(), await desk.world.confirmed()
    desk.later()
    rows = [
        row_of("FT1", bill_reference=intent.bill_reference),
        row_of("FT2", bill_reference=other.bill_reference, amount=149_000),
    ]
    await desk.load_rows(rows)
    await desk.reconcile()
    assert await desk.world.status(intent.id) == "confirmed"
    assert await desk.found() == {"status_differs": 2, "amount_differs": 1}

    register(tmp_path, KEYS[0])
    raw = csv_of([row_of("FT1", bill_reference=intent.bill_reference, fee=1), rows[1]])
    await desk.load(raw, signature=sign(KEYS[0], raw))
    await desk.reconcile()
    await desk.reconcile()

    paid = await desk.world.get(intent.id)
    assert paid.status == "succeeded"
    assert paid.payment is not None
    assert paid.payment.provider_reference == "FT1"
    assert await desk.world.status(other.id) == "confirmed", "not this amount"
    assert (await desk.balances())["provider:sandbox:clearing VND"] == 150_000
    assert await desk.said("payment.succeeded.v1") == 1


def test_the_clock_of_these_tests_stands_after_the_day() -> None:
    assert NOON.date() == DAY
