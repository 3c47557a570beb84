"""Settings of what operators see: metrics, traces and logs."""

import os

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from stores.settings_server import Profile, ServerSettings

#: Standard variables, each of which names a collector of traces.
_COLLECTOR = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class TelemetrySettings(ServerSettings):
    """Metrics and traces."""

    metrics: bool | None = Field(
        None,
        description="true or false: whether /metrics tells Prometheus how the shop is; only in "
        "development if left out.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Who sends it as a bearer token reads /metrics, 16 characters or more; only "
        "programs of this machine if left out.",
    )
    metrics_operations: str = Field(
        "",
        description="Names of the operations that /metrics tells apart, with commas between; the "
        "first hundred that come if left out.",
    )
    traces: bool | None = Field(
        None,
        description="true or false: whether operations are traced to an OpenTelemetry collector; "
        "if left out, where OTEL_EXPORTER_OTLP_ENDPOINT names one.",
    )

    @field_validator("metrics_token")
    @classmethod
    def _guarded_metrics(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        is_open = value is None and info.data.get("metrics")
        if is_open and info.data.get("profile") is Profile.PRODUCTION:
            # Behind a proxy of the same machine, everybody would be a program of this machine.
            raise ValueError("is needed in production where MALLGRAPH_METRICS is true")
        return value

    def tells_metrics(self) -> bool:
        """Return whether there is /metrics."""
        if self.metrics is None:
            return self.profile is Profile.DEVELOPMENT
        return self.metrics

    def traces_operations(self) -> bool:
        """Return whether operations are traced."""
        if self.traces is None:
            return any(map(os.environ.get, _COLLECTOR))
        return self.traces


class LogSettings(BaseSettings):
    """Lines of the log."""

    log_level: str = Field("info", description="debug, info, warning or error.")
    log_format: str = Field("console", description="console or json.")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        return _one_of(value.lower(), ("debug", "info", "warning", "error"))

    @field_validator("log_format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        return _one_of(value.lower(), ("console", "json"))


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"must be one of {', '.join(allowed)}")
    return value
