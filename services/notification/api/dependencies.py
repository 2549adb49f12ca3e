from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from chassis.auth import CallerDep, require
from chassis.clock import Clock
from chassis.errors import Forbidden
from chassis.ids import Ids
from services.notification.ports import LetterRecords, OpenUnitOfWork, WebhookRecords

SCOPE: Final = "webhook.manage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What main.py hands to the routes."""

    open_uow: OpenUnitOfWork
    records: WebhookRecords
    letters: LetterRecords
    clock: Clock
    ids: Ids
    # The key that every webhook is signed with, as receivers write it: `whpk_…`.
    public_key: str
    allow_private_webhooks: bool


class NotAClient(Forbidden):
    code = "not_a_client"

    def __init__(self) -> None:
        super().__init__(
            "Webhooks belong to registered client systems.",
            vi="Webhook chỉ dành cho hệ thống đã đăng ký.",
        )


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.tools
    return tools


async def _client_id(caller: CallerDep) -> str:
    if caller.kind != "client" or caller.client_id is None:
        raise NotAClient
    require(caller, SCOPE)
    return caller.client_id


ToolsDep = Annotated[Tools, Depends(_tools)]
ClientIdDep = Annotated[str, Depends(_client_id)]
