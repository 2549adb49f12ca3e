"""What several topics' bodies share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Code = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["123456"])]


class RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
