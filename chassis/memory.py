"""What a long-running process does once it is put together."""

import gc
from typing import Final

# Imports leave some hundred thousand objects that never go away. Left where they are, each full
# collection walks them all; requests make few cycles, so collections may also come less often.
THRESHOLDS: Final = (20_000, 20, 50)


def settle_memory() -> None:
    """Call after start-up: what is there now is no longer looked at by the collector."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
