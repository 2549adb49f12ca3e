from tests.payment.api.conftest import door, world

__all__ = ["door", "world"]
