"""The evidence of one fee: who asked, who agreed, who paid, what was receipted; all signed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from deploy.verifier.anchors import Anchors
from deploy.verifier.archive import read_archive
from deploy.verifier.confirmation import check_confirmation
from deploy.verifier.encodings import (
    canonical_object,
    json_object,
    object_at,
    sha256_hex,
    text_at,
    whole_at,
)
from deploy.verifier.receipt_pdf import (
    read_attached_receipt,
    read_signed_pdf,
    require_same_facts,
)
from deploy.verifier.receipt_xml import ReceiptFacts, read_receipt_xml
from deploy.verifier.signatures import require_attached
from deploy.verifier.signed_request import SignedRequest, read_signed_request
from deploy.verifier.verdict import Broken, Report, Verdict, require

FORMAT: Final = "lephi-evidence/1"
EVIDENCE_TYPE: Final = "lephi-evidence+jws"
MANIFEST: Final = ("manifest.json", "manifest.jws")
CONFIRMATION: Final = ("confirmation.json", "intent.json", "shown.txt")
PARTS: Final = ("body.bin", "record.json", "signature-base.txt")
REQUEST: Final = re.compile(
    r"requests/(\d{1,3})-(dossier-submission|provider-notification|client-request)/([a-z.-]+)"
)
RECEIPT: Final = re.compile(r"receipts/([A-Za-z0-9-]{1,40})\.(xml|pdf)")

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Contents:
    payment_intent_id: str
    files: Files
    requests: Mapping[str, str]
    """Folder → kind."""
    receipts: Sequence[str]
    """Each path without its ending."""

    @property
    def confirmed(self) -> bool:
        return any(name in self.files for name in CONFIRMATION)

    @property
    def paid(self) -> bool:
        return bool(self.receipts) or "provider-notification" in self.requests.values()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    amount: int
    currency: str
    bank_bin: str
    account_number: str
    confirmed_at: datetime
    given_by: str


def verify_bundle(raw: bytes, anchors: Anchors) -> Verdict:
    report = Report("evidence bundle")
    files = report.check(
        "archive", partial(read_archive, raw), lambda found: f"{len(found)} files, packed as issued"
    )
    if files is None:
        return report.verdict()
    contents = report.check(
        "manifest",
        partial(_read_manifest, files, anchors),
        lambda found: f"signed by the gateway; payment {found.payment_intent_id}",
    )
    if contents is None:
        return report.verdict()
    requests = [
        report.check(folder, partial(_read_request, folder, kind, contents, anchors), _of_request)
        for folder, kind in contents.requests.items()
    ]
    receipts = [
        report.check(path, partial(_read_receipt, path, contents, anchors), _of_receipt)
        for path in contents.receipts
    ]
    confirmation = None
    if contents.confirmed or contents.paid:
        read = partial(_read_confirmation, contents, anchors)
        confirmation = report.check("confirmation", read, _of_confirmation)
    if report.fine and confirmation is not None and contents.paid:
        known = [one for one in requests if one is not None]
        agree = partial(_agreement, confirmation, known, [one for one in receipts if one])
        report.check("amounts", agree, lambda told: told)
    return report.verdict()


def _read_manifest(files: Files, anchors: Anchors) -> Contents:
    for name in MANIFEST:
        require(name in files, f"{name} is missing")
    raw = files["manifest.json"]
    try:
        jws = files["manifest.jws"].decode("ascii")
    except ValueError as error:
        raise Broken("the manifest's signature is not text") from error
    require_attached(jws, raw, typ=EVIDENCE_TYPE, keys=anchors.evidence_keys)
    said = canonical_object(raw, "the manifest")
    require(
        said.keys() == {"format", "payment_intent_id", "made_at", "files"},
        "the manifest has other members than agreed",
    )
    require(said["format"] == FORMAT, f"it is not of the form {FORMAT}")
    digests = {name: sha256_hex(one) for name, one in files.items() if name not in MANIFEST}
    listed = object_at(said, "files", "the manifest")
    require(listed.keys() == digests.keys(), "the manifest lists other files than there are")
    changed = [name for name, digest in digests.items() if listed[name] != digest]
    require(not changed, f"changed: {', '.join(changed)}")
    return _sort(text_at(said, "payment_intent_id", "the manifest"), files)


def _sort(payment_intent_id: str, files: Files) -> Contents:
    requests: dict[str, str] = {}
    receipts: list[str] = []
    for name in files:
        request, receipt = REQUEST.fullmatch(name), RECEIPT.fullmatch(name)
        if request is not None and request[3] in PARTS:
            requests[f"requests/{request[1]}-{request[2]}"] = request[2]
        elif receipt is not None and receipt[2] == "xml":
            receipts.append(name.removesuffix(".xml"))
        elif receipt is not None:
            require(f"receipts/{receipt[1]}.xml" in files, f"{name} has no original beside it")
        else:
            require(name in (*MANIFEST, *CONFIRMATION), f"{name} has no place in a bundle")
    for folder in requests:
        whole = all(f"{folder}/{part}" in files for part in PARTS)
        require(whole, f"{folder} is not complete")
    require("dossier-submission" in requests.values(), "nobody asked for this fee")
    return Contents(payment_intent_id, files, requests, receipts)


def _read_request(folder: str, kind: str, contents: Contents, anchors: Anchors) -> SignedRequest:
    return read_signed_request(
        kind,
        record=contents.files[f"{folder}/record.json"],
        body=contents.files[f"{folder}/body.bin"],
        base=contents.files[f"{folder}/signature-base.txt"],
        anchors=anchors,
    )


def _read_receipt(path: str, contents: Contents, anchors: Anchors) -> ReceiptFacts:
    raw = contents.files[f"{path}.xml"]
    facts = read_receipt_xml(raw, anchors)
    require(
        facts.payment_intent_id == contents.payment_intent_id,
        "the receipt belongs to another payment",
    )
    page = contents.files.get(f"{path}.pdf")
    if page is not None:
        signed = read_signed_pdf(page, anchors)
        attached = read_attached_receipt(signed, anchors)
        require(attached == facts, "the page carries another receipt than the one beside it")
        require_same_facts(signed, facts)
    return facts


def _read_confirmation(contents: Contents, anchors: Anchors) -> Confirmation:
    for name in CONFIRMATION:
        require(name in contents.files, f"nobody confirmed this fee: {name} is missing")
    raw, record = contents.files["intent.json"], contents.files["confirmation.json"]
    proof, given_by = check_confirmation(raw, record, anchors)
    intent = proof.intent
    require(
        proof.said.get("shown_sha256") == sha256_hex(contents.files["shown.txt"]),
        "the text kept is not the one that was shown",
    )
    require(intent.get("txn") == contents.payment_intent_id, "the intent is of another payment")
    payee = object_at(intent, "payee", "the intent")
    return Confirmation(
        amount=whole_at(intent, "amount", "the intent"),
        currency=text_at(intent, "currency", "the intent"),
        bank_bin=text_at(payee, "bank_bin", "the payee"),
        account_number=text_at(payee, "account_number", "the payee"),
        confirmed_at=proof.confirmed_at,
        given_by=given_by,
    )


def _agreement(
    confirmation: Confirmation, requests: Sequence[SignedRequest], receipts: Sequence[ReceiptFacts]
) -> str:
    """What was agreed to, what the bank says it moved, and what was receipted are one amount."""
    agreed = f"{confirmation.amount} {confirmation.currency}"
    notices = [one for one in requests if one.kind == "provider-notification"]
    paid = [said for one in notices if (said := json_object(one.body, "a notice"))]
    exact = [said for said in paid if _is_exact(said, confirmation)]
    require(bool(exact), f"no bank says that {agreed} arrived at the payee's account")
    if not receipts:
        return f"{agreed} agreed to and paid; no receipt in the bundle"
    total = sum(one.amount for one in receipts)
    require(
        total == confirmation.amount
        and {one.currency for one in receipts} == {confirmation.currency},
        f"the receipts are over {total}, and {agreed} was agreed to",
    )
    references = {one.provider_reference for one in receipts}
    require(
        len(references) == 1 and references <= {said.get("provider_reference") for said in exact},
        "the receipts name another movement of money than the bank",
    )
    return f"{agreed} agreed to, paid and receipted"


def _is_exact(said: dict[str, Any], confirmation: Confirmation) -> bool:
    return (
        said.get("outcome") == "succeeded"
        and type(said.get("amount")) is int
        and said["amount"] == confirmation.amount
        and said.get("currency") == confirmation.currency
        and said.get("bank_bin") == confirmation.bank_bin
        and said.get("account_number") == confirmation.account_number
    )


def _of_request(found: SignedRequest) -> str:
    return f"signed by {found.client_id}, received {found.received_at.isoformat()}"


def _of_receipt(found: ReceiptFacts) -> str:
    return f"{found.name}: {found.amount} {found.currency}, signed by {found.signed_by}"


def _of_confirmation(found: Confirmation) -> str:
    at = found.confirmed_at.isoformat()
    return f"{found.amount} {found.currency}, signed by {found.given_by} at {at}"
