"""The national payment platform's confirm message: SHA-256 over piped fields, the secret last."""

from typing import Final

from chassis.canonical import sha256_hex
from gateway.authentication.callbacks.reading import (
    encoded,
    given_text,
    joined_by_pipe,
    read_object,
    require_equal,
)
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.errors import CallbackRefused
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.refusal import SpokenRefusal, spoken
from gateway.domain.callbacks.registration import EvidenceLevel

SIGNATURE: Final = "MaXacThuc"
SIGNED: Final = (
    "LoaiBanTin",
    "MaLoi",
    "MaDoiTac",
    "MaThamChieu",
    "SoTien",
    "MaTienTe",
    "MaGiaoDich",
    "MaNganHang",
    "ThoiGianGD",
    "ThongTinGiaoDich",
)

REFUSALS: Final = {CallbackRefused.code: ("97", "Sai mã xác thực")}
OUR_OWN_FAULT: Final = ("99", "Lỗi hệ thống")


def verify(parts: Parts, material: Material) -> Proof:
    said = read_object(parts.body)
    base = joined_by_pipe(said, SIGNED)
    given = given_text(said, SIGNATURE)
    require_equal(given, sha256_hex(encoded(f"{base}|{material.secrets['secret_key']}")))
    return Proof(base=encoded(base), signature=given)


def word(code: str) -> SpokenRefusal:
    """Without the MaXacThuc of a real answer, as nothing was proved. Which codes the platform tells
    apart is not published, but that 00 is success."""
    number, text = REFUSALS.get(code, OUR_OWN_FAULT)
    return spoken({"MaLoi": number, "MoTaLoi": text})


SCHEME = Scheme(
    name="national",
    level=EvidenceLevel.P3,
    places=(Place(Where.BODY, SIGNATURE),),
    verify=verify,
    secrets=(("secret_key",),),
    word=word,
)
