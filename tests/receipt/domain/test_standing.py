import pytest

from services.receipt.domain.receipts.refund_note import RefundState
from services.receipt.domain.receipts.standing import Corrected, Standing, standing_after

PARTLY, WHOLLY = RefundState.PARTLY_REFUNDED, RefundState.REFUNDED


@pytest.mark.parametrize(
    ("corrected", "refund", "standing"),
    [
        (None, None, Standing.VALID),
        (None, PARTLY, Standing.PARTLY_REFUNDED),
        (None, WHOLLY, Standing.REFUNDED),
        (Corrected.ADJUSTED, None, Standing.ADJUSTED),
        (Corrected.ADJUSTED, PARTLY, Standing.PARTLY_REFUNDED),
        (Corrected.REPLACED, WHOLLY, Standing.REPLACED),
        (Corrected.CANCELLED, WHOLLY, Standing.CANCELLED),
    ],
)
def test_what_no_longer_counts_outranks_a_refund_and_a_refund_an_adjustment(
    corrected: Corrected | None, refund: RefundState | None, standing: Standing
) -> None:
    assert standing_after(corrected, refund) is standing
