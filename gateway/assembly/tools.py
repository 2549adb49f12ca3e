"""What the gateway's own routes hand to use cases."""

from datetime import timedelta

from chassis.sealing import Sealer
from gateway.api.confirming.tools import CertificateTools
from gateway.api.dependencies import Tools
from gateway.api.machines.tools import MachineTools
from gateway.assembly.parts import Parts
from gateway.assembly.time_stamps import time_stamps
from gateway.authentication.confirming.certificate_signatures import TrustedCertificates
from gateway.authentication.confirming.device_proofs import JwsDeviceProofs
from gateway.authentication.confirming.revocation import AuthorityAnswers
from gateway.authentication.evidence.bundle_signer import JwsBundleSigner
from gateway.authentication.machines.access_tokens import JwtAccessTokens, load_token_key
from gateway.authentication.machines.client_assertions import JwtClientAssertions
from gateway.authentication.machines.key_proofs import JwsKeyProofs
from gateway.authentication.machines.sender_proofs import DpopProofs
from gateway.authentication.machines.server_nonces import ServerNonces
from gateway.authentication.people.federations import OidcFederations
from gateway.authentication.people.one_time_codes import ISSUER, TotpCodes
from gateway.authentication.people.passkeys import WebauthnPasskeys
from gateway.authentication.people.passwords import Argon2Passwords
from gateway.authentication.people.provider_documents import ProviderHttp
from gateway.domain.people.passkey import RelyingParty
from gateway.pages.shown_texts import TemplateTexts
from gateway.providers.payments import PaymentService
from gateway.providers.receipts import ReceiptService
from gateway.use_cases.machines.issue_token import TokenTools


def build_machine_tools(parts: Parts) -> MachineTools:
    settings, keys, clock, ids = parts.settings, parts.keys, parts.clock, parts.ids
    issuer = settings.public_origin.rstrip("/")
    key = load_token_key(settings.keys_dir / "gateway")
    return MachineTools(
        key_proofs=JwsKeyProofs(),
        overlap_min=timedelta(days=settings.client_key_overlap_days_min),
        tokens=TokenTools(
            assertions=JwtClientAssertions(keys, issuer=issuer, clock=clock),
            sender_proofs=DpopProofs(ServerNonces.beside(key), origin=issuer, clock=clock),
            tokens=JwtAccessTokens(key, keys, issuer=issuer, clock=clock, ids=ids),
            clock=clock,
        ),
        issuer=issuer,
        callbacks=parts.callbacks,
    )


def build_tools(parts: Parts) -> Tools:
    settings, calls, clock, ids = parts.settings, parts.calls, parts.clock, parts.ids
    sealer = Sealer.from_directory(settings.keys_dir / "sealing")
    return Tools(
        new_uow=parts.new_uow,
        passwords=Argon2Passwords(
            time_cost=settings.argon2_time_cost,
            memory_kibibytes=settings.argon2_memory_kibibytes,
            at_once_max=settings.argon2_at_once_max,
        ),
        passkeys=WebauthnPasskeys(
            RelyingParty(id=settings.relying_party_id, name=ISSUER, origin=settings.public_origin)
        ),
        federations=OidcFederations(
            OidcFederations.read_entries(settings.federations_file),
            ProviderHttp(),
            public_origin=settings.public_origin,
            clock=clock,
            ids=ids,
        ),
        codes=TotpCodes(sealer, ids=ids, period_seconds=settings.totp_period_seconds),
        proofs=JwsDeviceProofs(),
        certificates=CertificateTools(
            signatures=TrustedCertificates.from_directory(settings.keys_dir),
            revocation=AuthorityAnswers(settings.keys_dir),
        ),
        texts=TemplateTexts(),
        payments=PaymentService(calls),
        receipts=ReceiptService(calls),
        signer=JwsBundleSigner.from_file(settings.keys_dir / "gateway" / "evidence.key.pem"),
        time_stamps=time_stamps(settings, clock=clock, ids=ids),
        evidence_wait_seconds=settings.evidence_wait_seconds,
        audience=settings.public_origin,
        probe=parts.probe,
        clock=clock,
        ids=ids,
    )
