"""What is said between services: CloudEvents 1.0 attribute names around one piece of data."""

from datetime import datetime
from typing import ClassVar, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, SerializeAsAny


class EventData(BaseModel):
    """The `data` of an event. Producers set `type`; consumers name only the fields they read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str] = ""


Data = TypeVar("Data", bound=EventData)


class Envelope(BaseModel, Generic[Data]):
    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    # The CloudEvents extension for distributed tracing; absent unless tracing is on.
    traceparent: str | None = None
    # Without SerializeAsAny a subclass's own fields would silently be left out of the bytes.
    data: SerializeAsAny[Data]

    @classmethod
    def of(
        cls,
        data: Data,
        *,
        id: UUID,
        source: str,
        subject: str,
        time: datetime,
        traceparent: str | None = None,
    ) -> Self:
        return cls(
            id=id,
            type=data.type,
            source=source,
            subject=subject,
            time=time,
            data=data,
            traceparent=traceparent,
        )

    def to_bytes(self) -> bytes:
        untraced = {"traceparent"} if self.traceparent is None else None
        return self.model_dump_json(exclude=untraced).encode()
