"""The gateway that makes the proofs is the real one; what checks them knows no line of it."""

from tests.gateway.conftest import empty_file
from tests.gateway.proofs.conftest import quick_trusted

__all__ = ["empty_file", "quick_trusted"]
