"""Who had been revoked when a receipt is signed: lists (RFC 5280) and single answers (RFC 6960).

Where answers are asked for, they are asked of whom the certificate itself names: it is our own
signer's or our time stamper's, and an authority that we trust has written it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.clock import Clock
from chassis.ids import Ids
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.signing.level import Material
from services.receipt.providers.authority_wire import AuthorityWire
from services.receipt.providers.ocsp_answers import question_about, require_good, responder_of
from services.receipt.providers.stamp_tokens import UNFIT, issuer_among

LIST_BYTES_MAX: Final = 512 * 1024
ANSWER_BYTES_MAX: Final = 16 * 1024
NONCE_BYTES: Final = 16
# Asked for anew after so long; its own end may come sooner.
KEPT: Final = timedelta(minutes=15)
# It must still be in force when the time stamp is made, a little later.
LASTS_MIN: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    raw: bytes
    asked_at: datetime
    ends: datetime


class Revocation:
    def __init__(
        self,
        wire: AuthorityWire,
        *,
        list_urls: Sequence[str],
        authorities: Sequence[x509.Certificate],
        ocsp: bool,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._wire = wire
        self._list_urls = list_urls
        self._authorities = authorities
        self._ocsp = ocsp
        self._clock = clock
        self._ids = ids
        self._lists: Sequence[x509.CertificateRevocationList] = ()
        self._asked_at: datetime | None = None
        self._answers: dict[bytes, KeptAnswer] = {}

    async def material(
        self, path: Sequence[x509.Certificate], stamper: x509.Certificate
    ) -> Material:
        """`path`: the signer and who stands between it and an authority, upwards.

        Raises SignerUnavailable: also when one is revoked, or nobody says that it is not.
        """
        authorities: list[bytes] = []
        lists: list[bytes] = []
        answers: list[bytes] = []
        for one in (*path, stamper):
            # Who stands between is no anchor, but stands below one: the last of them is asked too.
            among = self._authorities if one is stamper else (*path[1:], *self._authorities)
            issuer = issuer_among(among, one)
            if issuer.public_bytes(Encoding.DER) not in authorities:
                authorities.append(issuer.public_bytes(Encoding.DER))
            responder = responder_of(one) if self._ocsp else None
            if responder is not None:
                answers.append(await self._answer_on(one, issuer, responder))
                continue
            listed = (await self._list_of(issuer, one)).public_bytes(Encoding.DER)
            if listed not in lists:
                lists.append(listed)
        return Material(
            authorities=authorities,
            lists=lists,
            answers=answers,
            stamper=stamper.public_bytes(Encoding.DER),
        )

    async def _answer_on(
        self, one: x509.Certificate, issuer: x509.Certificate, responder: str
    ) -> bytes:
        now, name = self._clock.now(), one.public_bytes(Encoding.DER)
        kept = self._answers.get(name)
        if kept and now - kept.asked_at < KEPT and now + LASTS_MIN < kept.ends:
            return kept.raw
        # The nonce only ties the answer to the question; nothing is kept secret by it.
        nonce = hashlib.sha256(self._ids.token(NONCE_BYTES).encode()).digest()[:NONCE_BYTES]
        raw = await self._wire.ask(
            responder,
            question_about(one, issuer, nonce),
            media_type="application/ocsp-request",
            bytes_max=ANSWER_BYTES_MAX,
        )
        ends = require_good(raw, one, issuer, nonce=nonce, now=now)
        if now + LASTS_MIN >= ends:
            raise SignerUnavailable("what a responder said of a certificate has run out")
        # A receipt is signed by a few certificates in a row; those of last year are not asked for.
        self._answers = {
            key: each for key, each in self._answers.items() if now - each.asked_at < KEPT
        }
        self._answers[name] = KeptAnswer(raw, now, ends)
        return raw

    async def _list_of(
        self, issuer: x509.Certificate, of: x509.Certificate
    ) -> x509.CertificateRevocationList:
        now = self._clock.now()
        if self._asked_at is None or now - self._asked_at >= KEPT:
            self._lists = [await self._ask_list(url) for url in self._list_urls]
            self._asked_at = now
        for one in self._lists:
            ends = one.next_update_utc
            if (
                one.issuer != issuer.subject
                or ends is None
                or not one.last_update_utc <= now < ends - LASTS_MIN
            ):
                continue
            if not one.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                continue
            if one.get_revoked_certificate_by_serial_number(of.serial_number) is not None:
                raise SignerUnavailable("a certificate is revoked")
            return one
        self._asked_at = None
        raise SignerUnavailable("there is no revocation list that is in force")

    async def _ask_list(self, url: str) -> x509.CertificateRevocationList:
        raw = await self._wire.fetch(url, bytes_max=LIST_BYTES_MAX)
        try:
            return x509.load_der_x509_crl(raw)
        except UNFIT as error:
            raise SignerUnavailable("a revocation list cannot be read") from error
