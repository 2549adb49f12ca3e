"""Proves a receipt or an evidence bundle without us: no server, no network, no code of ours.

All it takes is the file and the anchors, which name whom to trust.
"""

from deploy.verifier.verdict import Item, Unreadable, Verdict
from deploy.verifier.verify import verify_bytes, verify_file

__all__ = ["Item", "Unreadable", "Verdict", "verify_bytes", "verify_file"]
