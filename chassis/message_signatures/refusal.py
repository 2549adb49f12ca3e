from chassis.errors import Unauthenticated


class BadSignature(Unauthenticated):
    code = "bad_signature"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The message signature is refused: {reason}.", vi="Chữ ký bị từ chối.")
