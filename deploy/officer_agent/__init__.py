"""Runs on an officer's own machine, beside their smart card; the platform never sees the PIN."""
