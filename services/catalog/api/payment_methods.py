from fastapi import APIRouter

from services.catalog.api.dependencies import ReadingDep
from services.catalog.api.schemas import PaymentMethodBody, PaymentMethodsBody
from services.catalog.use_cases.list_payment_methods import list_payment_methods

router = APIRouter(prefix="/v1/payment-methods", tags=["payment-methods"])


@router.get("")
async def get_payment_methods(reading: ReadingDep) -> PaymentMethodsBody:
    """Every way to pay that works today, and what it costs."""
    methods = await list_payment_methods(reading=reading)
    return PaymentMethodsBody(items=[PaymentMethodBody.of(method) for method in methods])
