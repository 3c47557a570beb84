"""Configuration, read once at start; no other module reads the environment."""

import os
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_network
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from stores import store_urls, trusted_documents
from stores.store_urls import RELATIONAL

PREFIX = "MALLGRAPH_"
ENV_FILE = ".env"
#: Variables of the tests, which are none of the shop.
TEST_PREFIX = f"{PREFIX}TEST_"


#: Where processes gather metrics, as prometheus-client calls it.
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"
#: Standard variables, each of which names a collector of traces.
_COLLECTOR = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


PRODUCTION_RATE = 5_000


class Profile(Enum):
    """How open the server is."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Where each store lives and whose tokens are trusted; `MALLGRAPH_SQL_URL` sets `sql_url`.

    The defaults need no server: everything lies in `data_dir`. Rules of the shop (currency,
    limits) are no settings, they lie in its own row.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        # `MALLGRAPH_SQL_URL=` says no more than leaving it out.
        env_ignore_empty=True,
        # Other programs may read the same .env; `mallgraph.configuration` names what is misspelt.
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    profile: Profile = Field(
        Profile.DEVELOPMENT, description="development or production; what strangers may see."
    )
    data_dir: Path = Field(
        Path(".mallgraph"), description="Folder of the embedded stores, keys and pictures."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on.")
    graphiql: bool | None = Field(
        None,
        description="true or false: whether browsers that open /graphql see GraphiQL; only in "
        "development if left out.",
    )
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

    sql_url: SecretStr | None = Field(
        None,
        description="Relational store: mysql+asyncmy://user:password@host/shop, mysql+aiomysql:// "
        "or sqlite+aiosqlite:///file; a file in data_dir if left out.",
    )
    sql_replica_url: SecretStr | None = Field(None, description="A replica to read from.")
    documents_url: SecretStr | None = Field(
        None,
        description="Document store: mongodb://host/database or sqlite+aiosqlite:///file; a file "
        "in data_dir if left out.",
    )
    search_url: SecretStr | None = Field(
        None,
        description="Search: http(s)://host:9200/index or sqlite+aiosqlite:///file; a file in "
        "data_dir if left out.",
    )
    carts_url: SecretStr | None = Field(
        None,
        description="Carts: redis://host:6379/0, rediss://, sqlite+aiosqlite:///file, or the word "
        "relational for a table of the relational store; a file in data_dir if left out.",
    )
    cart_token_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="Signs temporary carts, 32 characters or more, the same on every machine; "
        "made in data_dir if left out.",
    )
    cart_token_days: int = Field(30, ge=1, le=365, description="How long a temporary cart lives.")
    store_timeout_seconds: float = Field(
        2.0, gt=0, le=5, description="How long one call of a store may take."
    )

    cards_url: str | None = Field(
        None,
        description="Provider of card payments: http(s)://host; `mallgraph sandbox` is one to try "
        "with. Only balances pay if left out.",
    )
    cards_key: SecretStr | None = Field(
        None, min_length=16, description="Sent to that provider as a bearer token."
    )
    cards_webhook_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="What that provider signs its news to /webhooks/cards with.",
    )
    cards_timeout_seconds: float = Field(
        2.0, gt=0, le=3, description="How long that provider may take for an answer."
    )
    payment_resume_seconds: float = Field(
        90.0,
        gt=0,
        le=3_600,
        description="After this long, the provider is asked what became of a payment.",
    )

    specs_cache_lines: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="Lines of data sheets that each process keeps, some 300 bytes each; a sheet "
        "never changes, so none is ever stale.",
    )

    max_cost: int = Field(
        100_000,
        ge=0,
        description="Points that one operation may cost; 0 for as many as there are.",
    )

    rate_limit: int | None = Field(
        None,
        ge=0,
        le=1_000_000_000,
        description="Points that each user, or each address of strangers, may spend in a second; "
        "twenty seconds' worth can be saved up. 0 for no limit; 5000 in production and none in "
        "development if left out.",
    )
    shared_url: SecretStr | None = Field(
        None,
        description="Redis of what processes share and can lose, redis://host:6379/1: points "
        "spent, and documents by hash; that of the carts, or none, if left out.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks, with commas between, of proxies whose X-Forwarded-For "
        "tells the address of a client; nobody is believed if left out.",
    )
    persisted_documents: Path | None = Field(
        None,
        description="JSON file of documents by hash, as graphql-codegen writes it; clients may "
        "send a hash as documentId instead of the document.",
    )
    trusted_documents_only: bool = Field(
        default=False,
        description="true or false: whether nothing but the documents of that file is executed.",
    )

    media_url: str = Field(
        "", description="Where pictures are loaded from; /media of this server if left out."
    )

    jwks_url: str | None = Field(
        None, description="Keys of the identity provider; the local issuer is trusted without it."
    )
    token_issuer: str = Field("mallgraph", min_length=1, description="iss that tokens must have.")
    token_audience: str = Field("mallgraph", min_length=1, description="aud that tokens must have.")
    viewer_ttl_seconds: float = Field(
        5.0, ge=0, le=300, description="How long a user's roles are remembered."
    )

    socket_origins: str = Field(
        "",
        description="Pages of other hosts that may open WebSockets, as https://shop.example, with "
        "commas between; those of this host always may.",
    )

    log_level: str = Field("info", description="debug, info, warning or error.")
    log_format: str = Field("console", description="console or json.")

    @field_validator("metrics_token")
    @classmethod
    def _guarded_metrics(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        is_open = value is None and info.data.get("metrics")
        if is_open and info.data.get("profile") is Profile.PRODUCTION:
            # Behind a proxy of the same machine, everybody would be a program of this machine.
            raise ValueError("is needed in production where MALLGRAPH_METRICS is true")
        return value

    @field_validator("data_dir")
    @classmethod
    def _usable_folder(cls, value: Path) -> Path:
        folder = value.expanduser()
        if folder.exists() and not folder.is_dir():
            raise ValueError("must name a folder, and there is a file of this name")
        return folder

    @field_validator("sql_url", "sql_replica_url")
    @classmethod
    def _sql(cls, value: SecretStr | None) -> SecretStr | None:
        return store_urls.checked(value, store_urls.SQL_SCHEMES, needs_path=True)

    @field_validator("documents_url")
    @classmethod
    def _documents(cls, value: SecretStr | None) -> SecretStr | None:
        return store_urls.checked(value, store_urls.DOCUMENT_SCHEMES)

    @field_validator("search_url")
    @classmethod
    def _search(cls, value: SecretStr | None) -> SecretStr | None:
        return store_urls.checked(value, store_urls.SEARCH_SCHEMES)

    @field_validator("carts_url")
    @classmethod
    def _carts(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and value.get_secret_value() == RELATIONAL:
            return value
        return store_urls.checked(
            value, store_urls.CART_SCHEMES, or_else=f", or the word {RELATIONAL}"
        )

    @field_validator("shared_url")
    @classmethod
    def _shared(cls, value: SecretStr | None) -> SecretStr | None:
        return store_urls.checked(value, store_urls.SHARED_SCHEMES)

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: str) -> str:
        for one in filter(None, map(str.strip, value.split(","))):
            # It says itself what is wrong.
            ip_network(one, strict=False)
        return value

    @field_validator("persisted_documents")
    @classmethod
    def _documents_file(cls, value: Path | None) -> Path | None:
        if value is not None:
            trusted_documents.read(value)
        return value

    @field_validator("trusted_documents_only")
    @classmethod
    def _has_documents(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001  Pydantic's.
        if value and info.data.get("persisted_documents") is None:
            raise ValueError(f"needs {PREFIX}PERSISTED_DOCUMENTS, or nothing could be asked")
        return value

    @field_validator("cards_url")
    @classmethod
    def _provider(cls, value: str | None) -> str | None:
        if value is not None:
            store_urls.check(value, store_urls.WEB_SCHEMES)
        return value

    @field_validator("cards_webhook_key")
    @classmethod
    def _cards_whole(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        is_whole = value is not None and info.data.get("cards_key") is not None
        if info.data.get("cards_url") and not is_whole:
            raise ValueError("and MALLGRAPH_CARDS_KEY are needed where MALLGRAPH_CARDS_URL is set")
        return value

    @field_validator("media_url")
    @classmethod
    def _pictures(cls, value: str) -> str:
        if value:
            store_urls.check(value, store_urls.WEB_SCHEMES)
        return value

    @field_validator("jwks_url")
    @classmethod
    def _keys(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None:
            store_urls.check(value, store_urls.WEB_SCHEMES)
        elif info.data.get("profile") is Profile.PRODUCTION:
            # Whoever can read the data folder could make tokens of anybody.
            raise ValueError(
                "is needed in production, where tokens of the local issuer are not trusted; "
                "for example https://login.example.com/.well-known/jwks.json"
            )
        return value

    @field_validator("socket_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for one in filter(None, map(str.strip, value.split(","))):
            store_urls.check(one, store_urls.WEB_SCHEMES)
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        return _one_of(value.lower(), ("debug", "info", "warning", "error"))

    @field_validator("log_format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        return _one_of(value.lower(), ("console", "json"))

    def sql(self) -> str:
        """Return the URL of the relational store."""
        return self._url(self.sql_url, "shop.db")

    def documents(self) -> str:
        """Return the URL of the document store."""
        return self._url(self.documents_url, "documents.db")

    def search(self) -> str:
        """Return the URL of the search index."""
        return self._url(self.search_url, "search.db")

    def carts(self) -> str:
        """Return the URL of the cart store; that of the relational store if it lies in there."""
        return self.sql() if self.has_relational_carts() else self._url(self.carts_url, "carts.db")

    def has_relational_carts(self) -> bool:
        """Return whether carts are a table of the relational store."""
        return self.carts_url is not None and self.carts_url.get_secret_value() == RELATIONAL

    def shared(self) -> str | None:
        """Return the URL of the Redis that processes share, if there is any."""
        if self.shared_url is not None:
            return self.shared_url.get_secret_value()
        carts = self.carts()
        return carts if carts.startswith("redis") else None

    def points_per_second(self) -> int:
        """Return what a client may spend in a second; 0 for no limit."""
        if self.rate_limit is None:
            return PRODUCTION_RATE if self.profile is Profile.PRODUCTION else 0
        return self.rate_limit

    def media(self) -> str:
        """Return where clients load pictures, without a slash at the end."""
        return (self.media_url or f"http://{self.host}:{self.port}/media").rstrip("/")

    def trusted_origins(self) -> frozenset[str]:
        """Return the origins of other hosts whose pages may open WebSockets."""
        written = (one.strip().rstrip("/").lower() for one in self.socket_origins.split(","))
        return frozenset(filter(None, written))

    def shows_graphiql(self) -> bool:
        """Return whether browsers see GraphiQL."""
        if self.graphiql is None:
            return self.profile is Profile.DEVELOPMENT
        return self.graphiql

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

    def _url(self, given: SecretStr | None, name: str) -> str:
        if given is not None:
            return given.get_secret_value()
        return f"sqlite+aiosqlite:///{self.data_dir / name}"


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"must be one of {', '.join(allowed)}")
    return value


@dataclass(frozen=True, slots=True)
class Given:
    """A variable as somebody wrote it, and where."""

    value: str
    origin: str


def given() -> dict[str, Given]:
    """Return every variable of ours that is set, by its name in capitals; empty ones are not."""
    in_file = {name: text or "" for name, text in dotenv_values(ENV_FILE).items()}
    found = {name.upper(): Given(text, ENV_FILE) for name, text in in_file.items()}
    found |= {name.upper(): Given(text, "environment") for name, text in os.environ.items()}
    return {name: one for name, one in found.items() if name.startswith(PREFIX) and one.value}


def override(name: str, value: object) -> None:
    """Set a setting for this process and those it starts, before settings are read."""
    os.environ[f"{PREFIX}{name.upper()}"] = str(value)


def share_metrics(folder: str) -> None:
    """Let this process and those it starts gather their metrics in files of a folder.

    Before any of them is made: the library looks for this once.
    """
    os.environ.setdefault(SHARED_METRICS, folder)


def shared_metrics() -> str | None:
    """Return the folder in which several processes gather their metrics; None if each is alone."""
    return os.environ.get(SHARED_METRICS)
