"""Events that only clients are told of."""

from typing import Any

from chassis.events import Envelope
from services.notification.consumers.facts import heard
from services.notification.consumers.tools import Tools
from services.notification.use_cases.tell_client import tell_client


async def on_client_event(event: Envelope[Any], tools: Tools) -> None:
    await tell_client(heard(event), uow=tools.open_uow(), clock=tools.clock, ids=tools.ids)
