"""Made-up people to sign in as."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Citizen:
    id: str
    name: str


CITIZENS: Final[Mapping[str, Citizen]] = {
    one.id: one
    for one in (
        Citizen("an", "Nguyễn Văn An"),
        Citizen("binh", "Trần Thị Bình"),
        Citizen("chi", "Lê Minh Chi"),
        Citizen("dung", "Phạm Quốc Dũng"),
    )
}
