"""Configuration, read once at start; no other module reads the environment."""

from enum import Enum
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "MALLGRAPH_"


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
        env_prefix=PREFIX, env_file=".env", frozen=True, extra="forbid", hide_input_in_errors=True
    )

    profile: Profile = Field(
        Profile.DEVELOPMENT, description="development or production; what strangers may see."
    )
    data_dir: Path = Field(
        Path(".mallgraph"), description="Folder of the embedded stores, keys and pictures."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on.")

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
    store_timeout_seconds: float = Field(
        2.0, gt=0, le=5, description="How long one call of a store may take."
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

    def sql(self) -> str:
        """Return the URL of the relational store."""
        return self._url(self.sql_url, "shop.db")

    def documents(self) -> str:
        """Return the URL of the document store."""
        return self._url(self.documents_url, "documents.db")

    def search(self) -> str:
        """Return the URL of the search index."""
        return self._url(self.search_url, "search.db")

    def media(self) -> str:
        """Return where clients load pictures, without a slash at the end."""
        return (self.media_url or f"http://{self.host}:{self.port}/media").rstrip("/")

    def _url(self, given: SecretStr | None, name: str) -> str:
        if given is not None:
            return given.get_secret_value()
        return f"sqlite+aiosqlite:///{self.data_dir / name}"


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"must be one of {', '.join(allowed)}")
    return value
