"""The stores: the only folder that knows a driver. It owns the data and its invariants."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from stores.accounts_home import Accounts
from stores.accounts_open import open_accounts
from stores.card_provider import CardProvider
from stores.cart_store import CartStore
from stores.cart_tokens import CartTokens, open_cart_tokens
from stores.cart_urls import open_carts
from stores.media import MediaStore
from stores.persisted import PersistedDocuments
from stores.rates import Rates
from stores.running_promotions import RunningPromotions
from stores.search import SearchStore, open_search
from stores.seats import Seats
from stores.settings import Settings
from stores.shared import open_shared
from stores.specs import SpecStore, open_specs
from stores.specs_kept import KeptSpecs
from stores.sql import Database
from stores.trusted_documents import TrustedDocuments


class _Closable(Protocol):
    @property
    def close(self) -> Callable[[], Awaitable[None]]: ...


S = TypeVar("S", bound=_Closable)


@dataclass(frozen=True, slots=True)
class Stores:
    """Every store, opened."""

    database: Database
    #: Where the ledger lies.
    accounts: Accounts
    specs: SpecStore
    search: SearchStore
    media: MediaStore
    carts: CartStore
    cart_tokens: CartTokens
    rates: Rates
    #: Of the connections of all processes.
    seats: Seats
    persisted: PersistedDocuments
    trusted: TrustedDocuments
    #: None if no provider of card payments is set.
    cards: CardProvider | None = None
    running_promotions: RunningPromotions = field(default_factory=RunningPromotions)


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncGenerator[Stores]:
    """Yield the stores of these URLs and close them afterwards; none is asked yet."""
    async with AsyncExitStack() as stack:
        database = _held(stack, _open_database(settings))
        shared = _held(stack, open_shared(settings))
        cards = _open_cards(settings)
        yield Stores(
            database=database,
            accounts=_held(stack, open_accounts(settings, database)),
            specs=_held(stack, _open_specs(settings)),
            search=_held(stack, open_search(settings.search(), settings.store_timeout_seconds)),
            media=MediaStore(settings.data_dir / "media"),
            carts=_held(stack, open_carts(settings, database)),
            cart_tokens=open_cart_tokens(settings),
            rates=shared.rates,
            seats=shared.seats,
            persisted=shared.persisted,
            trusted=_trusted(settings),
            cards=_held(stack, cards) if cards else None,
        )


def _held(stack: AsyncExitStack, store: S) -> S:
    """Return a store, which is closed with the stack."""
    stack.push_async_callback(store.close)
    return store


def _open_database(settings: Settings) -> Database:
    replica = settings.sql_replica_url.get_secret_value() if settings.sql_replica_url else None
    return Database(settings.sql(), replica, timeout_seconds=settings.store_timeout_seconds)


def _open_specs(settings: Settings) -> SpecStore:
    specs = open_specs(settings.documents(), settings.store_timeout_seconds)
    size = settings.specs_cache_lines
    return KeptSpecs(specs, size) if size else specs


def _trusted(settings: Settings) -> TrustedDocuments:
    folder, only = settings.persisted_documents, settings.trusted_documents_only
    return TrustedDocuments.of(folder, only=only)


def _open_cards(settings: Settings) -> CardProvider | None:
    if settings.cards_url is None or settings.cards_key is None:
        return None
    key = settings.cards_key.get_secret_value()
    return CardProvider(settings.cards_url, key, settings.cards_timeout_seconds)
