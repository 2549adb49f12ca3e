"""`lephi people`: who holds which duty, told by an operator at the machine.

The first granter comes from here. Every grant and every withdrawal is in the audit
log with the operator's name.
"""

import re
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from deploy.commands.in_gateway import AsJson, Operator, in_gateway, named
from deploy.commands.printing import print_json

if TYPE_CHECKING:
    from gateway.domain.people.roles import Role, RoleGrant

LISTED_MAX = 500

app = typer.Typer(help="People and their duties.", no_args_is_help=True)
Username = Annotated[str, typer.Argument(help="The person's user name.")]


@app.command("list")
def list_people(
    role: Annotated[str | None, typer.Option(help="Only this duty.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only here; `*` is every agency.")] = None,
    ended: Annotated[bool, typer.Option("--ended", help="Those that ended, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show who holds which duty, the latest first."""
    from gateway.ports.people import GrantFilter
    from gateway.use_cases.people.list_grants import list_grants

    wanted = GrantFilter(
        agencies=frozenset({agency}) if agency else None,
        role=_role(role) if role else None,
        live=not ended,
    )
    found, more = in_gateway(
        lambda uow, _clock, _ids: list_grants(wanted, limit=LISTED_MAX, uow=uow)
    )
    for one in found:
        if as_json:
            print_json(_shown(one))
        else:
            typer.echo("  ".join(value or "live" for value in _shown(one).values()))
    if more:
        typer.echo(
            f"Only the latest {LISTED_MAX} are shown; narrow by --role or --agency.", err=True
        )


@app.command()
def grant(
    username: Username,
    role: Annotated[str, typer.Argument(help="A duty, such as `accountant`.")],
    agency: Annotated[str, typer.Argument(help="An agency's code, or `*` for every agency.")],
    operator: Operator,
    as_json: AsJson = False,
) -> None:
    """Give a duty. It counts from the person's next request on."""
    from gateway.domain.people.roles import AGENCY_PATTERN, Grant
    from gateway.use_cases.people.grant_role import NewGrant, grant_role
    from gateway.use_cases.people.granter import Granter

    if not re.match(AGENCY_PATTERN, agency):
        raise typer.BadParameter("a code of up to 40 characters, or `*`", param_hint="AGENCY")
    new = NewGrant(grant=Grant(role=_role(role), agency=agency), username=username.lower())
    by = Granter.operator(named(operator))
    made = in_gateway(lambda uow, clock, ids: grant_role(new, by=by, uow=uow, clock=clock, ids=ids))
    if as_json:
        print_json(_shown(made))
    else:
        typer.echo(f"{username} holds {role} for {agency}: grant {made.id}")


@app.command()
def withdraw(grant_id: UUID, operator: Operator) -> None:
    """Take a duty back. The person's next request is already without it."""
    from gateway.use_cases.people.granter import Granter
    from gateway.use_cases.people.withdraw_grant import withdraw_grant

    by = Granter.operator(named(operator))
    in_gateway(lambda uow, clock, _ids: withdraw_grant(grant_id, by=by, uow=uow, clock=clock))
    typer.echo(f"grant {grant_id}: withdrawn")


def _shown(made: "RoleGrant") -> dict[str, Any]:
    return {
        "id": str(made.id),
        "user_id": str(made.user_id),
        "role": made.grant.role.value,
        "agency": made.grant.agency,
        "granted_by": made.granted_by,
        "granted_at": made.granted_at.isoformat(),
        "withdrawn_by": made.withdrawn_by,
    }


def _role(text: str) -> "Role":
    from gateway.domain.people.roles import Role

    try:
        return Role(text)
    except ValueError as error:
        raise typer.BadParameter(f"one of {', '.join(Role)}", param_hint="ROLE") from error
