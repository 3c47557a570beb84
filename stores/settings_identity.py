"""Settings of who is who: whose tokens are trusted."""

from pydantic import Field, ValidationInfo, field_validator

from stores import store_urls
from stores.settings_server import Profile, ServerSettings


class IdentitySettings(ServerSettings):
    """The identity provider, and the users it tells of."""

    jwks_url: str | None = Field(
        None, description="Keys of the identity provider; the local issuer is trusted without it."
    )
    token_issuer: str = Field("mallgraph", min_length=1, description="iss that tokens must have.")
    token_audience: str = Field("mallgraph", min_length=1, description="aud that tokens must have.")
    viewer_ttl_seconds: float = Field(
        5.0, ge=0, le=300, description="How long a user's roles are remembered."
    )

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
