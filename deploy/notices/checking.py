"""Whether a notice is authentic, by the gateway's own scheme, and how payment would read it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from chassis.canonical import load_json
from chassis.errors import Malformed, Refused, Unauthenticated
from chassis.keys import thumbprint
from chassis.message_signatures import CALLBACK, SignedMessage, verify
from deploy.notices.sample import Judgement, Sample, Unusable, or_nothing
from gateway.authentication.callbacks.scheme import Scheme
from gateway.authentication.schemes import SCHEMES
from gateway.domain.callbacks.notice import Material, Parts
from services.payment.domain.notices.provider_notification import ProviderNotice
from services.payment.providers import ADAPTERS
from services.payment.providers.adapter import SIGNED_MESSAGE, ProviderConfig
from services.payment.providers.bank import read_notice as read_bank_notice

Check = Callable[[Sample], Judgement]
Read = Callable[[bytes], ProviderNotice]


def check_by_secret(provider: str, sample: Sample) -> Judgement:
    """By the scheme and the adapter of that name."""
    scheme = SCHEMES[provider]
    if scheme.verify is None or sample.method != scheme.method:
        given = "--query" if scheme.method == "GET" else "--body"
        raise Unusable(f"{provider} sends its notices by {scheme.method}: give it by {given}")
    parts = Parts(
        method=sample.method,
        query=sample.query,
        headers=sample.headers,
        body=sample.body,
        received_at=sample.at,
    )
    try:
        scheme.verify(parts, Material(secrets=_secrets(provider, scheme, sample)))
        if sample.body:
            load_json(sample.body)
    except Unauthenticated as refused:
        return Judgement(authentic=False, evidence_level=scheme.level.value, reason=refused.message)
    except Malformed as error:
        raise Unusable(error.message) from error
    adapter = ADAPTERS[provider](_config(provider, sample), Path())
    if adapter.read_notice is None:
        raise Unusable(f"{provider} sends no notices")
    return _read(sample, scheme.level.value, adapter.read_notice)


def check_bank(sample: Sample) -> Judgement:
    """By the bank's public key, over the address that it posted to."""
    if sample.key is None or not sample.url or not sample.body:
        raise Unusable("a bank's notice is judged by --key, --url, --header and --body")
    message = SignedMessage(
        method=sample.method,
        url=sample.url,
        headers=list(sample.headers),
        body=sample.body,
    )
    try:
        verified = verify(message, shape=CALLBACK, key=sample.key, now=sample.at)
        if verified.parameters.key_id != thumbprint(sample.key):
            return _not_by_bank("The signature names another key.")
        load_json(sample.body)
    except Unauthenticated as refused:
        return _not_by_bank(refused.message)
    except Malformed as error:
        raise Unusable(error.message) from error
    return _read(sample, SIGNED_MESSAGE, lambda raw: read_bank_notice("bank", raw))


def _by_secret(provider: str) -> Check:
    return lambda sample: check_by_secret(provider, sample)


# Whoever has a scheme and an adapter of one name is here by that; the others have a line.
CHECKS: Final[Mapping[str, Check]] = {
    **{name: _by_secret(name) for name in sorted(SCHEMES.keys() & ADAPTERS.keys())},
    "bank": check_bank,
}


def check_notice(provider: str, sample: Sample) -> Judgement:
    """Raises Unusable."""
    if provider not in CHECKS:
        raise Unusable(f"there is no provider {provider}; there are {', '.join(sorted(CHECKS))}")
    return CHECKS[provider](sample)


def _secrets(provider: str, scheme: Scheme, sample: Sample) -> Mapping[str, str]:
    """The first of the scheme's sets that was given whole."""
    for names in scheme.secrets:
        if set(names) <= sample.secrets.keys():
            return {name: sample.secrets[name] for name in names}
    wanted = " or ".join(" and ".join(names) for names in scheme.secrets)
    raise Unusable(f"{provider} is judged by --secret {wanted}")


def _config(provider: str, sample: Sample) -> ProviderConfig:
    return ProviderConfig(
        name=provider,
        client_id=provider,
        url="",
        notify_url="",
        facts=or_nothing(sample.facts),
        secrets=sample.secrets,
    )


def _read(sample: Sample, level: str, read: Read) -> Judgement:
    try:
        notice = read(sample.body or sample.query.encode())
    except Refused as error:
        where = f" ({error.field})" if error.field else ""
        return Judgement(
            authentic=True, evidence_level=level, reason=f"{error.message.rstrip('.')}{where}."
        )
    return Judgement(authentic=True, evidence_level=level, notice=notice)


def _not_by_bank(reason: str) -> Judgement:
    return Judgement(authentic=False, evidence_level=SIGNED_MESSAGE, reason=reason)
