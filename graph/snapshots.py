"""Snapshots: products as buyers saw them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

import resolvers.products
import resolvers.snapshots
import stores.snapshots
from graph import nodes
from graph.batch import Batch, Info
from graph.declare import attribute, extend, gql_type
from graph.directives import CacheControl, CacheControlScope
from graph.media import Media
from graph.money import Money
from graph.nodes import Kind, Node
from graph.products import Product, SelectedOption
from graph.specs import Spec, show
from graph.users import USER, User
from resolvers.context import STAFF, Context
from stores.ids import NO_ID
from stores.specs import from_plain

KEPT = CacheControl(max_age=31_536_000, scope=CacheControlScope.PRIVATE)


@gql_type(public=True)
class VariantSnapshot:
    """A variant as buyers saw it."""

    sku: str
    title: str
    options: list[SelectedOption]
    price: Money
    compare_at_price: Money | None
    media: Media | None

    @classmethod
    def of(cls, ctx: Context, row: Mapping[str, Any], media: Sequence[Media]) -> Self:
        """Show a variant of a page that has these media."""
        before, place = row["compareAtMinor"], row["media"]
        return cls(
            sku=row["sku"],
            title=row["title"],
            options=[SelectedOption(name=name, value=value) for name, value in row["options"]],
            price=Money.of(row["priceMinor"], ctx.currency),
            compare_at_price=None if before is None else Money.of(before, ctx.currency),
            media=None if place is None or place >= len(media) else media[place],
        )


@gql_type(public=True, cache=KEPT)
class ProductSnapshot(Node):
    """A product as buyers saw it; never changes."""

    product_key: strawberry.Private[int]
    revision: Annotated[int, attribute("Grows by one with each edit that buyers can see.")]
    taken_at: datetime
    content_hash: Annotated[str, attribute("Hash of everything below.")]
    title: str
    subtitle: str | None
    description: str | None
    brand: str | None
    category_name: str
    merchant_name: str
    media: list[Media]
    specs: Annotated[
        list[Spec], attribute("Kept with the snapshot, so that no other store is asked.")
    ]
    variants: list[VariantSnapshot]

    @classmethod
    def of(cls, ctx: Context, row: stores.snapshots.Snapshot) -> Self:
        """Show a row."""
        page = row.body
        media = [Media.of(ctx.media_url, one) for one in page["media"]]
        return cls(
            id=nodes.encode("ProductSnapshot", row.id),
            product_key=row.product_id,
            revision=row.revision,
            taken_at=row.taken_at,
            content_hash=row.content_hash,
            title=page["title"],
            subtitle=page["subtitle"],
            description=page["description"],
            brand=page["brand"],
            category_name=page["categoryName"],
            merchant_name=page["merchantName"],
            media=media,
            specs=show(from_plain(page["specs"])),
            variants=[VariantSnapshot.of(ctx, one, media) for one in page["variants"]],
        )


SNAPSHOT = Kind("ProductSnapshot", ProductSnapshot.of, resolvers.snapshots.visible_by_ids)


@extend(ProductSnapshot, public=True)
async def product(snapshots: Sequence[ProductSnapshot], info: Info) -> Batch[Product | None]:
    """The product as it is now, if it still exists."""
    ctx = info.context
    found = await resolvers.products.by_ids(ctx, [one.product_key for one in snapshots])
    return [Product.of(ctx, row) if row else None for row in found]


@extend(ProductSnapshot, roles=STAFF)
async def changed_by(snapshots: Sequence[ProductSnapshot], info: Info) -> Batch[User | None]:
    """Whose edit made it; null if the system did, or if the caller may not see who."""
    ctx = info.context
    wanted = [(one.product_key, one.revision) for one in snapshots]
    editors = await resolvers.snapshots.editors(ctx, wanted)
    return await USER.many(ctx, [id_ or NO_ID for id_ in editors])
