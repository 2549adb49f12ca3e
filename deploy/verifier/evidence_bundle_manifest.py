"""What a bundle says it holds and lacks, and that it does: every file in its place, no other."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import rfc8785

from deploy.verifier.anchors import Anchors
from deploy.verifier.encodings import (
    canonical_object,
    instant_at,
    object_at,
    sha256_hex,
    text_at,
)
from deploy.verifier.signatures import require_attached
from deploy.verifier.verdict import Broken, require

FORMAT: Final = "lephi-evidence/2"
FORMATS: Final[Mapping[str, set[str]]] = {
    # Before there were an audit log and time stamps.
    "lephi-evidence/1": set(),
    FORMAT: {"audit", "time_stamp", "missing"},
}
EVIDENCE_TYPE: Final = "lephi-evidence+jws"
MANIFEST: Final = ("manifest.json", "manifest.jws")
CONFIRMATION: Final = ("confirmation.json", "intent.json", "shown.txt")
PARTS: Final = ("body.bin", "record.json", "signature-base.txt")
CHECKPOINT: Final = "audit/checkpoint.json"
NAMES: Final = r"\d{1,4}-(?:dossier-submission|biller-request|provider-notification|client-request)"
REQUEST: Final = re.compile(rf"requests/({NAMES})/([a-z.-]+)")
RECEIPT: Final = re.compile(r"receipts/([A-Za-z0-9-]{1,40})\.(xml|pdf)")
OTHERS: Final = re.compile(
    r"keys/[A-Za-z0-9_-]{43}\.json|certificates/\d{1,2}\.(?:cer|crl|ocsp)"
    rf"|audit/(?:checkpoint|confirmation|{NAMES})\.json|timestamps/(?:checkpoint|files)\.tst"
)
STAMPS: Final[Mapping[str, set[str]]] = {
    "checkpoint": {"timestamps/checkpoint.tst"},
    "files": {"timestamps/files.tst"},
    "none": set(),
}

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    form: str
    payment_intent_id: str
    made_at: datetime
    files: Files
    requests: Mapping[str, str]
    """Folder → kind."""
    receipts: Sequence[str]
    """Each path without its ending."""
    audited: bool
    stamped: str

    @property
    def billed(self) -> bool:
        """Asked for by a biller, whose signature stands for it: nobody confirms a printed bill."""
        asked = self.requests.values()
        return "biller-request" in asked and "dossier-submission" not in asked

    @property
    def confirmed(self) -> bool:
        return any(name in self.files for name in CONFIRMATION)

    @property
    def paid(self) -> bool:
        return bool(self.receipts) or "provider-notification" in self.requests.values()

    @property
    def missing(self) -> list[str]:
        there = {
            "confirmation": self.confirmed,
            "provider-notification": "provider-notification" in self.requests.values(),
            "receipts": bool(self.receipts),
        }
        return sorted(name for name, is_there in there.items() if not is_there)

    def below(self, folder: str) -> set[str]:
        return {name for name in self.files if name.startswith(f"{folder}/")}


def read_manifest(files: Files, anchors: Anchors) -> Contents:
    for name in MANIFEST:
        require(name in files, f"{name} is missing")
    raw = files["manifest.json"]
    try:
        jws = files["manifest.jws"].decode("ascii")
    except ValueError as error:
        raise Broken("the manifest's signature is not text") from error
    require_attached(jws, raw, typ=EVIDENCE_TYPE, keys=anchors.evidence_keys)
    said = canonical_object(raw, "the manifest")
    form = said.get("format")
    if not isinstance(form, str) or form not in FORMATS:
        raise Broken(f"it is not of the form {FORMAT}")
    members = {"format", "payment_intent_id", "made_at", "files"} | FORMATS[form]
    require(said.keys() == members, "the manifest has other members than agreed")
    digests = {name: sha256_hex(one) for name, one in files.items() if name not in MANIFEST}
    listed = object_at(said, "files", "the manifest")
    require(listed.keys() == digests.keys(), "the manifest lists other files than there are")
    changed = [name for name, digest in digests.items() if listed[name] != digest]
    require(not changed, f"changed: {', '.join(changed)}")
    contents = _sort(said, files)
    if form == FORMAT:
        _require_as_stated(contents, said)
    return contents


def stamped_bytes(contents: Contents) -> bytes:
    """What a stamp over the files is over: all of them but stamps and the manifest."""
    digests = {
        name: sha256_hex(one)
        for name, one in contents.files.items()
        if name not in MANIFEST and not name.startswith("timestamps/")
    }
    return rfc8785.dumps(
        {
            "format": contents.form,
            "payment_intent_id": contents.payment_intent_id,
            "files": digests,
        }
    )


def _sort(said: dict[str, Any], files: Files) -> Contents:
    requests: dict[str, str] = {}
    receipts: list[str] = []
    others = OTHERS if said["format"] == FORMAT else None
    for name in files:
        request, receipt = REQUEST.fullmatch(name), RECEIPT.fullmatch(name)
        if request is not None and request[2] in PARTS:
            requests[f"requests/{request[1]}"] = request[1].partition("-")[2]
        elif receipt is not None and receipt[2] == "xml":
            receipts.append(name.removesuffix(".xml"))
        elif receipt is not None:
            require(f"receipts/{receipt[1]}.xml" in files, f"{name} has no original beside it")
        else:
            placed = name in (*MANIFEST, *CONFIRMATION) or (others and others.fullmatch(name))
            require(bool(placed), f"{name} has no place in a bundle")
    for folder in requests:
        whole = all(f"{folder}/{part}" in files for part in PARTS)
        require(whole, f"{folder} is not complete")
    asked = {"dossier-submission", "biller-request"} & set(requests.values())
    require(bool(asked), "nobody asked for this fee")
    return Contents(
        form=said["format"],
        payment_intent_id=text_at(said, "payment_intent_id", "the manifest"),
        made_at=instant_at(said, "made_at", "the manifest"),
        files=files,
        requests=requests,
        receipts=receipts,
        audited=said.get("audit") == "included",
        stamped=str(said.get("time_stamp", "none")),
    )


def _require_as_stated(contents: Contents, said: dict[str, Any]) -> None:
    """What the manifest calls missing or pending is, and nothing else."""
    require(said["missing"] == contents.missing, "the manifest names other parts as missing")
    require(said["audit"] in ("included", "pending"), "the manifest says nothing of the audit log")
    wanted = {f"audit/{folder.removeprefix('requests/')}.json" for folder in contents.requests}
    if contents.confirmed:
        wanted.add("audit/confirmation.json")
    there = contents.below("audit")
    fit = there == wanted | {CHECKPOINT} if contents.audited else not there
    require(fit, "the audit log's part is another than the manifest says")
    require(contents.stamped in STAMPS, "the manifest says nothing of a time stamp")
    stamps = contents.below("timestamps") == STAMPS[contents.stamped]
    require(stamps, "the time stamp is another than the manifest says")
    if contents.below("certificates"):
        require("confirmation.json" in contents.files, "certificates without a confirmation")
    over = contents.stamped != "checkpoint" or contents.audited
    require(over, "a time stamp is over a checkpoint that is not there")
