from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from chassis.clock import Clock, vietnam_date
from services.catalog.ports import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What main.py hands to the routes."""

    reading: Callable[[], Reading]
    clock: Clock


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.tools
    return tools


async def _reading(tools: Annotated[Tools, Depends(_tools)]) -> Reading:
    return tools.reading()


async def _today(tools: Annotated[Tools, Depends(_tools)]) -> date:
    return vietnam_date(tools.clock.now())


ReadingDep = Annotated[Reading, Depends(_reading)]
TodayDep = Annotated[date, Depends(_today)]
