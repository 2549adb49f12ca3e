"""Every format is read line by line; a line that cannot be read is kept, and the rest goes on."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payment.domain.errors import UnreadableSettlementFile
from services.payment.domain.settlements.file import Encoding, FileFormat
from services.payment.domain.settlements.row import BadLine, SettlementRow
from services.payment.providers.settlement_files import FileReaders
from services.payment.providers.settlement_files.pipe import HEADER
from tests.payment.settlements.desk import Bytes

NOW = datetime(2026, 11, 26, tzinfo=UTC)
CSV = b"provider_reference,amount,moved_at\n"
PIPE = "|".join(HEADER) + "\n"


def read(
    raw: bytes,
    form: FileFormat = FileFormat.CSV,
    encoding: Encoding = Encoding.AUTO,
    size: int = 65536,
) -> list[SettlementRow | BadLine]:
    chunks = Bytes(raw, size).chunks()
    return list(FileReaders().read(chunks, form=form, encoding=encoding, now=NOW))


def rows(raw: bytes, form: FileFormat = FileFormat.CSV, **how: Any) -> list[SettlementRow]:
    found = read(raw, form, **how)
    assert all(isinstance(one, SettlementRow) for one in found), found
    return [one for one in found if isinstance(one, SettlementRow)]


def reasons(raw: bytes, form: FileFormat = FileFormat.CSV) -> list[str]:
    return [one.reason if isinstance(one, BadLine) else "row" for one in read(raw, form)]


def test_a_csv_file_is_read_whatever_its_separator_and_the_order_of_its_columns() -> None:
    for separator in ",;\t":
        text = (
            "paid_at,fee,Transaction_ID,amount,memo,type\n"
            '23/11/2026 12:01:00,1650,FT1,"150.000",chuyen tien LP0000000000 nop phi,refund\n'
        ).replace(",", separator)
        (row,) = rows(text.encode())

        assert (row.provider_reference, row.amount.minor_units, row.fee) == ("FT1", 150_000, 1650)
        assert row.moved_at == datetime(2026, 11, 23, 5, 1, tzinfo=UTC)
        assert row.movement == "refund"
        assert row.line == 2


@pytest.mark.parametrize(
    ("text", "amount"),
    [("150000", 150_000), ("150,000", 150_000), ("1.500.000", 1_500_000), ("150000.00", 150_000)],
)
def test_amounts_are_read_as_people_write_them(text: str, amount: int) -> None:
    (row,) = rows(CSV + f'FT1,"{text}",2026-11-23T12:00:00+07:00\n'.encode())

    assert row.amount.minor_units == amount


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",150000,2026-11-23", "no_reference"),
        ("F T,150000,2026-11-23", "no_reference"),
        ("FT1,,2026-11-23", "bad_amount"),
        ("FT1,0,2026-11-23", "bad_amount"),
        ("FT1,-150000,2026-11-23", "bad_amount"),
        ("FT1,150000.5,2026-11-23", "bad_amount"),
        ("FT1,15.00.000,2026-11-23", "bad_amount"),
        ("FT1,9999999999999999,2026-11-23", "bad_amount"),
        ("FT1,150000,23-11-2026", "bad_time"),
        ("FT1,150000,2026-13-23", "bad_time"),
        ("FT1,150000,2099-01-01", "time_out_of_range"),
        ("FT1,150000,1999-01-01", "time_out_of_range"),
        ("FT1,150000", "wrong_fields"),
        ("FT1,150000,2026-11-23,more", "wrong_fields"),
        ('FT1,"150000,2026-11-23', "wrong_fields"),
        ("FT1,150000,2026-11-23\x00", "not_text"),
        ("x" * 9000, "too_long"),
    ],
)
def test_a_line_that_cannot_be_read_is_kept_with_its_reason(line: str, reason: str) -> None:
    good = b"FT2,150000,2026-11-23\n"
    found = read(CSV + good + line.encode() + b"\n" + good.replace(b"FT2", b"FT3"))

    assert [one.reason if isinstance(one, BadLine) else "row" for one in found] == [
        "row",
        reason,
        "row",
    ]
    assert found[1].line == 3
    assert found[1].raw[:400] == line.encode()[:400]


def test_a_mark_at_the_beginning_windows_line_ends_and_a_missing_last_end_do_no_harm() -> None:
    raw = b"\xef\xbb\xbf" + CSV + b"FT1,150000,2026-11-23\n\nFT2,150000,2026-11-23"

    found = rows(raw.replace(b"\n", b"\r\n"), size=7)

    assert [(one.provider_reference, one.line) for one in found] == [("FT1", 2), ("FT2", 4)]


def test_vietnamese_of_old_windows_programs_is_read_line_by_line() -> None:
    header = "provider_reference,amount,moved_at,memo\n"
    modern = "FT1,150000,2026-11-23,nộp phí LP0000000000\n"
    old = "FT2,150000,2026-11-23,n\u00f4\u0323p phi\u0301\n"

    found = rows(header.encode() + modern.encode() + old.encode("cp1258"))
    declared = rows((header + old).encode("cp1258"), encoding=Encoding.WINDOWS_1258)

    assert len(found) == 2
    assert len(declared) == 1
    bad = read((header + old).encode("cp1258"), encoding=Encoding.UTF_8)
    assert [one.reason for one in bad if isinstance(one, BadLine)] == ["not_text"]
    (western,) = rows(
        (header + "FT3,150000,2026-11-23,café\n").encode("cp1252"), encoding=Encoding.WINDOWS_1252
    )
    assert western.provider_reference == "FT3"


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (b"name,amount\n", FileFormat.CSV),
        (b"provider_reference,amount,moved_at,amount\n", FileFormat.CSV),
        (b"\n\n", FileFormat.CSV),
        ("provider_reference,amount,moved_at\n".encode("utf-16"), FileFormat.CSV),
        (b"vnp_TxnRef,vnp_Amount\n", FileFormat.VNPAY),
        (b"STT|MaGiaoDich\n", FileFormat.PIPE),
        (b"!!!!", FileFormat.PIPE),
        (b64encode(PIPE.encode())[:-2], FileFormat.PIPE),
        (b64encode(PIPE.encode() + b"1") + b"QUJD", FileFormat.PIPE),
    ],
)
def test_a_file_that_cannot_be_trusted_at_all_is_refused_as_a_whole(
    raw: bytes, form: FileFormat
) -> None:
    with pytest.raises(UnreadableSettlementFile):
        read(raw, form)


@pytest.mark.parametrize("size", [1, 5, 64, 65536])
@pytest.mark.parametrize("wrapped", [False, True])
def test_the_national_platforms_lines_come_out_of_their_base64(size: int, wrapped: bool) -> None:
    text = PIPE + (
        "1|NP1|TC1|LP0000000000|150000|VND|1100|20261123120100|00|TT\n"
        "2|NP2|||50000||||00|HT\n"
        "3|NP3||short\n"
        "4|NP4|||70000|VND||2026-11-23T12:00:00+07:00|02|TT\n"
        "TONG|4|270000\n"
    )
    raw = b64encode(text.encode())
    if wrapped:
        raw = b"\n".join(raw[at : at + 76] for at in range(0, len(raw), 76))

    found = read(raw, FileFormat.PIPE, size=size)

    first, second, third, fourth = found
    assert isinstance(first, SettlementRow)
    assert (first.provider_reference, first.order_reference, first.fee) == ("NP1", "TC1", 1100)
    assert isinstance(second, BadLine)
    assert second.reason == "bad_time"
    assert isinstance(third, BadLine)
    assert third.reason == "wrong_fields"
    assert isinstance(fourth, SettlementRow)
    assert fourth.status == "failed"


def test_a_total_that_does_not_fit_is_a_bad_line() -> None:
    text = PIPE + "1|NP1|||150000|VND||20261123120100|00|TT\nTONG|1|150001\n"

    assert reasons(text.encode(), FileFormat.PIPE) == ["row", "wrong_total"]


def test_vnpays_amounts_are_hundredths_and_its_codes_its_own() -> None:
    head = (
        "vnp_TransactionNo,vnp_TxnRef,vnp_OrderInfo,vnp_Amount,vnp_PayDate,"
        "vnp_TransactionType,vnp_TransactionStatus,vnp_Fee,vnp_BankCode\n"
    )
    text = head + (
        "14001,O1,x,15000000,20261123120100,01,00,165000,NCB\n"
        "14002,O1,x,5000000,20261123120100,03,06,,NCB\n"
        "14003,O2,x,15000050,20261123120100,01,00,,NCB\n"
        "14004,O2,x,15000000,20261123120100,09,00,,NCB\n"
        "14005,O2,x,15000000,20261123120100,01,99,,NCB\n"
    )

    paid, back, *bad = read(text.encode(), FileFormat.VNPAY)

    assert isinstance(paid, SettlementRow)
    assert (paid.amount.minor_units, paid.fee, paid.order_reference) == (150_000, 1650, "O1")
    assert isinstance(back, SettlementRow)
    assert (back.movement, back.status) == ("refund", "pending")
    assert [one.reason for one in bad if isinstance(one, BadLine)] == [
        "bad_amount",
        "bad_movement",
        "bad_status",
    ]


def test_json_lines_and_a_json_array_are_read_alike() -> None:
    good = '{"provider_reference": "FT1", "amount": 150000, "moved_at": "2026-11-23T12:00:00Z"}'
    text = f'[\n{good},\n{{"amount": 1.5}},\nnot json\n[1]\n{{"amount": 1, "amount": 2}}\n]\n'

    assert reasons(text.encode(), FileFormat.JSON_LINES) == [
        "row",
        "wrong_fields",
        "not_json",
        "not_json",
        "not_json",
    ]
    assert len(rows(good.encode(), FileFormat.JSON_LINES)) == 1


@settings(max_examples=150, deadline=None)
@given(
    raw=st.one_of(
        st.binary(max_size=600),
        st.binary(max_size=400).map(lambda tail: CSV + b"FT1,150000,2026-11-23\n" + tail),
        st.text(max_size=300).map(lambda tail: PIPE.encode() + tail.encode()),
        st.text(max_size=300).map(lambda tail: b64encode(PIPE.encode() + tail.encode())),
    ),
    form=st.sampled_from(FileFormat),
    size=st.integers(1, 700),
)
def test_any_bytes_are_rows_bad_lines_or_a_refusal_and_never_anything_else(
    raw: bytes, form: FileFormat, size: int
) -> None:
    try:
        found = read(raw, form, size=size)
    except UnreadableSettlementFile:
        return
    lines = [one.line for one in found]
    assert lines == sorted(set(lines))
    assert found == read(raw, form, size=10_000)


@settings(max_examples=60, deadline=None)
@given(junk=st.lists(st.binary(max_size=200).map(lambda one: one.replace(b"\n", b" "))))
def test_good_lines_are_found_between_any_junk(junk: list[bytes]) -> None:
    lines = [
        line
        for number, one in enumerate(junk)
        for line in (one, b"GOOD%d,150000,2026-11-23" % number)
    ]

    found = read(CSV + b"\n".join(lines))

    good = [one for one in found if isinstance(one, SettlementRow)]
    named = [one for one in good if one.provider_reference.startswith("GOOD")]
    assert len(named) == len(junk)
