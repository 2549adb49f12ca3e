from chassis.clock import Clock
from gateway.domain.confirming.errors import CertificateNotFound
from gateway.domain.people.account import Session
from gateway.domain.people.assurance import Acr
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.confirming.bind_certificate import certificate_entry


async def remove_certificate(
    certificate_id: str, *, session: Session, uow: UnitOfWork, clock: Clock
) -> None:
    """It confirms nothing any more; what it confirmed stays confirmed."""
    session.require(Acr.MFA)
    async with uow:
        if not await uow.certificates.remove(
            certificate_id, user_id=session.user_id, at=clock.now()
        ):
            raise CertificateNotFound
        await uow.audit.add(
            certificate_entry("certificate.removed", certificate_id, session.user_id)
        )
