"""The one who asks a token, alone in a process: a line of JSON in, a line of JSON out.

Only one thread here enters the maker's library, which says nothing of how many it bears. The other
one reads, so that this process ends with the one who started it, even while the library hangs.
"""

import json
import os
import sys
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

import pkcs11
from pkcs11.exceptions import PinIncorrect, PKCS11Error, UserAlreadyLoggedIn

OBJECTS_MAX: Final = 100
# What a maker's library and its binding let out.
FAILURES: Final = (PKCS11Error, RuntimeError, OSError)
Asked = dict[str, Any]


class Sessions:
    """One session, kept; after any failure it is closed, so that the next try begins anew, as it
    must when a token was pulled out or its server restarted."""

    def __init__(self) -> None:
        self._session: Any = None

    def answer(self, asked: Asked) -> bytes:
        try:
            if self._session is None:
                self._session = _open(asked)
            label = asked["label"]
            key = self._session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label=label)
            if asked["do"] == "certificates":
                return self._certificate(key)
            content = b64decode(asked["content"])
            if asked["rsa"]:
                return bytes(key.sign(content, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
            return bytes(key.sign(sha256(content).digest(), mechanism=pkcs11.Mechanism.ECDSA))
        except FAILURES:
            session, self._session = self._session, None
            with suppress(*FAILURES):
                if session is not None:
                    session.close()
            raise

    def _certificate(self, key: Any) -> bytes:
        wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}
        stored = list(self._session.get_objects(wanted))[:OBJECTS_MAX]
        mine = [one for one in stored if one[pkcs11.Attribute.ID] == key.id]
        if len(mine) != 1:
            raise LookupError(f"its token holds {len(mine)} certificates of this key")
        return bytes(mine[0][pkcs11.Attribute.VALUE])


def _open(asked: Asked) -> Any:
    library = pkcs11.lib(asked["module"])
    try:
        return _log_in(library, asked)
    except PinIncorrect:
        # Not tried twice: too many wrong ones lock the token.
        raise
    except FAILURES:
        # A token that went away and came back is seen by a library that begins anew.
        library.reinitialize()
        return _log_in(library, asked)


def _log_in(library: Any, asked: Asked) -> Any:
    token = library.get_token(token_label=asked["token"])
    try:
        return token.open(user_pin=asked["pin"])
    except UserAlreadyLoggedIn:
        return token.open()


def _answer(line: bytes, sessions: Sessions) -> dict[str, str]:
    try:
        return {"answer": b64encode(sessions.answer(json.loads(line))).decode()}
    except LookupError as error:
        return {"lacks": str(error)}
    except FAILURES as error:
        return {"failed": type(error).__name__}


def main() -> None:
    # What a library prints must not stand among the answers.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    lines: SimpleQueue[bytes] = SimpleQueue()

    def work() -> None:
        sessions = Sessions()
        while True:
            answers.write(json.dumps(_answer(lines.get(), sessions)).encode() + b"\n")

    Thread(target=work, daemon=True).start()
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
