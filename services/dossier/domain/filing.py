"""A request to take in a dossier, as a portal or a counter hands it over."""

from dataclasses import dataclass

from services.dossier.domain.dossier import Applicant
from services.dossier.domain.fee import FeeQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    client_id: str
    # The client's promise that a repeat is the same request, and what the request said.
    idempotency_key: str
    request_fingerprint: str
    procedure_code: str
    agency_code: str
    question: FeeQuestion
    applicant: Applicant
