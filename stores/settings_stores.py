"""Settings of the stores: where each lives, and what is kept of it."""

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from stores import store_urls
from stores.settings_server import ServerSettings
from stores.store_urls import RELATIONAL


class StoreSettings(ServerSettings):
    """The stores; what is left out lies in `data_dir`."""

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

    def _url(self, given: SecretStr | None, name: str) -> str:
        if given is not None:
            return given.get_secret_value()
        return f"sqlite+aiosqlite:///{self.data_dir / name}"


class KeptSettings(BaseSettings):
    """What each process keeps of them."""

    fragments_mb: int = Field(
        0,
        ge=0,
        le=100_000,
        description="Megabytes of ready parts of answers that each process keeps: pictures and "
        "data sheets, by the version of their product, so none is ever stale.",
    )

    specs_cache_lines: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="Lines of data sheets that each process keeps, some 300 bytes each; a sheet "
        "never changes, so none is ever stale.",
    )
