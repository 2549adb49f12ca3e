"""Telling the payee's platform that money arrived: signed, and again until somebody hears it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.canonical import canonical_json
from chassis.clock import Clock
from chassis.ids import Ids
from chassis.keys import PrivateKey, thumbprint
from chassis.message_signatures import CALLBACK, BadSignature, RequestSigner
from deploy.gateway_answers import GatewayAnswers
from deploy.sandbox_bank.ledger import BankLedger
from deploy.sandbox_bank.payment import Attempt, BankPayment, Behaviour
from deploy.sandbox_bank.settings import BankSettings

PATH = "/v1/provider-notifications/sandbox"
ANSWER_LENGTH_MAX = 4000


class Callbacks:
    def __init__(
        self,
        settings: BankSettings,
        *,
        key: PrivateKey,
        ledger: BankLedger,
        client: httpx.AsyncClient,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._settings = settings
        self._url = settings.gateway_url.rstrip("/") + PATH
        self._key = key
        # Used under the real key's name: what a forger who knows us would send.
        self._forged_key = ec.generate_private_key(ec.SECP256R1())
        self._key_id = thumbprint(key.public_key())
        self._ledger = ledger
        self._client = client
        self._clock = clock
        self._ids = ids
        self._answers: GatewayAnswers | None = None
        self._in_flight = asyncio.Semaphore(settings.in_flight_max)
        self._tasks: set[asyncio.Task[None]] = set()

    def schedule(self, payment: BankPayment) -> None:
        """Send the notices of a payment in the background, as its behaviour says."""
        if payment.behaviour is Behaviour.SILENT:
            return
        task = asyncio.create_task(self._deliver(payment))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def send(self, payment: BankPayment, behaviour: Behaviour) -> Sequence[Attempt]:
        """Post now, without trying again: two notices when the bank says things twice."""
        forged = behaviour is Behaviour.BAD_SIGNATURE
        times = 2 if behaviour is Behaviour.TWICE else 1
        return [await self._post(payment, self._ids.new(), forged=forged) for _ in range(times)]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _deliver(self, payment: BankPayment) -> None:
        if payment.behaviour is Behaviour.LATE:
            await asyncio.sleep(payment.delay_seconds)
        if payment.behaviour is Behaviour.BAD_SIGNATURE:
            await self._post(payment, self._ids.new(), forged=True)
            return
        await self._until_heard(payment)
        if payment.behaviour is Behaviour.TWICE:
            await self._until_heard(payment)

    async def _until_heard(self, payment: BankPayment) -> None:
        notice_id = self._ids.new()
        pause_seconds = self._settings.first_pause_seconds
        for _ in range(self._settings.tries_max):
            if (await self._post(payment, notice_id)).accepted:
                return
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, self._settings.longest_pause_seconds)

    async def _post(
        self, payment: BankPayment, notice_id: UUID, *, forged: bool = False
    ) -> Attempt:
        """Every posting is signed anew, with a new nonce: a repeat is never taken for a replay."""
        body = canonical_json(payment.notice(notice_id))
        sent_at = self._clock.now()
        signer = RequestSigner(
            self._settings.client_id,
            self._key_id,
            self._forged_key if forged else self._key,
            clock=self._clock,
            ids=self._ids,
        )
        headers = signer.headers("POST", self._url, body, shape=CALLBACK)
        status: int | None = None
        try:
            async with self._in_flight:
                reply = await self._client.post(self._url, content=body, headers=headers)
                (await self._gateway_answers()).check(reply)
            status, answer = reply.status_code, reply.text[:ANSWER_LENGTH_MAX]
        except BadSignature as error:
            # Somebody on the way may have said so; the platform itself has not heard it yet.
            self._answers = None
            answer = f"an answer that is not the platform's own: {error.message}"
        except httpx.HTTPError as error:
            answer = f"{type(error).__name__}: {error}"
        attempt = Attempt(
            notice_id=notice_id,
            provider_reference=payment.provider_reference,
            sent_at=sent_at,
            status=status,
            answer=answer,
        )
        self._ledger.add_attempt(attempt)
        return attempt

    async def _gateway_answers(self) -> GatewayAnswers:
        """The published keys are asked for once, and again after an answer they do not fit."""
        if self._answers is None:
            self._answers = await GatewayAnswers.from_published(
                self._client, self._settings.gateway_url, clock=self._clock
            )
        return self._answers
