"""Which home the carts have, told by their URL."""

from stores.cart_store import CartStore, Home
from stores.settings import Settings
from stores.sql import Database


def open_carts(settings: Settings, database: Database) -> CartStore:
    """Return the cart store: of `database` if carts are relational, else of their own URL."""
    home = _home(settings, database)
    return CartStore(home, settings.store_timeout_seconds)


def _home(settings: Settings, database: Database) -> Home:
    # Imported here, as an embedded shop needs no Redis driver and shall start fast.
    from stores.carts_sql import SqlCarts, in_file  # noqa: PLC0415

    if settings.has_relational_carts():
        return SqlCarts(database)
    url, seconds = settings.carts(), settings.store_timeout_seconds
    if url.startswith("redis"):
        from stores.carts_redis import RedisCarts  # noqa: PLC0415

        return RedisCarts(url, seconds)
    return in_file(url, seconds)
