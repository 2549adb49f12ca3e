"""Where a list of entries goes on: opaque to callers, so that it may change."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from uuid import UUID

from services.payment.domain.errors import BadCursor
from services.payment.ports.ledger import EntryKey


def write_cursor(key: EntryKey) -> str:
    text = f"{key.booked_on.isoformat()} {key.transaction_id.hex} {key.line}"
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read_cursor(text: str) -> EntryKey:
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        day, transaction_id, line = raw.split(" ")
        return EntryKey(
            booked_on=date.fromisoformat(day), transaction_id=UUID(transaction_id), line=int(line)
        )
    except (binascii.Error, ValueError) as error:
        raise BadCursor from error
