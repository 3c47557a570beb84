"""The stores: the only folder that knows a driver. It owns the data and its invariants."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from stores.card_provider import CardProvider
from stores.cart_store import CartStore
from stores.cart_tokens import CartTokens, open_cart_tokens
from stores.cart_urls import open_carts
from stores.media import MediaStore
from stores.persisted import PersistedDocuments
from stores.rates import Rates
from stores.search import SearchStore, open_search
from stores.settings import Settings
from stores.shared import open_shared
from stores.specs import SpecStore, open_specs
from stores.specs_kept import KeptSpecs
from stores.sql import Database
from stores.trusted_documents import TrustedDocuments


@dataclass(frozen=True, slots=True)
class Stores:
    """Every store, opened."""

    database: Database
    specs: SpecStore
    search: SearchStore
    media: MediaStore
    carts: CartStore
    cart_tokens: CartTokens
    rates: Rates
    persisted: PersistedDocuments
    trusted: TrustedDocuments
    #: None if no provider of card payments is set.
    cards: CardProvider | None = None


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncGenerator[Stores]:
    """Yield the stores of these URLs and close them afterwards; none is asked yet."""
    timeout_seconds = settings.store_timeout_seconds
    replica = settings.sql_replica_url.get_secret_value() if settings.sql_replica_url else None
    async with AsyncExitStack() as stack:
        database = Database(settings.sql(), replica, timeout_seconds=timeout_seconds)
        stack.push_async_callback(database.close)
        specs = open_specs(settings.documents(), timeout_seconds)
        stack.push_async_callback(specs.close)
        if settings.specs_cache_lines:
            specs = KeptSpecs(specs, settings.specs_cache_lines)
        search = open_search(settings.search(), timeout_seconds)
        stack.push_async_callback(search.close)
        carts = open_carts(settings, database)
        stack.push_async_callback(carts.close)
        shared = open_shared(settings)
        stack.push_async_callback(shared.close)
        cards = _open_cards(settings)
        if cards:
            stack.push_async_callback(cards.close)
        yield Stores(
            database=database,
            specs=specs,
            search=search,
            media=MediaStore(settings.data_dir / "media"),
            carts=carts,
            cart_tokens=open_cart_tokens(settings),
            rates=shared.rates,
            persisted=shared.persisted,
            trusted=TrustedDocuments.of(
                settings.persisted_documents, only=settings.trusted_documents_only
            ),
            cards=cards,
        )


def _open_cards(settings: Settings) -> CardProvider | None:
    if settings.cards_url is None or settings.cards_key is None:
        return None
    key = settings.cards_key.get_secret_value()
    return CardProvider(settings.cards_url, key, settings.cards_timeout_seconds)
