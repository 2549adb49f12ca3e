"""ID tokens (OpenID Connect Core 1.0, section 3.1.3.7): every check by name, none left to luck."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from gateway.authentication.people.provider_documents import ProviderDocuments
from gateway.domain.people.assurance import Acr
from gateway.domain.people.errors import FederationRefused
from gateway.domain.people.federation import (
    AUTHENTICATED_WITHIN,
    FederatedPerson,
    Federation,
)

ALGORITHMS: Final = ("ES256", "RS256", "PS256", "EdDSA")
# Only keys to sign with: a shared secret never becomes a public key's stand-in.
KEY_TYPES: Final = frozenset({"EC", "RSA", "OKP"})
SKEW: Final = timedelta(seconds=10)
ISSUED_WITHIN: Final = timedelta(minutes=10)
TOKEN_BYTES_MAX: Final = 16384
TEXT_MAX: Final = 255
NAME_MAX: Final = 200
NAMELESS: Final = "Công dân"

Claims = Mapping[str, Any]


async def read_id_token(
    raw: Any, federation: Federation, documents: ProviderDocuments, *, nonce: str, now: datetime
) -> FederatedPerson:
    claims = await _verified(raw, documents)
    _check_parties(claims, federation)
    _check_times(claims, now=now)
    told = claims.get("nonce")
    if not isinstance(told, str) or not compare_digest(told.encode(), nonce.encode()):
        raise FederationRefused("nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= TEXT_MAX:
        raise FederationRefused("sub")
    name = claims.get("name")
    return FederatedPerson(
        issuer=federation.issuer,
        subject=subject,
        full_name=name.strip()[:NAME_MAX] if isinstance(name, str) and name.strip() else NAMELESS,
        acr=federation.acr_map.get(str(claims.get("acr")), Acr.FEDERATED),
    )


async def _verified(raw: Any, documents: ProviderDocuments) -> Claims:
    if not isinstance(raw, str) or len(raw) > TOKEN_BYTES_MAX:
        raise FederationRefused("id_token")
    try:
        header = _header_of(raw)
        if header.get("alg") not in ALGORITHMS:
            raise FederationRefused("alg")
        key = await documents.key(str(header.get("kid")))
        if key is None or key.get("kty") not in KEY_TYPES or key.get("use", "sig") != "sig":
            raise FederationRefused("kid")
        if key.get("alg", header["alg"]) != header["alg"]:
            raise FederationRefused("alg")
        return jwt.decode(raw, import_key(dict(key)), algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise FederationRefused("signature") from error


def _header_of(raw: str) -> Claims:
    return jws.extract_compact(raw.encode()).headers()


def _check_parties(claims: Claims, federation: Federation) -> None:
    if claims.get("iss") != federation.issuer:
        raise FederationRefused("iss")
    given = claims.get("aud")
    audiences = given if isinstance(given, list) else [given]
    if federation.client_id not in audiences:
        raise FederationRefused("aud")
    party = claims.get("azp")
    if party != federation.client_id and (party is not None or len(audiences) > 1):
        raise FederationRefused("azp")


def _check_times(claims: Claims, *, now: datetime) -> None:
    moment, skew = now.timestamp(), SKEW.total_seconds()
    expires, issued, shown = (_seconds(claims, name) for name in ("exp", "iat", "auth_time"))
    if moment >= expires + skew:
        raise FederationRefused("exp")
    if not issued - skew <= moment <= issued + ISSUED_WITHIN.total_seconds():
        raise FederationRefused("iat")
    if "nbf" in claims and moment < _seconds(claims, "nbf") - skew:
        raise FederationRefused("nbf")
    if not shown - skew <= moment <= shown + AUTHENTICATED_WITHIN.total_seconds() + skew:
        raise FederationRefused("auth_time")


def _seconds(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FederationRefused(name)
    return float(value)
