"""OAuth 2 for portals: the token endpoint (RFC 6749) and what it says of itself (RFC 8414)."""

from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from chassis.errors import Refused
from gateway.api.dependencies import UowDep
from gateway.api.machines.tools import ArrivalDep, MachinesDep
from gateway.domain.machines.access_token import TOKEN_LIFETIME, TOKEN_SCOPES
from gateway.domain.machines.client import ClientClass
from gateway.domain.machines.signed_request import Arrival
from gateway.domain.machines.token_errors import (
    InvalidClient,
    TokenChallenged,
    TokenRefused,
)
from gateway.use_cases.machines.issue_token import (
    ASSERTION_TYPE,
    GRANT_TYPE,
    TokenRequest,
    issue_token,
)

router = APIRouter(tags=["tokens"])

TOKEN_PATH: Final = "/oauth2/token"  # noqa: S105
FORM: Final = "application/x-www-form-urlencoded"
FIELDS_MAX: Final = 16
ALGORITHMS: Final = ("EdDSA", "ES256", "PS512")
FORM_SCHEMA: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "client_assertion_type", "client_assertion"],
                    "properties": {
                        "grant_type": {"const": GRANT_TYPE},
                        "client_assertion_type": {"const": ASSERTION_TYPE},
                        "client_assertion": {
                            "type": "string",
                            "description": "A JWT by the registered key (RFC 7523): kid; iss, sub, "
                            "aud (our public origin), iat, exp within 60 s, jti.",
                        },
                        "client_id": {"type": "string", "description": "May be left out."},
                        "scope": {
                            "type": "string",
                            "description": "Separated by spaces; without it all you may have.",
                        },
                    },
                },
                "example": {
                    "grant_type": GRANT_TYPE,
                    "client_assertion_type": ASSERTION_TYPE,
                    "client_assertion": "header.claims.signature",
                    "scope": "dossier.read receipt.read",
                },
            }
        },
    }
}


class TokenBody(BaseModel):
    """Lives five minutes. The next DPoP nonce is in the header DPoP-Nonce."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class AuthorizationServerBody(BaseModel):
    issuer: str
    token_endpoint: str
    response_types_supported: list[str] = []
    grant_types_supported: list[str] = [GRANT_TYPE]
    token_endpoint_auth_methods_supported: list[str] = ["private_key_jwt"]
    token_endpoint_auth_signing_alg_values_supported: list[str] = list(ALGORITHMS)
    dpop_signing_alg_values_supported: list[str] = list(ALGORITHMS)
    tls_client_certificate_bound_access_tokens: bool = True
    scopes_supported: list[str] = sorted(TOKEN_SCOPES[ClientClass.PORTAL])


class TokenRefusalBody(BaseModel):
    """RFC 6749 5.2. On `use_dpop_nonce` try again with the nonce of the header DPoP-Nonce."""

    error: str
    error_description: str


async def _form(arrival: ArrivalDep) -> TokenRequest:
    """A field sent twice means two things to two readers (RFC 6749 3.2)."""
    if (arrival.header("content-type") or "").partition(";")[0].strip().lower() != FORM:
        raise TokenRefused(f"the body must be {FORM}")
    fields = _fields(arrival)
    given = dict(fields)
    if len(given) != len(fields):
        raise TokenRefused("a parameter is there twice")
    return TokenRequest(
        grant_type=given.get("grant_type"),
        client_assertion_type=given.get("client_assertion_type"),
        client_assertion=given.get("client_assertion"),
        client_id=given.get("client_id"),
        scope=given.get("scope"),
    )


def _fields(arrival: Arrival) -> list[tuple[str, str]]:
    try:
        return parse_qsl(arrival.body.decode("ascii"), max_num_fields=FIELDS_MAX)
    except ValueError as error:
        raise TokenRefused("the form cannot be read") from error


@router.post(
    TOKEN_PATH,
    openapi_extra=FORM_SCHEMA,
    responses={
        400: {"model": TokenRefusalBody, "description": "Refused, or to be tried again"},
        401: {"model": TokenRefusalBody, "description": "`invalid_client`"},
    },
)
async def post_token(
    form: Annotated[TokenRequest, Depends(_form)],
    arrival: ArrivalDep,
    response: Response,
    uow: UowDep,
    machines: MachinesDep,
) -> TokenBody:
    """An access token for look-ups, bound to the key of your DPoP proof or your certificate."""
    issued = await issue_token(form, arrival, tools=machines.tokens, uow=uow)
    grant = issued.grant
    response.headers["DPoP-Nonce"] = machines.tokens.sender_proofs.fresh_nonce()
    return TokenBody(
        access_token=issued.token,
        token_type="DPoP" if grant.proof_thumbprint else "Bearer",
        expires_in=int(TOKEN_LIFETIME.total_seconds()),
        scope=" ".join(sorted(grant.scopes)),
    )


@router.get("/.well-known/oauth-authorization-server")
async def get_metadata(machines: MachinesDep) -> AuthorizationServerBody:
    return AuthorizationServerBody(
        issuer=machines.issuer, token_endpoint=f"{machines.issuer}{TOKEN_PATH}"
    )


def speak_oauth(app: FastAPI) -> None:
    """Refusals of the token endpoint in the words of RFC 6749 5.2, not as problem+json."""
    for kind in (TokenRefused, InvalidClient, TokenChallenged):
        app.add_exception_handler(kind, _on_token_refused)


async def _on_token_refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, TokenChallenged):
        headers |= {name: text for name, text in error.headers.items() if name == "dpop-nonce"}
    status = 401 if isinstance(error, InvalidClient) else 400
    said = {"error": error.code, "error_description": error.message}
    return JSONResponse(said, status, headers)
