"""The rows of products, written with all that goes with them; imports and mutations come here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from stores import categories, inventory, listings, outbox, products
from stores.ids import IdMaker
from stores.inventory import Receipt
from stores.outbox import Event
from stores.products import Product, Variant
from stores.sql import WriteSession


class Overtaken(Exception):
    """A product, or a shelf above it, was changed by somebody else after it was read."""


@dataclass(frozen=True, slots=True)
class Written:
    """A product as it will be, with all that goes with it.

    `path` are the ids of its category and of all above it, `left` is the category it lay in.
    """

    product: Product
    variants: Sequence[Variant]
    path: Sequence[int]
    receipts: Sequence[Receipt] = ()
    left: int | None = None

    @property
    def is_new(self) -> bool:
        """Whether there is nothing before it."""
        return self.product.version == 1


async def write(
    session: WriteSession, ids: IdMaker, written: Sequence[Written], reason: str, at: datetime
) -> None:
    """Write products, their variants, lists, first stock and events.

    Raises Overtaken for a product at another version than the one before, or a shelf that was
    moved, and UniqueViolation for a slug or SKU that is taken.
    """
    new = [one for one in written if one.is_new]
    changed = [one for one in written if not one.is_new]
    # Changes come first: a new product may take a SKU or a slug that a change gives up.
    await _change(session, changed)
    await _add(session, new)
    await _list(session, changed, new)
    receipts = [receipt for one in written for receipt in one.receipts]
    await inventory.receive_first(session, receipts, reason, at)
    await outbox.append(session, *(_event(ids, one.product) for one in written))


def receipt(ids: IdMaker, variant: Variant, warehouse_id: int, quantity: int = 0) -> Receipt:
    """Return the first stock of a new variant."""
    return Receipt(ids.next(), ids.next(), variant.id, warehouse_id, quantity)


async def _change(session: WriteSession, changed: Sequence[Written]) -> None:
    for one in changed:
        if not await products.change(session, one.product):
            raise Overtaken
        await products.replace_variants(session, one.product.id, one.variants)


async def _add(session: WriteSession, new: Sequence[Written]) -> None:
    if new:
        variants = [variant for one in new for variant in one.variants]
        await products.add(session, [one.product for one in new], variants)


async def _list(session: WriteSession, changed: Sequence[Written], new: Sequence[Written]) -> None:
    # Shelves are held late, as all products of a shelf wait here for one another.
    await _hold_shelves(session, [*changed, *new])
    if changed:
        await listings.put(session, _placed(changed), is_new=False)
    if new:
        await listings.put(session, _placed(new), is_new=True)


async def _hold_shelves(session: WriteSession, written: Sequence[Written]) -> None:
    # Whoever moves a shelf lists all products below it anew: it must see all of these, or none.
    left = {one.left for one in written if one.left is not None}
    shelves = await categories.hold(session, left | {one.product.category_id for one in written})
    for one in written:
        shelf = shelves.get(one.product.category_id)
        if shelf is None or shelf.path() != list(one.path):
            raise Overtaken


def _placed(written: Sequence[Written]) -> list[tuple[Product, Collection[int]]]:
    return [(one.product, one.path) for one in written]


def _event(ids: IdMaker, product: Product) -> Event:
    return Event(
        id=ids.next(),
        topic="product.created" if product.version == 1 else "product.updated",
        aggregate=f"Product:{product.id}",
        version=product.version,
        body={},
        at=product.updated_at,
    )
