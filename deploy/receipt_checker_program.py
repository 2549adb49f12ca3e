"""Judges the one file on its standard input, within the limits it was started with.

    python -m deploy.receipt_checker_program ANCHORS xml|pdf < FILE

Prints `{"valid": …, "items": […]}`; `valid` is null when there is nothing to judge by.
"""

import json
import resource
import sys
from pathlib import Path

from deploy.verifier.verdict import Unreadable
from deploy.verifier.verify import verify_bytes

PROCESSOR_SECONDS_MAX = 10
MEMORY_BYTES_MAX = 1 << 30
# One more byte than anything that could be a receipt is read, to refuse it.
BYTES_MAX = 10_000_000
LIMITS = {
    resource.RLIMIT_AS: MEMORY_BYTES_MAX,
    resource.RLIMIT_CPU: PROCESSOR_SECONDS_MAX,
    # No file of any size: what comes in is kept nowhere.
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
}


def limit_this_program() -> None:
    for limit, most in LIMITS.items():
        resource.setrlimit(limit, (most, most))


def main(anchors: str, form: str) -> None:
    limit_this_program()
    try:
        raw = sys.stdin.buffer.read(BYTES_MAX + 1)
        verdict = verify_bytes(raw, name=f"receipt.{form}", anchors=Path(anchors))
    except Unreadable:
        said: object = {"valid": None, "items": []}
    else:
        fits = f"({form.upper()})" in verdict.kind
        items = [
            {"name": one.name, "valid": one.valid, "detail": one.detail} for one in verdict.items
        ]
        said = {"valid": verdict.valid and fits, "items": items}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
