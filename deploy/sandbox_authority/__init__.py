"""Plays the authorities around the gateway: revocation (RFC 5280, RFC 6960), time (RFC 3161)."""
