"""Why a product, or a variant of one, is refused."""

from dataclasses import dataclass

from stores.errors import ErrorCode, Refusal


@dataclass(eq=False)
class VariantUnavailable(Refusal):
    """The variant is not on sale (any more)."""

    code = ErrorCode.VARIANT_UNAVAILABLE
    sentence = "{name} is not on sale; take it out of the cart."
    variant_id: int
    name: str = "This variant"
    field: tuple[str, ...] = ()
