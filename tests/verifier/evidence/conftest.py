from tests.gateway.conftest import empty_file
from tests.gateway.evidence.conftest import rig

__all__ = ["empty_file", "rig"]
