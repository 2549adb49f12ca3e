from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.domain.errors import UnreadableQr, UnwritableQr
from services.payment.domain.qr.emvco import checksum, close_payload, open_payload
from services.payment.domain.qr.vietqr import VietQr, fold, read_qr, write_qr

DYNAMIC_CODE = (
    "00020101021238570010A00000072701270006970405011359002012345670208QRIBFTTA"
    "53037045405500005802VN62270507DVC00010812Le phi ho so63042FC5"
)
STATIC_CODE = (
    "00020101021138570010A00000072701270006970436011300110040001110208QRIBFTTA53037045802VN6304D04F"
)
FEE_QR = VietQr(
    bank_bin="970436",
    account="0011004000111",
    amount=150_000,
    bill_number="LP0123456789",
    purpose="LP0123456789",
    merchant_name="SO TU PHAP",
    merchant_city="DONG NAI",
    mcc="9399",
    point_of_initiation="12",
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def with_checksum(body: str) -> str:
    return f"{body}6304{checksum(body + '6304')}"


def around(account_field: str) -> str:
    return with_checksum(f"000201010211{account_field}53037045802VN")


def words(length: int) -> st.SearchStrategy[str]:
    text = st.text(LETTERS + " ._-", min_size=1, max_size=length)
    return text.map(lambda word: " ".join(word.split())).filter(bool)


CODES = st.builds(
    VietQr,
    bank_bin=st.from_regex(r"[0-9]{6}|[0-9]{8}", fullmatch=True).filter(str.isascii),
    account=st.text(LETTERS, min_size=1, max_size=19),
    service_code=st.sampled_from(["QRIBFTTA", "QRIBFTTC", "QRPUSH"]),
    amount=st.none() | st.integers(1, 10**13 - 1),
    bill_number=st.none() | words(25),
    purpose=st.none() | words(25),
    merchant_name=st.none() | words(25),
    merchant_city=st.none() | words(15),
    mcc=st.none() | st.from_regex(r"[0-9]{4}", fullmatch=True).filter(str.isascii),
    point_of_initiation=st.sampled_from([None, "11", "12"]),
    other=st.dictionaries(
        st.sampled_from(["26", "61", "64", "80", "38.03", "62.05", "62.07"]), words(12)
    ).map(lambda kept: tuple(sorted(kept.items()))),
)


def test_the_published_check_value_of_the_checksum_holds() -> None:
    assert checksum("123456789") == "29B1"


def test_a_dynamic_code_is_read_whole() -> None:
    qr = read_qr(DYNAMIC_CODE)

    assert (qr.bank_bin, qr.account, qr.service_code) == ("970405", "5900201234567", "QRIBFTTA")
    assert (qr.amount, qr.currency, qr.country) == (50_000, "704", "VN")
    assert (qr.purpose, qr.bill_number) == ("Le phi ho so", None)
    assert qr.other == (("62.05", "DVC0001"),)


def test_a_static_code_asks_no_amount() -> None:
    qr = read_qr(STATIC_CODE)

    assert (qr.point_of_initiation, qr.amount) == ("11", None)


@pytest.mark.parametrize("payload", [DYNAMIC_CODE, STATIC_CODE])
def test_a_code_built_again_is_the_same_code(payload: str) -> None:
    assert write_qr(read_qr(payload)) == payload


@given(CODES)
def test_what_was_written_is_read_back(qr: VietQr) -> None:
    assert read_qr(write_qr(qr)) == qr


@given(st.data())
def test_one_wrong_character_anywhere_is_noticed(data: st.DataObject) -> None:
    payload = write_qr(FEE_QR)
    place = data.draw(st.integers(0, len(payload) - 1))
    wrong = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    broken = payload[:place] + wrong + payload[place + 1 :]
    if broken[:-4] == payload[:-4] and broken.upper() == payload.upper():
        return  # The same checksum in the other case is no fault.

    with pytest.raises(UnreadableQr):
        read_qr(broken)


def test_a_lower_case_checksum_is_accepted_and_never_written() -> None:
    shouted = write_qr(FEE_QR)

    assert read_qr(shouted[:-4] + shouted[-4:].lower()) == FEE_QR
    assert shouted[-4:] == shouted[-4:].upper()


def test_fields_may_come_in_any_order_between_the_first_and_the_last() -> None:
    account = "38570010A00000072701270006970436011300110040001110208QRIBFTTA"
    payload = with_checksum(f"0002015904ABCD5802VN{account}5303704010211")

    assert read_qr(payload).merchant_name == "ABCD"


def test_a_long_merchant_name_is_read_whole_and_written_short() -> None:
    account = "38570010A00000072701270006970436011300110040001110208QRIBFTTA"
    name = "TONG CONG TY DIEN LUC MIEN NAM."
    qr = read_qr(with_checksum(f"000201{account}53037045802VN59{len(name)}{name}"))

    assert qr.merchant_name == name
    assert read_qr(write_qr(qr)).merchant_name == name[:25].rstrip()


def test_lengths_count_characters_and_the_checksum_counts_bytes() -> None:
    account = "38570010A00000072701270006970436011300110040001110208QRIBFTTA"
    payload = with_checksum(f"000201{account}53037045802VN5909Lê Anh Tú")

    assert read_qr(payload).merchant_name == "Lê Anh Tú"


def test_diacritics_never_reach_a_code_we_write() -> None:
    qr = replace(FEE_QR, merchant_name="Sở Tư pháp Đồng Nai", purpose="Lệ phí đăng ký")

    payload = write_qr(qr)

    assert payload.isascii()
    assert read_qr(payload).merchant_name == "So Tu phap Dong Nai"
    assert read_qr(payload).purpose == "Le phi dang ky"
    assert fold("Đường  số 3\n– Ấp") == "Duong so 3 Ap"


def test_a_missing_service_code_means_a_transfer_to_an_account() -> None:
    account = "38450010A0000007270127000697043601130011004000111"

    assert read_qr(around(account)).service_code == "QRIBFTTA"


@pytest.mark.parametrize(
    ("account_field", "reason"),
    [
        # The scheme's own printed example: its account says 12 characters and has 13.
        ("38570010A00000072701270006970403011200110123456780208QRIBFTTA", "wrong_length"),
        # The service code inside the beneficiary instead of beside it.
        (
            "38570010A00000072701390006970436011300110040001110208QRIBFTTA",
            "wrong_nesting",
        ),
        ("38570010A00000072801270006970436011300110040001110208QRIBFTTA", "wrong_nesting"),
        ("38260010A0000007270208QRIBFTTA", "wrong_nesting"),
        ("38280010A00000072701060104ABCD", "wrong_length"),
        ("38560010A00000072701260005970430113001100400011100208QRIBFTTA", "wrong_length"),
        ("38450010A0000007270127000697O43601130011004000111", "wrong_bank"),
        ("38450010A0000007270127000697043601130011004 00111", "wrong_account"),
        ("38570010A00000072701270006970436011300110040001110208QRIBFTTX", "wrong_service"),
        ("3814010A000000727", "wrong_length"),
        ("", "no_vietqr"),
    ],
)
def test_wrong_nesting_is_refused_though_the_checksum_is_right(
    account_field: str, reason: str
) -> None:
    with pytest.raises(UnreadableQr) as refusal:
        read_qr(around(account_field))

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("", "wrong_start"),
        ("0102" + DYNAMIC_CODE, "wrong_start"),
        (DYNAMIC_CODE[:-1] + "6", "wrong_crc"),
        (DYNAMIC_CODE[:-8], "wrong_crc"),
        (DYNAMIC_CODE[:-4] + "ZZZZ", "wrong_crc"),
        (DYNAMIC_CODE + "5802VN", "duplicate_tag"),
        (DYNAMIC_CODE + "5904ABCD", "trailing_data"),
        (DYNAMIC_CODE + "\n", "wrong_length"),
        (DYNAMIC_CODE.replace("5802VN", "5803VN"), "wrong_length"),
        ("000201" + "5" * 600, "wrong_length"),
    ],
)
def test_a_damaged_payload_is_refused_for_its_exact_reason(payload: str, reason: str) -> None:
    with pytest.raises(UnreadableQr) as refusal:
        read_qr(payload)

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("53037045802VN5802VN", "duplicate_tag"),
        ("53038405802VN", "wrong_currency"),
        ("5802VN", "wrong_currency"),
        ("530370454010" + "5802VN", "bad_amount"),
        ("530370454045E+1" + "5802VN", "bad_amount"),
        ("5303704540550.505802VN", "bad_amount"),
        ("5303704540412a05802VN", "bad_amount"),
        ("53037045402-55802VN", "bad_amount"),
        ("53037045402٣٤5802VN", "bad_amount"),
        ("5303704", "wrong_country"),
        ("53037045802VN5203939", "wrong_category"),
        ("01022253037045802VN", "wrong_initiation"),
        ("53037045802VN62120101A0101B", "wrong_length"),
        ("53037045802VN62100101A0101B", "duplicate_tag"),
    ],
)
def test_a_wrong_field_is_refused_for_its_exact_reason(fields: str, reason: str) -> None:
    account = "38570010A00000072701270006970436011300110040001110208QRIBFTTA"

    with pytest.raises(UnreadableQr) as refusal:
        read_qr(with_checksum(f"000201{account}{fields}"))

    assert refusal.value.reason == reason


def test_whole_dong_may_carry_an_empty_fraction() -> None:
    account = "38570010A00000072701270006970436011300110040001110208QRIBFTTA"

    assert read_qr(with_checksum(f"000201{account}5303704540850000.005802VN")).amount == 50_000


@pytest.mark.parametrize(
    "qr",
    [
        replace(FEE_QR, bank_bin="97043"),
        replace(FEE_QR, account="0011 004"),
        replace(FEE_QR, service_code="QRCASH"),
        replace(FEE_QR, amount=0),
        replace(FEE_QR, amount=10**13),
        replace(FEE_QR, currency="840"),
        replace(FEE_QR, country="vn"),
        replace(FEE_QR, mcc="93"),
        replace(FEE_QR, point_of_initiation="22"),
        replace(FEE_QR, bill_number="LP/1"),
        replace(FEE_QR, bill_number="LP" + "1" * 24),
        replace(FEE_QR, purpose="đ" * 26),
        replace(FEE_QR, other=(("54", "1"),)),
        replace(FEE_QR, other=(("62.08", "x"),)),
        replace(FEE_QR, other=(("64", "a"), ("64", "b"))),
        replace(FEE_QR, other=(("64", "a" * 100),)),
    ],
)
def test_what_cannot_be_written_truly_is_refused_and_never_bent(qr: VietQr) -> None:
    with pytest.raises(UnwritableQr):
        write_qr(qr)


def test_a_payload_can_be_taken_apart_and_closed_again() -> None:
    assert close_payload(open_payload(DYNAMIC_CODE)) == DYNAMIC_CODE
