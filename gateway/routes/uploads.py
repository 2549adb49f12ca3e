"""Which public routes take a file, and how large it may be: the table says."""

from starlette.types import Scope

from chassis.auth import target_of
from chassis.bodies import UploadBytesMax
from gateway.routes.route import RouteTable


def upload_bytes_max(table: RouteTable) -> UploadBytesMax:
    def of(scope: Scope) -> int | None:
        found = table.find(scope["method"], target_of(scope).partition("?")[0])
        return None if found is None else found.route.upload_bytes_max

    return of
