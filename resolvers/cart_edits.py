"""Changing carts. A shopper's cart keeps its keys itself; a temporary one is a pure function."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from resolvers.cart_commands import AddLines, MergeToken, UpdateLines
from resolvers.cart_rules import added, facts, facts_of_lines, moved, updated
from resolvers.carts import let_go, temporary
from resolvers.commands import fingerprint
from resolvers.context import SHOPPER, Context
from resolvers.mutations import Outcome, check_key
from resolvers.operation_status import Committed
from stores import carts
from stores.cart_errors import CartTokenInvalid
from stores.cart_merges import MergeMode
from stores.cart_tokens import TemporaryCart, edited
from stores.carts import Cart, Change, MergedToken
from stores.errors import Refusal, Required, StoreUnavailable, VersionConflict

ADD, UPDATE, MERGE = "addCartLines", "updateCart", "mergeCart"


@dataclass(frozen=True, slots=True)
class _Merged:
    """What a key of a merge stands for: the cart as its token held it, however that was sent."""

    cart_id: int
    version: int
    lines: Sequence[Sequence[int]]
    mode: MergeMode
    coupon_codes: Sequence[str] = ()


async def add_lines(ctx: Context, key: str, command: Callable[[], AddLines]) -> Outcome:
    """Put units into the viewer's cart, or into the temporary one of a token."""

    async def work() -> Outcome:
        new = command()
        known = await facts(ctx, {line.variant_id for line in new.lines})
        return await _edit(ctx, ADD, key, new, partial(added, known, new.lines))

    return await _outcome(ctx, key, work)


async def update_cart(ctx: Context, key: str, command: Callable[[], UpdateLines]) -> Outcome:
    """Set quantity and selection of lines of the viewer's cart, or of a temporary one."""

    async def work() -> Outcome:
        new = command()
        known = await facts_of_lines(ctx, new)
        return await _edit(ctx, UPDATE, key, new, partial(updated, known, new))

    return await _outcome(ctx, key, work)


async def merge_cart(ctx: Context, key: str, command: Callable[[], MergeToken]) -> Outcome:
    """Move a temporary cart into the viewer's own, once. Raises AccessError."""
    viewer = ctx.require(SHOPPER)

    async def work() -> Outcome:
        new = command()
        held = temporary(ctx, new.cart_token)
        if held is None:
            raise Required("There is no temporary cart; send its token.", ("cartToken",))
        try:
            return await _merge(ctx, viewer.id, key, new.mode, held)
        except CartTokenInvalid:
            # Carried on, it would be refused at every login.
            if new.cart_token is None:
                let_go(ctx)
            raise

    return await _outcome(ctx, key, work)


async def committed(ctx: Context, mutation: str, key: str) -> Committed | None:
    """Return what the viewer's mutation with this key did to her cart, None if nothing.

    Raises Invalid for a key that none can be, and StoreUnavailable.
    """
    check_key(key)
    if ctx.viewer is None:
        return None
    found = await ctx.stores.carts.key_use(ctx.viewer.id, _key(mutation, key))
    return Committed({"cart": found[0]}, found[1].used_at) if found else None


async def _outcome(ctx: Context, key: str, work: Callable[[], Awaitable[Outcome]]) -> Outcome:
    try:
        check_key(key)
        return await work()
    except (Refusal, StoreUnavailable) as error:
        return Outcome(refusals=(error,))
    finally:
        ctx.loaders.forget()


def _key(mutation: str, key: str) -> str:
    # No key has a space.
    return f"{mutation} {key}"


async def _edit(
    ctx: Context, mutation: str, key: str, command: AddLines | UpdateLines, change: Change
) -> Outcome:
    if command.cart_token is None and ctx.viewer:
        name, print_ = _key(mutation, key), fingerprint(command)
        done = await ctx.stores.carts.edit(ctx.viewer.id, name, print_, command.version, change)
        return Outcome({"cart": done.cart}, done.is_replay)
    return Outcome({"cart": _edit_temporary(ctx, key, command, change)})


def _edit_temporary(
    ctx: Context, key: str, command: AddLines | UpdateLines, change: Change
) -> TemporaryCart:
    tokens, now = ctx.stores.cart_tokens, ctx.clock()
    held = temporary(ctx, command.cart_token)
    held = held or tokens.begin(f"{key} {fingerprint(command)}", now)
    if command.version is not None and command.version != held.cart.version:
        raise VersionConflict("Cart", held.cart.version, held)
    after = edited(held.cart, change(held.cart), now)
    ctx.pocket.filled = tokens.sign(after, held.expires_at)
    return ctx.pocket.filled


def _merged(cart: Cart, mode: MergeMode) -> _Merged:
    return _Merged(cart.id, cart.version, carts.plain_lines(cart), mode, cart.coupon_codes)


async def _merge(
    ctx: Context, owner_id: int, key: str, mode: MergeMode, held: TemporaryCart
) -> Outcome:
    tokens, now, cart = ctx.stores.cart_tokens, ctx.clock(), held.cart
    known = await facts(ctx, {line.variant_id for line in cart.lines})
    done = await ctx.stores.carts.merge(
        owner_id,
        _key(MERGE, key),
        fingerprint(_merged(cart, mode)),
        MergedToken(cart.id, max(held.expires_at, now + tokens.lifetime)),
        partial(moved, known, cart, mode),
    )
    ctx.pocket.filled = tokens.begin(f"after {cart.id}", now)
    targets = {"cart": done.cart, "temporary": ctx.pocket.filled, "outcomes": done.outcomes}
    return Outcome(targets, done.is_replay)
