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
from gateway.domain.callbacks.notice import Material, Parts, Proof
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


def verify(parts: Parts, material: Material) -> Proof:
    said = read_object(parts.body)
    base = joined_by_pipe(said, SIGNED)
    given = given_text(said, SIGNATURE)
    require_equal(given, sha256_hex(encoded(f"{base}|{material.secrets['secret_key']}")))
    return Proof(base=encoded(base), signature=given)


SCHEME = Scheme(
    name="national",
    level=EvidenceLevel.P3,
    places=(Place(Where.BODY, SIGNATURE),),
    verify=verify,
    secrets=(("secret_key",),),
)
