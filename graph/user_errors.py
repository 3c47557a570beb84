"""How a refusal is told to clients, with the facts that go with its code."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.union import StrawberryUnion

from graph.declare import attribute, gql_enum, gql_type
from graph.money import Money
from graph.nodes import Kind, Node
from resolvers.context import Context
from stores.errors import (
    AccessCode,
    ErrorCode,
    IdempotencyInProgress,
    ShopError,
    StoreUnavailable,
    VersionConflict,
)
from stores.ledger_errors import InsufficientBalance
from stores.payment_errors import AmountExceeded

T = TypeVar("T")
S = TypeVar("S", bound=Callable[[Context, Any], object])

gql_enum(
    ErrorCode,
    INVALID="A value is malformed or out of range; field tells which.",
    REQUIRED="A value is missing that is needed here.",
    NOT_FOUND="There is no such object, or the caller may not see it.",
    FORBIDDEN="The caller may see the object, but not do this with it.",
    DUPLICATE="Another object has this name, code or slug.",
    LIMIT_EXCEEDED="More items, units or bytes than allowed.",
    STORE_UNAVAILABLE="A store does not answer; send the same key again, as the change may have "
    "been kept.",
    VERSION_CONFLICT="The object changed since it was read; details hold it as it is now.",
    IDEMPOTENCY_KEY_REUSED="The key was used before with another input.",
    IDEMPOTENCY_IN_PROGRESS="The first call with this key is still running; send it again later.",
    CART_EMPTY="No line of the cart is selected.",
    CART_TOKEN_INVALID="The token is forged, expired or already merged.",  # noqa: S106  A text.
    VARIANT_UNAVAILABLE="The variant is not on sale.",
    INSUFFICIENT_STOCK="Fewer units are left than asked for.",
    PRICE_CHANGED="The total is not the expected one; details hold the new prices.",
    CHECKOUT_EXPIRED="The checkout ran out of time; begin another.",
    ORDER_NUMBER_USED="The checkout has become an order before, under another key.",
    COUPON_INVALID="There is no such coupon for this shopper.",
    COUPON_EXPIRED="The coupon ran out of time.",
    COUPON_LIMIT_REACHED="All uses of the coupon are taken.",
    COUPON_NOT_APPLICABLE="The conditions of the coupon's promotion do not hold.",
    TRANSITION_FORBIDDEN="The state of the object allows no such step.",
    AMOUNT_EXCEEDED="More money than is left to capture or to refund.",
    PAYMENT_DECLINED="The provider refused the payment.",
    PAYMENT_PENDING="The provider has not told the outcome yet.",
    LOG_ID_CONFLICT="The account has a newer entry than the one named.",
    INSUFFICIENT_BALANCE="The account holds less than asked for.",
    UNBALANCED_ENTRIES="Debits and credits differ.",
)

if TYPE_CHECKING:
    ErrorDetails: TypeAlias = object
else:
    ErrorDetails = StrawberryUnion(
        name="ErrorDetails",
        description="Facts that go with an error code; clients must tolerate new members.",
    )

_shown: dict[type[ShopError], Callable[[Context, Any], object]] = {}


def details(*of: type[ShopError]) -> Callable[[S], S]:
    """Declare the function that shows the facts of these errors; see `member` for its type."""

    def declare(show: S) -> S:
        _shown.update(dict.fromkeys(of, show))
        return show

    return declare


def member(cls: type[T]) -> type[T]:
    """Add a type to ErrorDetails, as SDL's `extend union` does."""
    if not TYPE_CHECKING:
        ErrorDetails.type_annotations += (StrawberryAnnotation(cls),)
    return cls


@member
@gql_type(public=True)
class AmountDetails:
    """With AMOUNT_EXCEEDED and INSUFFICIENT_BALANCE: how much would have been possible."""

    maximum: Money


@member
@gql_type(public=True)
class RetryDetails:
    """With IDEMPOTENCY_IN_PROGRESS and STORE_UNAVAILABLE: when to try again."""

    retry_after_ms: Annotated[int, attribute("Milliseconds to wait.")]


@member
@gql_type(public=True)
class VersionConflictDetails:
    """With VERSION_CONFLICT: the object as it is now, so that no second request is needed."""

    current_version: int
    current: Node | None


@gql_type(public=True)
class UserError:
    """Why a mutation, or a part of it, was refused."""

    code: ErrorCode
    message: Annotated[str, attribute("Text for people, in the language of the request.")]
    field: Annotated[
        list[str] | None, attribute("Path inside input, or inside the cart: lines, 0, quantity.")
    ]
    details: Annotated[
        ErrorDetails | None, attribute("Facts to act on, for the codes that have some.")
    ]


def user_errors(ctx: Context, refusals: Iterable[ShopError]) -> list[UserError]:
    """Show refusals. One that no mutation may tell is a bug and raised."""
    return [_user_error(ctx, refusal) for refusal in refusals]


def _user_error(ctx: Context, refusal: ShopError) -> UserError:
    if isinstance(refusal.code, AccessCode):
        raise refusal
    show = _shown.get(type(refusal))
    return UserError(
        code=refusal.code,
        message=str(refusal),
        field=list(getattr(refusal, "field", ())) or None,
        details=show(ctx, refusal) if show else None,
    )


@details(VersionConflict)
def _conflict(ctx: Context, error: VersionConflict) -> VersionConflictDetails:
    row, kind = error.current, Kind.all.get(error.kind)
    current = kind.show(ctx, row) if kind and row is not None else None
    return VersionConflictDetails(current_version=error.current_version, current=current)


@details(IdempotencyInProgress, StoreUnavailable)
def _retry(_ctx: Context, error: IdempotencyInProgress | StoreUnavailable) -> RetryDetails:
    return RetryDetails(retry_after_ms=error.retry_after_ms)


@details(AmountExceeded, InsufficientBalance)
def _amount(ctx: Context, error: AmountExceeded | InsufficientBalance) -> AmountDetails:
    return AmountDetails(maximum=Money.of(error.maximum_minor, ctx.currency))
