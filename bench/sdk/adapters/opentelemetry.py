"""opentelemetry-sdk with its batch processor and the OTLP exporter over HTTP; it has no locals and no middleware."""

from typing import Any

_PRESENT: dict[str, Any] = {}


def init(url: str, *, capture_locals: bool = False) -> None:
    """Make a logger whose records go to the receiver."""
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

    if capture_locals:
        raise NotImplementedError("OpenTelemetry captures no locals")
    provider = LoggerProvider()
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{url}/v1/logs")))
    _PRESENT.update(provider=provider, logger=provider.get_logger("bench"))


def capture(error: Exception) -> None:
    """Report an error."""
    _PRESENT["logger"].emit(severity_text="ERROR", body=str(error), exception=error)


def flush(seconds: float) -> None:
    """Wait for what is on its way."""
    _PRESENT["provider"].force_flush(int(seconds * 1_000))


def close() -> None:
    """End reporting."""
    _PRESENT["provider"].shutdown()
