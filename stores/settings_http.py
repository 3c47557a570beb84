"""Settings of what goes over HTTP: limits, rates, proxies, documents, pictures, sockets."""

from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from stores import store_urls, trusted_documents
from stores.settings_server import Profile, ServerSettings
from stores.settings_stores import StoreSettings

PRODUCTION_RATE = 5_000


class RequestSettings(StoreSettings):
    """What a request may cost, say and be believed."""

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
            raise ValueError("needs MALLGRAPH_PERSISTED_DOCUMENTS, or nothing could be asked")
        return value

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


class MediaSettings(ServerSettings):
    """Pictures."""

    media_url: str = Field(
        "", description="Where pictures are loaded from; /media of this server if left out."
    )

    @field_validator("media_url")
    @classmethod
    def _pictures(cls, value: str) -> str:
        if value:
            store_urls.check(value, store_urls.WEB_SCHEMES)
        return value

    def media(self) -> str:
        """Return where clients load pictures, without a slash at the end."""
        return (self.media_url or f"http://{self.host}:{self.port}/media").rstrip("/")


class SocketSettings(BaseSettings):
    """WebSockets."""

    socket_origins: str = Field(
        "",
        description="Pages of other hosts that may open WebSockets, as https://shop.example, with "
        "commas between; those of this host always may.",
    )

    @field_validator("socket_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for one in filter(None, map(str.strip, value.split(","))):
            store_urls.check(one, store_urls.WEB_SCHEMES)
        return value

    def trusted_origins(self) -> frozenset[str]:
        """Return the origins of other hosts whose pages may open WebSockets."""
        written = (one.strip().rstrip("/").lower() for one in self.socket_origins.split(","))
        return frozenset(filter(None, written))
