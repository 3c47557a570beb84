"""How many of a variant somebody wants."""

from typing import Annotated

import strawberry

from graph.declare import attribute, gql_input
from graph.products import VARIANT


@gql_input()
class VariantQuantityInput:
    """A variant and how many of it."""

    variant_id: strawberry.ID
    quantity: Annotated[int, attribute("From 1 to Shop.maxLineQuantity.")] = 1

    def variant_key(self, *field: str) -> int:
        """Return the key of the variant. Raises Invalid, at the path `field`."""
        return VARIANT.key(self.variant_id, *field, "variantId")
