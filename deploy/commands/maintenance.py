"""`lephi maintenance`: plan stops, end them early, call them off."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from deploy.commands.in_gateway import AsJson, Operator, in_gateway, named
from deploy.commands.printing import print_json

if TYPE_CHECKING:
    from gateway.domain.maintenance.window import MaintenanceWindow

LISTED_MAX = 100

app = typer.Typer(help="Planned stops.", no_args_is_help=True)
WindowId = Annotated[UUID, typer.Argument(help="The window, as `list` shows it.")]


@app.command()
def announce(
    starts_at: Annotated[str, typer.Argument(help="RFC 3339: 2026-11-28T23:00:00+07:00.")],
    ends_at: Annotated[str, typer.Argument(help="The same; three hours later at most.")],
    reason_vi: Annotated[str, typer.Option(help="What the public reads.")],
    reason_en: Annotated[str, typer.Option(help="The same in English.")],
    operator: Operator,
) -> None:
    """Tell everybody of a stop. Fees are shut while it holds; nobody need press a button."""
    from gateway.use_cases.maintenance.announce_window import PlannedStop, announce_window

    planned = PlannedStop(
        starts_at=_moment(starts_at, "STARTS_AT"),
        ends_at=_moment(ends_at, "ENDS_AT"),
        reason_vi=reason_vi,
        reason_en=reason_en,
    )
    actor = f"operator:{named(operator)}"
    window = in_gateway(
        lambda uow, clock, ids: announce_window(planned, actor=actor, uow=uow, clock=clock, ids=ids)
    )
    typer.echo(f"announced: {_shown(window)}")


@app.command("list")
def list_windows(as_json: AsJson = False) -> None:
    """Show every stop there was and will be, the latest first."""
    from gateway.use_cases.maintenance.list_windows import list_windows as list_them

    for window in in_gateway(
        lambda uow, _clock, _ids: list_them(before=None, limit=LISTED_MAX, uow=uow)
    ):
        if as_json:
            print_json({"id": str(window.id), "state": window.state, **_times(window)})
        else:
            typer.echo(_shown(window))


@app.command()
def end(window_id: WindowId, operator: Operator) -> None:
    """End a stop that holds, before its time."""
    from gateway.use_cases.maintenance.end_window import end_window

    actor = f"operator:{named(operator)}"
    window = in_gateway(
        lambda uow, clock, _ids: end_window(window_id, actor=actor, uow=uow, clock=clock)
    )
    typer.echo(f"ended: {_shown(window)}")


@app.command()
def cancel(window_id: WindowId, operator: Operator) -> None:
    """Call off a stop that has not begun."""
    from gateway.use_cases.maintenance.cancel_window import cancel_window

    actor = f"operator:{named(operator)}"
    window = in_gateway(
        lambda uow, clock, _ids: cancel_window(window_id, actor=actor, uow=uow, clock=clock)
    )
    typer.echo(f"called off: {_shown(window)}")


def _moment(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("not a moment in RFC 3339", param_hint=name) from error
    if moment.tzinfo is None:
        raise typer.BadParameter("the offset is missing, for example +07:00", param_hint=name)
    return moment


def _times(window: "MaintenanceWindow") -> dict[str, str]:
    return {"starts_at": window.starts_at.isoformat(), "ends_at": window.ends_at.isoformat()}


def _shown(window: "MaintenanceWindow") -> str:
    times = _times(window)
    return f"{window.id}  {window.state:9}  {times['starts_at']} – {times['ends_at']}"
