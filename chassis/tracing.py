"""OpenTelemetry, off unless an endpoint is configured: spans around requests and events.

The W3C `traceparent` travels in HTTP headers and in the envelope's extension attribute, so one
trace runs from a portal's request through every queue to the last webhook.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import propagate, trace

NAME: Final = "lephi"


def configure_tracing(service: str, endpoint: str | None) -> None:
    """Send spans to an OTLP/HTTP endpoint, e.g. http://127.0.0.1:4318/v1/traces; None: nothing."""
    if endpoint is None:
        return
    # Loaded only when wanted: it costs memory in every process.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)


@contextmanager
def span(name: str, carrier: Mapping[str, str] | None = None) -> Iterator[None]:
    """A span below the carrier's `traceparent`, or below the current one."""
    above = propagate.extract(carrier) if carrier else None
    with trace.get_tracer(NAME).start_as_current_span(name, context=above):
        yield


def current_traceparent() -> str | None:
    """To hand on, in a header or an event; None when nothing is traced."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")
