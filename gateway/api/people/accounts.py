from uuid import UUID

from fastapi import APIRouter, status

from gateway.api.dependencies import ToolsDep, UowDep
from gateway.api.people.schemas import AccountBody, ActivateCodeBody, OpenAccountBody
from gateway.use_cases.people.activate_code import activate_code
from gateway.use_cases.people.open_account import NewAccount, open_account

router = APIRouter(prefix="/v1/accounts", tags=["payers"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_account(body: OpenAccountBody, uow: UowDep, tools: ToolsDep) -> AccountBody:
    """Open an account. Put `totp_uri` into a code generator, then activate it with a code."""
    new = NewAccount(
        username=body.username,
        password=body.password.get_secret_value(),
        full_name=body.full_name,
    )
    return AccountBody.of(await open_account(new, uow=uow, tools=tools.account))


@router.post("/{id}/totp-activations", status_code=status.HTTP_204_NO_CONTENT)
async def post_totp_activation(
    id: UUID, body: ActivateCodeBody, uow: UowDep, tools: ToolsDep
) -> None:
    """Show that the code generator works. The code is used up by it."""
    await activate_code(id, body.code, uow=uow, codes=tools.codes, clock=tools.clock)
