"""Settings of the accounts: the ledger, if it lies in a database of its own."""

from enum import Enum

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from stores import store_urls
from stores.settings_stores import StoreSettings

_SERVERS = ("mysql+asyncmy://", "mysql+aiomysql://")


class AccountsBy(Enum):
    """How the shop's database and that of the accounts come to agree."""

    OUTBOX = "outbox"
    TCC = "tcc"
    XA = "xa"


class AccountsSettings(StoreSettings):
    """Where the ledger lies, and how a payment reaches it."""

    accounts_url: SecretStr | None = Field(
        None,
        description="Database of the accounts: mysql+asyncmy://user:password@host/accounts, "
        "mysql+aiomysql:// or sqlite+aiosqlite:///file; the shop's own if left out.",
    )
    accounts_by: AccountsBy = Field(
        AccountsBy.TCC,
        description="How two databases agree on a payment by balance, where MALLGRAPH_ACCOUNTS_URL "
        "is set: tcc, outbox, or xa, which needs MySQL or MariaDB on both sides.",
    )

    @field_validator("accounts_url")
    @classmethod
    def _second(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        own = info.data.get("sql_url")
        if value is not None and own is not None and own == value:
            raise ValueError("is the shop's own database; leave it out to keep accounts there")
        return store_urls.checked(value, store_urls.SQL_SCHEMES, needs_path=True)

    @field_validator("accounts_by")
    @classmethod
    def _possible(cls, value: AccountsBy, info: ValidationInfo) -> AccountsBy:
        told = [info.data.get("sql_url"), info.data.get("accounts_url")]
        if value is not AccountsBy.XA or told[1] is None:
            return value
        if not all(one and one.get_secret_value().startswith(_SERVERS) for one in told):
            raise ValueError(
                "needs MySQL or MariaDB for both MALLGRAPH_SQL_URL and MALLGRAPH_ACCOUNTS_URL, as "
                "SQLite prepares no transaction; tcc and outbox work with files, too"
            )
        return value
