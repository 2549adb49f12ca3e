"""The table of schemes by which providers prove their notices: one file each, one line each."""

from collections.abc import Mapping
from typing import Final

from gateway.authentication.callbacks.scheme import Scheme
from gateway.authentication.schemes import (
    casso,
    jws,
    momo,
    national,
    payos,
    rfc9421,
    sepay,
    vietqr,
    vnpay,
    vnptpay,
    zalopay,
)

SCHEMES: Final[Mapping[str, Scheme]] = {
    "rfc9421": rfc9421.SCHEME,
    "jws": jws.SCHEME,
    "vnpay": vnpay.SCHEME,
    "vnptpay": vnptpay.SCHEME,
    "national": national.SCHEME,
    "momo": momo.SCHEME,
    "zalopay": zalopay.SCHEME,
    "payos": payos.SCHEME,
    "sepay": sepay.SCHEME,
    "casso": casso.SCHEME,
    "vietqr": vietqr.SCHEME,
}
