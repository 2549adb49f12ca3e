"""SePay: a feed of what moves on a bank account, one webhook for each movement.

Webhook and its signature by developer.sepay.vn. The enquiry follows the transactions API of
docs.sepay.vn (`/userapi/transactions`, a bearer token); it was never tried against SePay itself.
"""

from typing import Annotated, Final, Literal
from urllib.parse import quote, urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

from chassis.clock import VIETNAM
from chassis.money import Money
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice, Verdict
from services.payment.ports.providers import EnquiryAnswer, ProviderAnswer, Question
from services.payment.providers.adapter import (
    Adapter,
    Call,
    EnquiryWay,
    OutgoingRequest,
    ProviderConfig,
    Reply,
)
from services.payment.providers.credit_feed import (
    LOCAL_TIME,
    METHODS,
    Account,
    Dong,
    Id,
    LocalTime,
    MaybeAccount,
    Memo,
    answer_by_memo,
    answer_by_reference,
    none_if_empty,
    read_body,
    read_reply,
)

LISTED_MAX: Final = 300
HEARD: Final = b'{"success":true}'
Found = Annotated[str, Field(max_length=200)]
Code = Annotated[Found | None, BeforeValidator(none_if_empty)]


class Movement(BaseModel):
    """A webhook. `code` is what SePay itself found in the memo by a pattern set up with it."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=True)

    id: Id
    transaction_date: LocalTime
    account_number: Account
    sub_account: MaybeAccount = None
    code: Code = None
    content: Memo = None
    transfer_type: Literal["in", "out"]
    transfer_amount: Annotated[Dong, Field(gt=0)]

    def to_notice(self) -> ProviderNotice:
        return ProviderNotice(
            provider_reference=self.id,
            amount=Money(self.transfer_amount),
            # What leaves the account pays nobody's fee.
            outcome=Outcome.SUCCEEDED if self.transfer_type == "in" else Outcome.PENDING,
            paid_at=self.transaction_date,
            alias_account=self.sub_account,
            bill_number=self.code,
            purpose=self.content,
            account_number=self.account_number,
        )


class ListedMovement(BaseModel):
    """The same movement in the words of the transactions API."""

    model_config = ConfigDict(extra="ignore")

    id: Id
    transaction_date: LocalTime
    account_number: Account
    sub_account: MaybeAccount = None
    code: Code = None
    transaction_content: Memo = None
    amount_in: Annotated[Dong, Field(ge=0)]
    amount_out: Annotated[Dong, Field(ge=0)]

    def to_notice(self) -> ProviderNotice:
        came_in = self.amount_in > 0
        return ProviderNotice(
            provider_reference=self.id,
            amount=Money(self.amount_in if came_in else self.amount_out),
            outcome=Outcome.SUCCEEDED if came_in else Outcome.PENDING,
            paid_at=self.transaction_date,
            alias_account=self.sub_account,
            bill_number=self.code,
            purpose=self.transaction_content,
            account_number=self.account_number,
        )


class Details(BaseModel):
    status: Literal[200]
    transaction: ListedMovement | None


class Listing(BaseModel):
    status: Literal[200]
    transactions: Annotated[list[ListedMovement], Field(max_length=LISTED_MAX)]


DETAILS: Final = TypeAdapter(Details)
LISTING: Final = TypeAdapter(Listing)


def sepay(config: ProviderConfig) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=METHODS,
        read_notice=lambda raw: read_body(Movement, config.name, raw).to_notice(),
        answer=answer,
        enquiry=EnquiryWay(
            request=lambda question, call: enquiry_request(config, question, call),
            read=read_enquiry,
        ),
    )


def answer(_raw: bytes, _verdict: Verdict) -> ProviderAnswer:
    """It repeats a webhook seven times within half an hour until it reads exactly this."""
    return ProviderAnswer(body=HEARD)


def enquiry_request(config: ProviderConfig, question: Question, _call: Call) -> OutgoingRequest:
    url = f"{config.url}/userapi/transactions"
    if question.provider_reference is not None:
        url += f"/details/{quote(question.provider_reference, safe='')}"
    else:
        since = question.since.astimezone(VIETNAM).strftime(LOCAL_TIME)
        asked = {"transaction_date_min": since, "limit": str(LISTED_MAX)}
        if question.account_number is not None:
            asked["account_number"] = question.account_number
        url += f"/list?{urlencode(asked)}"
    headers = {"authorization": f"Bearer {config.secrets['api_token']}"}
    return OutgoingRequest(method="GET", url=url, headers=headers)


def read_enquiry(question: Question, reply: Reply) -> EnquiryAnswer:
    if question.provider_reference is not None:
        found = read_reply(DETAILS, reply).transaction
        return answer_by_reference(question, found.to_notice() if found else None, reply)
    listed = read_reply(LISTING, reply).transactions
    return answer_by_memo(
        question,
        [one.to_notice() for one in listed],
        reply,
        is_all=len(listed) < LISTED_MAX,
    )
