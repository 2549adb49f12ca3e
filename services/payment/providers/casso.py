"""Casso: a feed of what moves on a bank account, one webhook (v2) for each movement.

Webhook by Casso's own samples. The enquiry follows its transactions API
(`oauth.casso.vn/v2/transactions`, `Authorization: Apikey …`); it was never tried against Casso.
"""

from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlencode

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from chassis.clock import vietnam_date
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
    METHODS,
    Dong,
    Id,
    LocalTime,
    MaybeAccount,
    Memo,
    answer_by_memo,
    answer_by_reference,
    read_body,
    read_reply,
)

LISTED_MAX: Final = 100
HEARD: Final = b'{"success":true}'


def only_one(value: Any) -> Any:
    """v1 sends a list. One notice is one movement here, so a longer list is refused whole:
    Casso sends it again, and an operator sees why."""
    if not isinstance(value, list):
        return value
    if len(value) != 1:
        raise ValueError("one movement in a webhook, please")
    return value[0]


class Movement(BaseModel):
    """A movement in the words of the v2 webhook, the v1 webhook and the transactions API."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    id: Id
    amount: Dong
    description: Memo = None
    at: LocalTime = Field(validation_alias=AliasChoices("transactionDateTime", "when"))
    account_number: MaybeAccount = Field(
        default=None,
        validation_alias=AliasChoices("accountNumber", "bankSubAccId", "bank_sub_acc_id"),
    )
    virtual_account: MaybeAccount = Field(
        default=None,
        validation_alias=AliasChoices("virtualAccountNumber", "virtualAccount", "virtual_account"),
    )

    def to_notice(self) -> ProviderNotice:
        return ProviderNotice(
            provider_reference=self.id,
            amount=Money(abs(self.amount)),
            # What leaves the account has a minus, and pays nobody's fee.
            outcome=Outcome.SUCCEEDED if self.amount > 0 else Outcome.PENDING,
            paid_at=self.at,
            alias_account=self.virtual_account,
            purpose=self.description,
            account_number=self.account_number,
        )


class Webhook(BaseModel):
    error: Literal[0]
    data: Annotated[Movement, BeforeValidator(only_one)]


class Details(BaseModel):
    error: Literal[0]
    data: Annotated[Movement | None, BeforeValidator(only_one)]


class Page(BaseModel):
    model_config = ConfigDict(extra="ignore")

    records: Annotated[list[Movement], Field(max_length=LISTED_MAX)]
    total_records: int | None = Field(default=None, alias="totalRecords")


class Listing(BaseModel):
    error: Literal[0]
    data: Page


DETAILS: Final = TypeAdapter(Details)
LISTING: Final = TypeAdapter(Listing)


def casso(config: ProviderConfig) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=METHODS,
        read_notice=lambda raw: read_body(Webhook, config.name, raw).data.to_notice(),
        answer=answer,
        enquiry=EnquiryWay(
            request=lambda question, call: enquiry_request(config, question, call),
            read=read_enquiry,
        ),
    )


def answer(_raw: bytes, _verdict: Verdict) -> ProviderAnswer:
    return ProviderAnswer(body=HEARD)


def enquiry_request(config: ProviderConfig, question: Question, _call: Call) -> OutgoingRequest:
    url = f"{config.url}/v2/transactions"
    if question.provider_reference is not None:
        url += f"/{quote(question.provider_reference, safe='')}"
    else:
        asked = {
            "fromDate": vietnam_date(question.since).isoformat(),
            "page": "1",
            "pageSize": str(LISTED_MAX),
            "sort": "DESC",
        }
        url += f"?{urlencode(asked)}"
    headers = {"authorization": f"Apikey {config.secrets['api_key']}"}
    return OutgoingRequest(method="GET", url=url, headers=headers)


def read_enquiry(question: Question, reply: Reply) -> EnquiryAnswer:
    if question.provider_reference is not None:
        found = read_reply(DETAILS, reply).data
        return answer_by_reference(question, found.to_notice() if found else None, reply)
    page = read_reply(LISTING, reply).data
    listed = page.total_records if page.total_records is not None else len(page.records)
    return answer_by_memo(
        question,
        [one.to_notice() for one in page.records],
        reply,
        is_all=listed <= len(page.records) < LISTED_MAX,
    )
