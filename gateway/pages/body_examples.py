"""A body for each of our own routes that takes one, as a newcomer would write it.

The challenges, proofs and credentials are shaped like real ones and prove nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

_PROOF: Final = "eyJhbGciOiJFZERTQSJ9.bGVwaGktY2xpZW50LWtleS0xOi4uLg.c2lnbmF0dXJl"
_DETACHED: Final = "eyJhbGciOiJFUzI1NiJ9..c2lnbmF0dXJl"
_P256_JWK: Final = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
_CREDENTIAL: Final[Mapping[str, Any]] = {
    "id": "cGFzc2tleS0wMDAx",
    "rawId": "cGFzc2tleS0wMDAx",
    "type": "public-key",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0",
        "authenticatorData": "YXV0aGVudGljYXRvcg",
        "signature": "c2lnbmF0dXJl",
    },
}
_NEW_CREDENTIAL: Final[Mapping[str, Any]] = {
    **_CREDENTIAL,
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0",
        "attestationObject": "bm9uZQ",
        "transports": ["internal"],
    },
}

# By method and path of the table.
BODY_EXAMPLES: Final[Mapping[tuple[str, str], Mapping[str, Any]]] = {
    ("POST", "/v1/accounts"): {
        "username": "nguyen.van.an",
        "password": "a long pass phrase",
        "full_name": "Nguyễn Văn An",
    },
    ("POST", "/v1/accounts/{id}/totp-activations"): {"code": "123456"},
    ("POST", "/v1/accounts/current/totp-activations"): {"code": "123456"},
    ("POST", "/v1/sessions"): {
        "username": "nguyen.van.an",
        "password": "a long pass phrase",
        "totp": "123456",
    },
    ("POST", "/v1/recovery-codes"): {"totp": "123456"},
    ("POST", "/v1/passkey-registrations"): {"payment": True},
    ("POST", "/v1/passkeys"): {"name": "phone", "credential": _NEW_CREDENTIAL},
    ("POST", "/v1/passkey-sessions"): {"credential": _CREDENTIAL},
    ("POST", "/v1/device-keys"): {"jwk": _P256_JWK, "proof": _PROOF, "totp": "123456"},
    ("POST", "/v1/payment-intents/{id}/confirmations"): {"method": "vietqr"},
    ("POST", "/v1/confirmations/{id}/proof"): {
        "kind": "device-key",
        "jws": _DETACHED,
        "totp": "123456",
    },
    ("POST", "/v1/certificates"): {
        "authority": "person",
        "challenge": "lephi-certificate-1:…",
        "signature": {"form": "jws", "value": _DETACHED},
    },
    ("POST", "/v1/grants"): {
        "username": "tran.thi.binh",
        "role": "counter-officer",
        "agency": "H19.25",
    },
    ("POST", "/v1/maintenance-windows"): {
        "starts_at": "2026-12-05T22:00:00+07:00",
        "ends_at": "2026-12-06T00:00:00+07:00",
        "reason_vi": "Nâng cấp hệ thống",
        "reason_en": "Upgrade",
    },
    ("POST", "/v1/clients"): {
        "id": "portal-dong-nai",
        "class": "portal",
        "contact_agency": "H19.25",
        "networks": ["203.0.113.0/24"],
    },
    ("POST", "/v1/clients/{id}/keys"): {
        "jwk": {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        },
        "challenge": "lephi-client-key-1:portal-dong-nai:…",
        "proof": _PROOF,
    },
    ("POST", "/v1/client-keys/{key_id}/retirement"): {"retires_at": "2026-12-31T00:00:00+07:00"},
    ("POST", "/v1/client-keys/{key_id}/revocation"): {"reason": "the server was lost"},
}
