"""The evidence of one fee: who asked, who agreed, who paid, what was receipted; all signed."""

from datetime import timedelta
from functools import partial
from typing import Final

from deploy.verifier.anchors import Anchors
from deploy.verifier.archive import read_archive
from deploy.verifier.confirmation import check_confirmation
from deploy.verifier.encodings import canonical_object, object_at, sha256_hex, text_at, whole_at
from deploy.verifier.evidence_bundle_audit import (
    Signed,
    read_signed_checkpoint,
    require_recorded,
)
from deploy.verifier.evidence_bundle_keys import (
    require_all_keys,
    require_certificates,
    require_key,
)
from deploy.verifier.evidence_bundle_manifest import (
    CHECKPOINT,
    CONFIRMATION,
    FORMAT,
    Contents,
    read_manifest,
    stamped_bytes,
)
from deploy.verifier.evidence_bundle_money import (
    NOT_PROVABLE,
    Confirmation,
    level_of,
    require_agreement,
    require_billed_amount,
)
from deploy.verifier.receipt_pdf import (
    read_attached_receipt,
    read_signed_pdf,
    require_same_facts,
)
from deploy.verifier.receipt_xml import ReceiptFacts, read_receipt_xml
from deploy.verifier.signed_request import SignedRequest, read_signed_request
from deploy.verifier.signed_request_schemes import read_notice
from deploy.verifier.time_stamp import read_time_stamp
from deploy.verifier.verdict import Report, Verdict, require

# An authority's clock and ours may differ by so much.
SKEW: Final = timedelta(minutes=5)


def verify_bundle(raw: bytes, anchors: Anchors) -> Verdict:
    report = Report("evidence bundle")
    files = report.check(
        "archive", partial(read_archive, raw), lambda found: f"{len(found)} files, packed as issued"
    )
    if files is None:
        return report.verdict()
    contents = report.check(
        "manifest",
        partial(read_manifest, files, anchors),
        lambda found: f"signed by the gateway; payment {found.payment_intent_id}",
    )
    if contents is None:
        return report.verdict()
    read = {
        folder: report.check(
            folder, partial(_read_request, folder, kind, contents, anchors), _of_request
        )
        for folder, kind in contents.requests.items()
    }
    requests = [one for one in read.values() if one is not None]
    if contents.form == FORMAT and len(requests) == len(read):
        _check_keys(report, contents, requests, anchors)
    receipts = [
        report.check(path, partial(_read_receipt, path, contents, anchors), _of_receipt)
        for path in contents.receipts
    ]
    confirmation = None
    if contents.billed and not contents.confirmed:
        _check_bill(report, requests, [one for one in receipts if one])
    elif contents.confirmed or contents.paid:
        confirm = partial(_read_confirmation, contents, anchors)
        confirmation = report.check("confirmation", confirm, _of_confirmation)
    if contents.form == FORMAT:
        _check_material(report, contents, anchors)
    if report.fine and confirmation is not None and contents.paid:
        agree = partial(require_agreement, confirmation, requests, [one for one in receipts if one])
        report.check("amounts", agree, lambda told: told)
    if contents.form == FORMAT:
        _tell(report, contents, requests)
    return report.verdict()


def _check_bill(
    report: Report, requests: list[SignedRequest], receipts: list[ReceiptFacts]
) -> None:
    report.note(
        "confirmation", "none: its biller signed for this bill; who paid it agreed at their bank"
    )
    if report.fine:
        agree = partial(require_billed_amount, requests, receipts)
        report.check("amounts", agree, lambda told: told)


def _check_keys(
    report: Report, contents: Contents, requests: list[SignedRequest], anchors: Anchors
) -> None:
    report.check(
        "keys", partial(require_all_keys, contents, requests), lambda count: f"{count} of clients"
    )
    for path in sorted(contents.below("keys")):
        report.check(
            path,
            partial(require_key, path, contents, requests, anchors),
            lambda count: f"in force at each of {count} request(s)",
        )


def _check_material(report: Report, contents: Contents, anchors: Anchors) -> None:
    if contents.below("certificates") or b'"chain":' in contents.files.get(CONFIRMATION[0], b""):
        report.check("certificates", partial(require_certificates, contents), str)
    signed = None
    if contents.audited:
        signed = report.check(
            CHECKPOINT, partial(read_signed_checkpoint, contents, anchors), _of_checkpoint
        )
    if signed is not None:
        for path in sorted(contents.below("audit") - {CHECKPOINT}):
            name = path.removeprefix("audit/").removesuffix(".json")
            report.check(
                path,
                partial(require_recorded, name, contents, signed),
                lambda index: f"leaf {index} of the log, by its digest",
            )
    if contents.stamped == "files" or (contents.stamped == "checkpoint" and signed is not None):
        _check_stamp(report, contents, signed, anchors)


def _check_stamp(
    report: Report, contents: Contents, signed: Signed | None, anchors: Anchors
) -> None:
    path = f"timestamps/{contents.stamped}.tst"

    def read() -> str:
        content = stamped_bytes(contents)
        if contents.stamped == "checkpoint" and signed is not None:
            content = signed.jws.encode()
        at = read_time_stamp(contents.files[path], content, anchors)
        made = signed is None or signed.checkpoint.at - SKEW <= at
        require(made, "it was stamped before it was made")
        require(at <= contents.made_at + SKEW, "it was stamped after the bundle was made")
        return f"all this was there at {at.isoformat()}, says an authority we trust"

    report.check(path, read, str)


def _tell(report: Report, contents: Contents, requests: list[SignedRequest]) -> None:
    """What was not proved, and what the payment rests on."""
    if not contents.audited:
        report.note("audit", "pending: the log had not taken up every record; ask again")
    if contents.stamped == "none":
        report.note("time stamp", "none: the times are the gateway's own word")
    if contents.missing:
        report.note("missing", f"not there (yet): {', '.join(contents.missing)}")
    level = level_of(requests)
    if level is not None:
        report.note("evidence level", f"the payment rests on {level}")


def _read_request(folder: str, kind: str, contents: Contents, anchors: Anchors) -> SignedRequest:
    record = contents.files[f"{folder}/record.json"]
    body = contents.files[f"{folder}/body.bin"]
    base = contents.files[f"{folder}/signature-base.txt"]
    if kind == "provider-notification" and contents.form == FORMAT:
        said = canonical_object(record, "the record")
        if "evidence_level" in said:
            return read_notice(record=record, body=body, base=base, anchors=anchors)
    return read_signed_request(kind, record=record, body=body, base=base, anchors=anchors)


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


def _of_request(found: SignedRequest) -> str:
    received = f"received {found.received_at.isoformat()}"
    if found.level == "P3":
        return f"from {found.client_id} by {NOT_PROVABLE}, {received}"
    return f"signed by {found.client_id}, {received}"


def _of_checkpoint(found: Signed) -> str:
    seen = f"co-signed by {', '.join(found.witnesses)}" if found.witnesses else "not co-signed"
    at = found.checkpoint.at.isoformat()
    return f"{found.checkpoint.size} leaves at {at}, signed by the gateway, {seen}"


def _of_receipt(found: ReceiptFacts) -> str:
    return f"{found.name}: {found.amount} {found.currency}, signed by {found.signed_by}"


def _of_confirmation(found: Confirmation) -> str:
    at = found.confirmed_at.isoformat()
    return f"{found.amount} {found.currency}, signed by {found.given_by} at {at}"
