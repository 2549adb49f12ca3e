"""A call to a service behind the gateway: never without a token minted for this very call."""

from collections.abc import Mapping

from chassis.auth import Caller, TokenMinter
from gateway.domain.errors import UpstreamUnavailable
from gateway.ports.upstream import Upstream, UpstreamAnswer, UpstreamRequest


class ServiceCalls:
    def __init__(self, upstream: Upstream, minter: TokenMinter) -> None:
        self._upstream = upstream
        self._minter = minter

    async def call(
        self,
        service: str,
        method: str,
        target: str,
        *,
        caller: Caller,
        headers: Mapping[str, str],
        body: bytes = b"",
    ) -> UpstreamAnswer:
        """Raises UpstreamUnavailable when there is no answer, or when our token is refused."""
        token = self._minter.mint(
            audience=service, method=method, target=target, body=body, caller=caller
        )
        answer = await self._upstream.send(
            UpstreamRequest(
                service=service,
                method=method,
                target=target,
                headers=(*headers.items(), ("authorization", f"Bearer {token}")),
                body=body,
            )
        )
        if answer.status == 401:
            # The service does not know our key or our time: nothing the caller can mend.
            raise UpstreamUnavailable(service)
        return answer
