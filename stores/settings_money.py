"""Settings of what money goes through: the provider of card payments."""

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from stores import store_urls


class CardSettings(BaseSettings):
    """The provider of card payments."""

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
