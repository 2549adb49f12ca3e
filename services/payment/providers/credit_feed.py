"""What feeds of an account's movements have in common: local times, whole đồng, answers by memo.

A feed watches an account and knows no orders of ours. It tells of money that came in; which fee it
is for stands in the memo, or is told by an account that takes one fee alone.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from chassis.canonical import load_json
from chassis.clock import VIETNAM
from chassis.errors import Malformed
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice
from services.payment.ports.providers import EnquiryAnswer, Question
from services.payment.providers.adapter import HELD_BY_BOTH, Reply, UnusableReply

METHODS: Final = frozenset({Method.VIETQR, Method.BANK_TRANSFER})
LOCAL_TIME: Final = "%Y-%m-%d %H:%M:%S"
WHOLE: Final = re.compile(r"(-?[0-9]{1,16})(?:\.0{1,4})?")
OK: Final = 200
Read = TypeVar("Read", bound=BaseModel)
Listed = TypeVar("Listed")


def whole_dong(value: Any) -> int:
    """`150000` or `"150000.00"`; part of a đồng is nothing that any bank moves."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    matched = WHOLE.fullmatch(value) if isinstance(value, str) else None
    if matched is None:
        raise ValueError("not a whole number of đồng")
    return int(matched[1])


def local_time(value: Any) -> datetime:
    """Feeds write the time of day in Việt Nam and no offset."""
    if not isinstance(value, str):
        raise ValueError("not a time")
    return datetime.strptime(value, LOCAL_TIME).replace(tzinfo=VIETNAM)


def written_id(value: Any) -> str:
    """Feeds say the same number once as a number and once as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError("not a number or name")
    return value


def none_if_empty(value: Any) -> Any:
    return None if value == "" else value


Dong = Annotated[int, BeforeValidator(whole_dong), Field(ge=-(10**15), le=10**15)]
LocalTime = Annotated[datetime, BeforeValidator(local_time)]
Id = Annotated[str, BeforeValidator(written_id), Field(pattern=r"^[\x21-\x7e]{1,100}$")]
Account = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,50}$")]
MaybeAccount = Annotated[Account | None, BeforeValidator(none_if_empty)]
Memo = Annotated[str | None, Field(max_length=1000)]


def read_body(form: type[Read], name: str, raw: bytes) -> Read:
    """Raises UnreadableNotice, which names a field and quotes nothing."""
    try:
        return form.model_validate(load_json(raw))
    except ValidationError as error:
        places = [str(one["loc"][-1]) for one in error.errors() if one["loc"]]
        raise UnreadableNotice(name, places[0] if places else None) from None


def read_reply(form: TypeAdapter[Listed], reply: Reply) -> Listed:
    if reply.status != OK:
        raise UnusableReply(str(reply.status))
    try:
        return form.validate_python(load_json(reply.body, limit_bytes=len(reply.body)))
    except (Malformed, ValidationError) as error:
        raise UnusableReply(type(error).__name__) from error


def answer_by_reference(
    question: Question, found: ProviderNotice | None, reply: Reply
) -> EnquiryAnswer:
    """About one movement; a feed that shows another one, or none, has said something as well."""
    if found is not None and found.provider_reference != question.provider_reference:
        raise UnusableReply("about another movement")
    came_in = [found] if found and found.outcome is Outcome.SUCCEEDED else []
    return _answer(came_in, reply)


def answer_by_memo(
    question: Question, listed: Sequence[ProviderNotice], reply: Reply, *, is_all: bool
) -> EnquiryAnswer:
    """Those that name the bill. An incomplete list that shows none of them tells nothing."""
    naming = [one for one in _credits_of(question, listed) if _names(question, one)]
    if not naming and not is_all:
        raise UnusableReply("more movements than one answer holds")
    return _answer(naming, reply)


def _credits_of(question: Question, listed: Iterable[ProviderNotice]) -> list[ProviderNotice]:
    accounts = (None, question.account_number)
    return [
        one
        for one in listed
        if one.outcome is Outcome.SUCCEEDED
        and (question.account_number is None or one.account_number in accounts)
    ]


def _names(question: Question, notice: ProviderNotice) -> bool:
    return question.bill_reference in notice.references.bills


def _answer(notices: Sequence[ProviderNotice], reply: Reply) -> EnquiryAnswer:
    return EnquiryAnswer(
        outcome=Outcome.SUCCEEDED if notices else Outcome.FAILED,
        notices=tuple(notices),
        raw=reply.body,
        proof={"url": reply.request.url},
        evidence_level=HELD_BY_BOTH,
    )
