"""How every program of ours listens: one process, no access log of uvicorn's, a graceful end."""

from typing import Any

import uvicorn

GRACE_SECONDS = 20
KEEP_ALIVE_SECONDS = 75


def run_app(app: Any, *, host: str, port: int) -> None:
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
