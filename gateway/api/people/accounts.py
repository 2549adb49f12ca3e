from uuid import UUID

from fastapi import APIRouter, status

from gateway.api.dependencies import SessionDep, ToolsDep, UowDep, UserIdDep
from gateway.api.people.schemas import (
    AccountBody,
    ActivateCodeBody,
    CodeGeneratorBody,
    MakeRecoveryCodesBody,
    OpenAccountBody,
    RecoveryCodesBody,
)
from gateway.use_cases.people.activate_code import activate_code
from gateway.use_cases.people.open_account import NewAccount, open_account
from gateway.use_cases.people.recovery_codes import make_recovery_codes
from gateway.use_cases.people.replace_code_generator import (
    offer_code_generator,
    replace_code_generator,
)

router = APIRouter(prefix="/v1/accounts", tags=["payers"])
recovery_router = APIRouter(prefix="/v1/recovery-codes", tags=["payers"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_account(body: OpenAccountBody, uow: UowDep, tools: ToolsDep) -> AccountBody:
    """Open an account. Put `totp_uri` into a code generator, then activate it with a code."""
    new = NewAccount(
        username=body.username,
        password=body.password.get_secret_value(),
        full_name=body.full_name,
    )
    return AccountBody.of(await open_account(new, uow=uow, tools=tools.account))


@router.post("/current/totp", status_code=status.HTTP_201_CREATED)
async def post_totp(session: SessionDep, uow: UowDep, tools: ToolsDep) -> CodeGeneratorBody:
    """A new code generator. The one before counts until a code of the new one is shown."""
    return CodeGeneratorBody(
        totp_uri=await offer_code_generator(session, uow=uow, tools=tools.account)
    )


@router.post("/current/totp-activations", status_code=status.HTTP_204_NO_CONTENT)
async def post_current_totp_activation(
    body: ActivateCodeBody, session: SessionDep, uow: UowDep, tools: ToolsDep
) -> None:
    """The new code generator counts from now on; signed out is who is signed in elsewhere."""
    await replace_code_generator(session, body.code, uow=uow, tools=tools.account)


@recovery_router.post("", status_code=status.HTTP_201_CREATED)
async def post_recovery_codes(
    body: MakeRecoveryCodesBody, user_id: UserIdDep, uow: UowDep, tools: ToolsDep
) -> RecoveryCodesBody:
    """Ten new codes in place of all before. Keep them where the code generator is not."""
    codes = await make_recovery_codes(user_id, body.totp, uow=uow, tools=tools.account)
    return RecoveryCodesBody(codes=list(codes))


@router.post("/{id}/totp-activations", status_code=status.HTTP_204_NO_CONTENT)
async def post_totp_activation(
    id: UUID, body: ActivateCodeBody, uow: UowDep, tools: ToolsDep
) -> None:
    """Show that the code generator works. The code is used up by it."""
    await activate_code(id, body.code, uow=uow, codes=tools.codes, clock=tools.clock)
