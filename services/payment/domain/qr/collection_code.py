from typing import Final

from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.qr.vietqr import DYNAMIC, VietQr, write_qr

# ISO 18245: government services not elsewhere classified.
GOVERNMENT_SERVICES: Final = "9399"


def collection_code(intent: PaymentIntent, bill_reference: str) -> str:
    """The code that pays exactly this intent. Raises UnwritableQr when its payee fits no code."""
    # The purpose becomes the transfer's memo, the one field sure to come back from every bank.
    return write_qr(
        VietQr(
            bank_bin=intent.payee.bank_bin,
            account=intent.payee.account_number,
            amount=intent.amount.minor_units,
            bill_number=bill_reference,
            purpose=bill_reference,
            merchant_name=intent.payee.account_name,
            mcc=GOVERNMENT_SERVICES,
            point_of_initiation=DYNAMIC,
        )
    )
