"""What holds for every adapter in the table, whatever comes in."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Malformed
from chassis.money import Money
from chassis.testing import FakeIds, FrozenClock
from deploy.development_providers import PROVIDERS
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.method import FLOWS, Flow
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice
from services.payment.ports.providers import (
    Checkout,
    EnquiryAnswer,
    OrderSeed,
    RefundAnswer,
    RefundOutcome,
)
from services.payment.providers import ADAPTERS, ProviderTools, build_providers
from services.payment.providers.adapter import (
    Adapter,
    OutgoingRequest,
    ProviderConfig,
    RefusedByProvider,
    Reply,
    UnusableReply,
)
from services.payment.providers.config import BadProviderFile
from tests.gateway.schemes.recorded_notices import RECORDED, recorded, written
from tests.payment.providers.scripted import (
    BILL,
    CALL,
    URL,
    a_question,
    a_refund,
    a_reply,
    an_order,
)
from tests.payment.samples import FEE, NOON, notice_bytes, notice_facts

NAMES = sorted(ADAPTERS)
REFERENCE = re.compile(r"[\x21-\x7e]{1,50}")
# Where each writes its amount; a query is one flat object of texts as well.
AMOUNT_AT = {
    "bank": ("amount",),
    "casso": ("data", "amount"),
    "echeque": ("amount",),
    "momo": ("amount",),
    "national": ("SoTien",),
    "payos": ("data", "amount"),
    "sepay": ("transferAmount",),
    "vietqr": ("amount",),
    "vnpay": ("vnp_Amount",),
    "vnptpay": ("AMOUNT",),
    "zalopay": ("data", "amount"),
}
NO_AMOUNTS: list[Any] = [1.5, 150000.0, -1, -150000, 0, True, None, "", "1.5", "-1", "1e5", [1], {}]
CLEARED = {
    "notice_id": "1",
    "clearing_reference": "CHQ1",
    "order_reference": f"{BILL}01",
    "amount": 150_000,
    "currency": "VND",
    "status": "cleared",
    "decided_at": "2026-11-23T12:01:00.000+07:00",
}
# A minus sign there is money that left the account: kept, and never money for a fee.
TELLS_OF_DEBITS = {"casso"}
A_NUMBER = "00000000000001"

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["", "0", "00", "-1", "VND", "9" * 5000, "\x00", "2026-02-30 25:61:00"])
    | st.sampled_from([0, 1, 2, 3, -1, 42, 10**400, 1e308])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    adapter: Adapter
    notice: bytes

    @property
    def said(self) -> dict[str, Any]:
        """The recorded notice as an object, with what stands in it as text read as well."""
        if self.name == "vnpay":
            return dict(pair.split("=", 1) for pair in self.notice.decode().split("&"))
        said: dict[str, Any] = json.loads(self.notice)
        if isinstance(said.get("data"), str):
            said["data"] = json.loads(said["data"])
        return said

    def bytes_of(self, said: dict[str, Any]) -> bytes:
        if self.name == "vnpay":
            pairs = (f"{name}={'' if value is None else value}" for name, value in said.items())
            return "&".join(pairs).encode("utf-8", "surrogatepass")
        if self.name == "zalopay":
            said = {**said, "data": json.dumps(said.get("data"))}
        return json.dumps(said).encode()

    def with_amount(self, amount: Any) -> bytes:
        said = self.said
        *path, last = AMOUNT_AT[self.name]
        inner = said
        for name in path:
            inner = inner[name]
        inner[last] = amount
        return self.bytes_of(said)

    def read(self, raw: bytes) -> ProviderNotice | None:
        """None: refused. Whatever else is raised is a fault of the adapter's."""
        assert self.adapter.read_notice is not None
        try:
            return self.adapter.read_notice(raw)
        except (UnreadableNotice, Malformed):
            return None


@pytest.fixture(scope="session")
def samples(keys_dir: Path) -> dict[str, Sample]:
    return {name: _sample(name, keys_dir) for name in NAMES}


def _sample(name: str, keys_dir: Path) -> Sample:
    said = PROVIDERS.get(name)
    config = ProviderConfig(
        name=name,
        client_id=said.client_id or name if said else "bank-sandbox",
        url=URL,
        notify_url=f"https://cong.example.vn/v1/provider-notifications/{name}",
        facts=dict(said.facts) if said else {},
        secrets={one: f"{one}-for-trying-out" for one in said.secrets} if said else {},
    )
    if (RECORDED / f"{name}.json").exists():
        parts = recorded(name).parts
        notice = parts.query.encode() if name == "vnpay" else parts.body
    elif name == "echeque":
        notice = notice_bytes(CLEARED)
    else:
        notice = notice_bytes(notice_facts(BILL))
    return Sample(name, ADAPTERS[name](config, keys_dir), notice)


def seeds() -> Iterator[OrderSeed]:
    for bill in ("LP0000000000", BILL, "LPZZZZZZZZZZ"):
        for number in (1, 2, 11, 111, 999):
            yield OrderSeed(bill_reference=bill, number=number, started_at=NOON)


def test_every_adapter_that_hears_notices_is_tried_here(samples: dict[str, Sample]) -> None:
    hearing = {name for name, sample in samples.items() if sample.adapter.read_notice}

    assert hearing == set(AMOUNT_AT)


@pytest.mark.parametrize("name", NAMES)
def test_an_adapter_is_called_as_its_config_says(samples: dict[str, Sample], name: str) -> None:
    adapter = samples[name].adapter

    assert adapter.name == name
    assert adapter.client_id in (name, f"bank-{name}", "bank-sandbox")
    assert adapter.methods


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_a_provider_that_lacks_what_it_needs_stops_the_start(
    samples: dict[str, Sample], tmp_path: Path, name: str
) -> None:
    """Rather than at the first payer."""
    said, place = PROVIDERS[name], tmp_path / "payment-providers"
    place.mkdir()
    tools = ProviderTools(
        client=httpx.AsyncClient(),
        clock=FrozenClock(NOON),
        ids=FakeIds(),
        keys_dir=tmp_path,
        sandbox_bank_url=URL,
        public_origin=URL,
    )
    for left_out in samples[name].adapter.needs:
        facts = {one: value for one, value in said.facts.items() if one != left_out}
        secrets = {one: "a-secret-to-try" for one in said.secrets if one != left_out}
        file = {"facts": facts, "secrets": secrets}
        (place / f"{name}.json").write_text(json.dumps(file))

        with pytest.raises(BadProviderFile, match=left_out):
            build_providers([name], tools)


@pytest.mark.parametrize("name", NAMES)
def test_what_proves_little_never_settles_at_once(samples: dict[str, Sample], name: str) -> None:
    assert "P3" not in samples[name].adapter.settling_evidence_levels


@pytest.mark.parametrize("name", NAMES)
def test_who_sends_payers_to_a_page_takes_orders(samples: dict[str, Sample], name: str) -> None:
    adapter = samples[name].adapter

    if any(FLOWS[method] is Flow.REDIRECT for method in adapter.methods):
        assert adapter.checkout is not None
        assert adapter.enquiry is not None


@pytest.mark.parametrize("name", NAMES)
def test_order_references_are_short_plain_unique_and_always_the_same(
    samples: dict[str, Sample], name: str
) -> None:
    way = samples[name].adapter.checkout
    if way is None:
        return
    references = [way.order_reference(seed) for seed in seeds()]

    assert all(REFERENCE.fullmatch(one) for one in references), references
    assert len(set(references)) == len(references)
    assert references == [way.order_reference(seed) for seed in seeds()]


@pytest.mark.parametrize("name", sorted(AMOUNT_AT))
def test_the_recorded_notice_is_read(samples: dict[str, Sample], name: str) -> None:
    notice = samples[name].read(samples[name].notice)

    assert notice is not None
    assert (notice.amount, notice.outcome) == (FEE, Outcome.SUCCEEDED)
    assert REFERENCE.fullmatch(notice.provider_reference)
    assert notice.paid_at.tzinfo is not None
    assert notice == samples[name].read(samples[name].bytes_of(samples[name].said))


@pytest.mark.parametrize("name", sorted(AMOUNT_AT))
@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=repr)
def test_an_amount_that_is_no_whole_number_above_nothing_is_refused(
    samples: dict[str, Sample], name: str, amount: Any
) -> None:
    notice = samples[name].read(samples[name].with_amount(amount))

    if name in TELLS_OF_DEBITS and notice is not None:
        assert notice.outcome is not Outcome.SUCCEEDED
        assert str(amount).startswith(("-", "0"))
    else:
        assert notice is None


@settings(max_examples=40, deadline=None)
@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_garbage_is_no_notice(samples: dict[str, Sample], raw: bytes) -> None:
    for name in AMOUNT_AT:
        assert samples[name].read(raw) is None, name


@settings(max_examples=40, deadline=None)
@given(data=st.data(), value=VALUES)
def test_a_notice_with_anything_in_any_field_is_read_or_refused(
    samples: dict[str, Sample], data: st.DataObject, value: Any
) -> None:
    for name in AMOUNT_AT:
        sample = samples[name]
        said = sample.said
        target = said["data"] if isinstance(said.get("data"), dict) else said
        target[data.draw(st.sampled_from(sorted(target)))] = value

        notice = sample.read(sample.bytes_of(said))

        if notice is not None:
            assert type(notice.amount.minor_units) is int
            assert notice.amount.minor_units > 0 or notice.outcome is not Outcome.SUCCEEDED
            assert notice.amount.currency.isascii()
            assert notice.fingerprint
            notice.paid_at.utctimetuple()


Read = Callable[[Reply], object]


def ways_of(sample: Sample) -> dict[str, tuple[Read, OutgoingRequest]]:
    """Every function that reads a reply, with the request that it is a reply to."""
    adapter, ways = sample.adapter, dict[str, tuple[Read, OutgoingRequest]]()
    reference = a_reference(adapter)
    order = an_order(reference, min(adapter.methods))
    question = replace(
        a_question(reference), provider_reference=A_NUMBER, account_number="0123456789"
    )
    refund = a_refund(reference, A_NUMBER)
    if (checkout := adapter.checkout) is not None and checkout.read is not None:
        read = checkout.read
        ways["checkout"] = lambda reply: read(order, reply), checkout.request(order, CALL)
    if (enquiry := adapter.enquiry) is not None:
        request = enquiry.request(question, CALL)
        ways["enquiry"] = lambda reply: enquiry.read(question, reply), request
    if (way := adapter.refund) is not None:
        ways["refund"] = lambda reply: way.read(refund, reply), way.request(refund, CALL)
        if way.enquiry is not None and way.read_enquiry is not None:
            ask = way.read_enquiry
            ways["refund enquiry"] = lambda reply: ask(refund, reply), way.enquiry(refund, CALL)
    return ways


def a_reference(adapter: Adapter) -> str:
    seed = OrderSeed(bill_reference=BILL, number=1, started_at=NOON)
    return BILL if adapter.checkout is None else adapter.checkout.order_reference(seed)


def read_reply(read: Read, reply: Reply) -> object:
    """None: not usable, or refused. Whatever else is raised is a fault of the adapter's."""
    try:
        return read(reply)
    except (UnusableReply, RefusedByProvider):
        return None


def require_no_money(answered: object, where: str) -> None:
    """Words that anybody may have put there can say that nothing came, and never that it did."""
    if isinstance(answered, EnquiryAnswer):
        assert answered.outcome is not Outcome.SUCCEEDED, where
        assert not any(one.outcome is Outcome.SUCCEEDED for one in answered.notices), where
    if isinstance(answered, RefundAnswer):
        assert answered.outcome is not RefundOutcome.SUCCEEDED, where


@settings(max_examples=40, deadline=None)
@given(
    body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode),
    status=st.sampled_from([200, 201, 204, 302, 400, 401, 404, 500, 504]),
)
def test_garbage_is_no_answer(samples: dict[str, Sample], body: bytes, status: int) -> None:
    for name, sample in samples.items():
        for way, (read, request) in ways_of(sample).items():
            reply = replace(a_reply(body, status=status), request=request)
            assert read_reply(read, reply) is None, (name, way)


WORDS = {
    "momo": ["partnerCode", "orderId", "resultCode", "amount", "transId", "payUrl", "refundTrans"],
    "zalopay": ["return_code", "sub_return_code", "amount", "zp_trans_id", "order_url"],
    "payos": ["code", "data", "signature", "desc"],
    "vnpay": ["vnp_ResponseCode", "vnp_TransactionStatus", "vnp_Amount", "vnp_SecureHash"],
    "vnptpay": ["RESPONSE_CODE", "AMOUNT", "SECURE_CODE", "PAYMENT_URL"],
    "national": ["MaLoi", "SoTien", "MaXacThuc", "error_code", "message"],
    "casso": ["error", "data", "records", "amount"],
    "sepay": ["status", "transactions", "amount_in", "data"],
    "bank": ["bill_number", "payments"],
    "vietqr": ["status", "orderId", "amount", "transType", "referenceNumber", "qrLink", "qrCode"],
}


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_providers_own_words_in_disorder_are_read_or_not_usable(
    samples: dict[str, Sample], data: st.DataObject
) -> None:
    for name, sample in samples.items():
        keys = st.sampled_from(WORDS.get(name, ["code", "data"]))
        said = data.draw(st.dictionaries(keys, VALUES, max_size=6))
        for way, (read, request) in ways_of(sample).items():
            reply = replace(a_reply(json.dumps(said).encode()), request=request)

            answered = read_reply(read, reply)

            assert isinstance(answered, Checkout | EnquiryAnswer | RefundAnswer | None), (name, way)
            if name not in UNSIGNED:
                require_no_money(answered, f"{name} {way}")


# They sign none of their answers: what they say counts because they were asked over TLS.
UNSIGNED = {"momo", "zalopay", "sepay", "casso", "national", "vietqr"}


@pytest.mark.parametrize("name", NAMES)
def test_no_request_shows_a_secret(samples: dict[str, Sample], name: str) -> None:
    for way, (_read, request) in ways_of(samples[name]).items():
        assert "for-trying-out" not in request.url, way
        assert "for-trying-out" not in repr(request), way
        if name != "national":
            assert b"for-trying-out" not in request.body, way


@pytest.mark.parametrize("name", NAMES)
def test_requests_go_to_the_provider_and_are_printable(
    samples: dict[str, Sample], name: str
) -> None:
    for way, (_read, request) in ways_of(samples[name]).items():
        assert request.url.startswith(URL), way
        assert request.url.isprintable(), way
        assert request.method in ("GET", "POST"), way
        assert all(value.isprintable() for value in request.headers.values()), way


def test_written_amounts_are_the_samples_own(samples: dict[str, Sample]) -> None:
    """The places above are the right ones: another whole amount there is another amount."""
    for name in AMOUNT_AT:
        other: Any = 20_000_000 if name == "vnpay" else 200_000
        if name in ("vnpay", "vnptpay", "national"):
            other = str(other)

        notice = samples[name].read(samples[name].with_amount(other))

        assert notice is not None, name
        assert notice.amount == Money(200_000), name
    assert written({}) == b"{}"
