"""Stock, as buyers see it: fields that this module adds to products and variants."""

from collections.abc import Sequence

import resolvers.inventory
from graph.batch import Batch, Info
from graph.declare import extend
from graph.products import Product, ProductVariant
from stores.beside import IS_AVAILABLE, UNITS_OF_VARIANT


@extend(Product, public=True, parts=[IS_AVAILABLE])
async def is_available(products: Sequence[Product], info: Info) -> Batch[bool]:
    """Whether at least one variant can be bought."""
    return await resolvers.inventory.are_available(info.context, [one.key for one in products])


@extend(ProductVariant, public=True, parts=[UNITS_OF_VARIANT])
async def available_quantity(variants: Sequence[ProductVariant], info: Info) -> Batch[int | None]:
    """Units that can be bought now; null if the shop does not tell."""
    return await resolvers.inventory.available(info.context, [one.key for one in variants])


# Of a variant; the name of the one above is that of the field.
@extend(ProductVariant, public=True, name="isAvailable", parts=[UNITS_OF_VARIANT])
async def is_variant_available(variants: Sequence[ProductVariant], info: Info) -> Batch[bool]:
    """Whether at least one unit can be bought."""
    found = await resolvers.inventory.available(info.context, [one.key for one in variants])
    return [units > 0 for units in found]
