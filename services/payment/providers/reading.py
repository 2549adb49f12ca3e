"""Strict reading of what providers say: one meaning, or nothing is known."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import httpx
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from chassis.canonical import load_json
from chassis.clock import VIETNAM
from chassis.errors import Malformed
from services.payment.domain.errors import UnreadableNotice
from services.payment.providers.adapter import OutgoingRequest, Reply, UnusableReply

# Amounts are whole đồng, and a sum that no fee can reach is a slip of somebody's pen.
Dong = Annotated[StrictInt, Field(gt=0, le=10**15)]
Name = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$")]
Number = Annotated[StrictInt, Field(ge=0, le=10**18)]
Text = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")]
PageUrl = Annotated[str, Field(pattern=r"^https?://[\x21-\x7e]{1,2000}$")]
# From the year 2000 to the year 2100.
Milliseconds = Annotated[StrictInt, Field(ge=946_684_800_000, le=4_102_444_800_000)]
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
Said = TypeVar("Said", bound=BaseModel)


class Loose(BaseModel):
    """Fields that we do not know are ignored: providers add some without telling."""

    model_config = ConfigDict(extra="ignore")


class Camel(Loose):
    """The same of a provider that writes its names like thisOne, which win over ours."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


def read_notice_body(model: type[Said], raw: bytes | str, provider: str) -> Said:
    try:
        value = load_json(raw.encode() if isinstance(raw, str) else raw)
        return model.model_validate(value)
    except ValidationError as error:
        places = [str(one["loc"][0]) for one in error.errors() if one["loc"]]
        raise UnreadableNotice(provider, places[0] if places else None) from None
    except (Malformed, UnicodeEncodeError):
        raise UnreadableNotice(provider, None) from None


def read_reply(model: type[Said], reply: Reply) -> Said:
    if reply.status != httpx.codes.OK:
        raise UnusableReply(str(reply.status))
    return read_value(model, read_json(reply.body))


def read_json(body: bytes) -> Any:
    try:
        return load_json(body, limit_bytes=len(body))
    except Malformed as error:
        raise UnusableReply(type(error).__name__) from error


def read_value(model: type[Said], value: Any) -> Said:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise UnusableReply(type(error).__name__) from None


def at_milliseconds(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def local_time(text: str) -> datetime:
    """A time that names no offset is Viet Nam's."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=VIETNAM)
    if not EARLIEST.year < instant.year < LATEST.year:
        raise ValueError("not in this century")
    return instant


def _is_local_time(text: str) -> str:
    local_time(text)
    return text


LocalTime = Annotated[str, Field(max_length=40), AfterValidator(_is_local_time)]


def hmac_sha256_hex(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def as_pairs(fields: Mapping[str, object]) -> str:
    """`a=1&b=2`, in the order in which they are given and with nothing escaped."""
    return "&".join(f"{name}={value}" for name, value in fields.items())


def json_request(
    url: str, said: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> OutgoingRequest:
    return OutgoingRequest(
        method="POST",
        url=url,
        headers={"content-type": "application/json; charset=UTF-8", **(headers or {})},
        body=json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode(),
    )
