from typing import Annotated

from fastapi import APIRouter, Path, status

from gateway.api.confirming.schemas import (
    BindCertificateBody,
    CertificateBody,
    CertificatesBody,
)
from gateway.api.dependencies import SessionDep, ToolsDep, UowDep
from gateway.api.people.schemas import ChallengeBody
from gateway.use_cases.confirming.bind_certificate import (
    bind_certificate,
    challenge_certificate,
)
from gateway.use_cases.confirming.remove_certificate import remove_certificate

router = APIRouter(prefix="/v1", tags=["certificates"])
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@router.post("/certificate-challenges", status_code=status.HTTP_201_CREATED)
async def post_certificate_challenge(
    session: SessionDep, uow: UowDep, tools: ToolsDep
) -> ChallengeBody:
    """Text for a certificate to sign, within five minutes and once."""
    return ChallengeBody.of(await challenge_certificate(session, uow=uow, tools=tools.binding))


@router.post("/certificates", status_code=status.HTTP_201_CREATED)
async def post_certificate(
    body: BindCertificateBody, session: SessionDep, uow: UowDep, tools: ToolsDep
) -> CertificateBody:
    """Bind a licensed authority's certificate whose key has just signed the challenge."""
    bound = await bind_certificate(body.given(), session=session, uow=uow, tools=tools.binding)
    return CertificateBody.of(bound)


@router.get("/certificates")
async def get_certificates(session: SessionDep, uow: UowDep) -> CertificatesBody:
    """The certificates bound to the account, ten at most."""
    async with uow:
        held = await uow.certificates.list_of(session.user_id)
    return CertificatesBody(items=[CertificateBody.of(one) for one in held])


@router.delete("/certificates/{id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_certificate(id: Digest, session: SessionDep, uow: UowDep, tools: ToolsDep) -> None:
    """It confirms nothing any more; what it confirmed stays."""
    await remove_certificate(id, session=session, uow=uow, clock=tools.clock)
