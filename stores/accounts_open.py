"""Opens the accounts: here, or in the other database that the settings name."""

from stores.account_messages import AccountsByMessages
from stores.accounts_home import STORE, Accounts, AccountsHere
from stores.accounts_outbox import TakenAtOnce
from stores.accounts_tcc import HeldFirst
from stores.accounts_xa import AccountsByXa
from stores.settings import Settings
from stores.settings_accounts import AccountsBy
from stores.sql import Database


def open_accounts(settings: Settings, shop: Database) -> Accounts:
    """Return the way to the ledger; nothing is asked yet."""
    if settings.accounts_url is None:
        return AccountsHere(shop)
    url, seconds = settings.accounts_url.get_secret_value(), settings.store_timeout_seconds
    other = open_database(url, seconds)
    match settings.accounts_by:
        case AccountsBy.OUTBOX:
            return AccountsByMessages(shop, other, TakenAtOnce(other))
        case AccountsBy.TCC:
            return AccountsByMessages(shop, other, HeldFirst(other))
        case AccountsBy.XA:
            return AccountsByXa(shop, other, url, seconds)


def open_database(url: str, seconds: float) -> Database:
    """Return the accounts' own database."""
    return Database(url, timeout_seconds=seconds, name=STORE)
