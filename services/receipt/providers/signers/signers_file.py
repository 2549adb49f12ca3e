"""Who signs for whom, from `receipt/signers.json` below the keys:

    {"signers": [{"name": "2027", "agencies": ["*"], "from": "2027-01-01T00:00:00+07:00",
                  "kind": "pem", "key": "2027.key.pem", "certificate": "2027.pem"}]}

`agencies` are codes, or `*` for all that no other entry names; of several the one that began last
signs. Files are named relative to the folder. Without the file `signer.key.pem` and `signer.pem`
sign for everybody.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

FILE: Final = "signers.json"
FILE_BYTES_MAX: Final = 256 * 1024
SIGNERS_MAX: Final = 500
EVERY_AGENCY: Final = "*"
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class BadSignersFile(ValueError):
    """Nothing of it is used. Names no secret: those stand in other files."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: Name
    agencies: Annotated[tuple[Text, ...], Field(min_length=1, max_length=1_000)] = (EVERY_AGENCY,)
    since: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: AwareDatetime | None = None
    chain: Text | None = None

    def lasts_at(self, at: datetime) -> bool:
        begun = self.since is None or self.since <= at
        return begun and (self.until is None or at < self.until)

    def covers(self, agency_code: str, at: datetime) -> bool:
        named = agency_code in self.agencies or EVERY_AGENCY in self.agencies
        return named and self.lasts_at(at)


class PemEntry(_Entry):
    kind: Literal["pem"] = "pem"
    key: Text
    certificate: Text


class Pkcs12Entry(_Entry):
    kind: Literal["pkcs12"]
    file: Text
    password_file: Text


class Pkcs11Entry(_Entry):
    kind: Literal["pkcs11"]
    module: Text
    token: Text
    key_label: Text
    pin_file: Text
    certificate: Text | None = None


class RemoteEntry(_Entry):
    kind: Literal["remote"]
    url: Annotated[str, Field(pattern=r"^https?://", max_length=500)]
    credential_id: Text
    client_id: Text
    secret_file: Text
    # Who the service is, and who we are to it, where its TLS is not the public one.
    ca_file: Text | None = None
    client_certificate: Text | None = None
    client_key: Text | None = None

    @model_validator(mode="after")
    def _has_both_halves_and_uses_them(self) -> Self:
        if (self.client_certificate is None) != (self.client_key is None):
            raise ValueError("a client certificate goes with its key")
        own = self.ca_file or self.client_certificate
        if own and not self.url.startswith("https://"):
            raise ValueError("certificates are of no use without TLS")
        return self


Entry = PemEntry | Pkcs12Entry | Pkcs11Entry | RemoteEntry
_ENTRIES: Final = TypeAdapter[Any](
    Annotated[
        list[Annotated[Entry, Field(discriminator="kind")]],
        Field(min_length=1, max_length=SIGNERS_MAX),
    ]
)
BY_DEFAULT: Final = PemEntry(name="signer", key="signer.key.pem", certificate="signer.pem")


def read_signers(folder: Path) -> Sequence[Entry]:
    """Raises BadSignersFile, with the places that are wrong and no value."""
    path = folder / FILE
    if not path.exists():
        return (BY_DEFAULT,)
    raw = path.read_bytes()
    if len(raw) > FILE_BYTES_MAX:
        raise BadSignersFile(f"{FILE} is longer than {FILE_BYTES_MAX} bytes")
    try:
        said = json.loads(raw)
        entries: list[Entry] = _ENTRIES.validate_python(
            said["signers"] if isinstance(said, dict) and set(said) == {"signers"} else said
        )
    except ValidationError as error:
        places = [".".join(map(str, one["loc"])) for one in error.errors()[:5]]
        raise BadSignersFile(f"{FILE} cannot be used at {places}") from None
    except ValueError as error:
        raise BadSignersFile(f"{FILE} is no JSON") from error
    if len({entry.name for entry in entries}) != len(entries):
        raise BadSignersFile(f"{FILE} has two signers of one name")
    return entries


def signer_of(entries: Sequence[Entry], agency_code: str, *, at: datetime) -> Entry | None:
    """An entry that names the agency comes before one for all; then the one that began last."""
    fits = [entry for entry in entries if entry.covers(agency_code, at)]
    return max(
        fits,
        key=lambda one: (
            agency_code in one.agencies,
            one.since.timestamp() if one.since else float("-inf"),
        ),
        default=None,
    )
