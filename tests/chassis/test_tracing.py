import subprocess
import sys
from uuid import UUID

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from chassis.consuming import Consumers
from chassis.events import Envelope, EventData
from chassis.testing import FrozenClock
from chassis.tracing import NAME, current_traceparent, span
from chassis.transport import Delivery


class ThingHappened(EventData):
    type = "thing.happened.v1"


def test_nothing_is_traced_unless_it_is_configured() -> None:
    with span("request"):
        assert current_traceparent() is None


def test_the_exporter_is_not_even_loaded_without_an_endpoint() -> None:
    code = (
        "import sys; from chassis.tracing import configure_tracing;"
        "configure_tracing('t', None); sys.exit('opentelemetry.sdk' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_one_trace_runs_from_a_request_through_an_event_to_its_consumer() -> None:
    tracer = TracerProvider().get_tracer(NAME)
    heard: list[int] = []

    async def hear(event: Envelope[ThingHappened], _tools: None) -> None:
        heard.append(trace.get_current_span().get_span_context().trace_id)

    consumers = Consumers[None](service="test")
    consumers.on("thing.happened.v1", Envelope[ThingHappened], hear, producer="test")
    with tracer.start_as_current_span("request") as request:
        envelope = Envelope[ThingHappened].of(
            ThingHappened(),
            id=UUID(int=1),
            source="test",
            subject="a",
            time=FrozenClock().now(),
            traceparent=current_traceparent(),
        )
    await consumers.take(
        Delivery(type="thing.happened.v1", body=envelope.to_bytes(), attempt=1), None
    )

    assert heard == [request.get_span_context().trace_id]
