"""Whom the certificate in a stored original names: for people to read, not for proof."""

import re
from base64 import b64decode
from typing import Final

from cryptography import x509

CERTIFICATE: Final = re.compile(rb"<ds:X509Certificate>([A-Za-z0-9+/=]+)</ds:X509Certificate>")


class XmlSignatureHolders:
    def holder_of(self, document: bytes) -> str | None:
        found = CERTIFICATE.search(document)
        if found is None:
            return None
        try:
            subject = x509.load_der_x509_certificate(b64decode(found[1])).subject
        except ValueError:
            return None
        names = subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
        return str(names[0].value) if names else subject.rfc4514_string()
