"""Adding and changing warehouses."""

from dataclasses import dataclass, replace
from typing import Any

from resolvers.addresses import Address
from resolvers.commands import UNCHANGED, Unchanged, check_text, or_else
from resolvers.context import STAFF, Context
from resolvers.merchants import chosen
from resolvers.mutations import Mutation, Targets
from resolvers.products import is_staff_of
from stores import merchants, outbox, warehouses
from stores.drivers import UniqueViolation
from stores.errors import (
    Duplicate,
    Invalid,
    LimitExceeded,
    NotFound,
    VersionConflict,
)
from stores.outbox import Event
from stores.sql import WriteSession
from stores.warehouses import (
    CHANGED,
    CODE_LENGTH,
    MAX_WAREHOUSES,
    NAME_LENGTH,
    SELLS_NOW,
    Warehouse,
)


@dataclass(frozen=True, slots=True)
class CreateWarehouse:
    """Add a warehouse, to the caller's own merchant without `merchant_id`."""

    code: str
    name: str
    merchant_id: int | None = None
    is_selling: bool = False
    address: Address | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for a code or a name that no warehouse may have."""
        check_text(self.code, "code", CODE_LENGTH)
        check_text(self.name, "name", NAME_LENGTH)


@dataclass(frozen=True, slots=True)
class UpdateWarehouse:
    """Change a warehouse that is at `version`."""

    warehouse_id: int
    version: int
    code: str | Unchanged = UNCHANGED
    name: str | Unchanged = UNCHANGED
    is_selling: bool | Unchanged = UNCHANGED
    address: Address | Unchanged | None = UNCHANGED

    def __post_init__(self) -> None:
        """Raise Invalid for a code or a name that no warehouse may have."""
        if self.code is not UNCHANGED:
            check_text(self.code, "code", CODE_LENGTH)
        if self.name is not UNCHANGED:
            check_text(self.name, "name", NAME_LENGTH)


async def _create(
    session: WriteSession, ctx: Context, new: CreateWarehouse, targets: Targets
) -> None:
    merchant_id = chosen(ctx, new.merchant_id)
    # Held: of two that are the first at once, one must see the other.
    if not await merchants.hold(session, merchant_id):
        raise NotFound("merchant", ("merchantId",))
    others = await warehouses.count(session, merchant_id)
    if others >= MAX_WAREHOUSES:
        raise LimitExceeded(f"A merchant has at most {MAX_WAREHOUSES} warehouses.")
    row = Warehouse(
        id=targets["warehouse"],
        version=1,
        updated_at=ctx.clock(),
        merchant_id=merchant_id,
        code=new.code.strip(),
        name=new.name.strip(),
        is_selling=new.is_selling or others == 0,
        address=_plain(new.address),
    )
    await _write(session, ctx, row, is_new=True, sells_now=row.is_selling and others > 0)


async def _update(
    session: WriteSession, ctx: Context, edit: UpdateWarehouse, _targets: Targets
) -> None:
    before = await _held(session, ctx, edit.warehouse_id)
    if edit.is_selling is False and before.is_selling and before.version == edit.version:
        raise Invalid(
            "Orders take from this one; set isSelling of another warehouse to true instead.",
            ("isSelling",),
        )
    row = replace(
        before,
        version=edit.version + 1,
        updated_at=ctx.clock(),
        code=or_else(edit.code, before.code).strip(),
        name=or_else(edit.name, before.name).strip(),
        is_selling=or_else(edit.is_selling, before.is_selling),
        address=before.address if edit.address is UNCHANGED else _plain(edit.address),
    )
    sells_now = row.is_selling and not before.is_selling
    if not await _write(session, ctx, row, is_new=False, sells_now=sells_now):
        raise VersionConflict("Warehouse", before.version, before)


async def _held(session: WriteSession, ctx: Context, id_: int) -> Warehouse:
    """Return a warehouse that only this transaction may change. Raises NotFound."""
    for is_held in (False, True):
        row = (await warehouses.by_ids(session, [id_])).get(id_)
        if row is None or not is_staff_of(ctx, row.merchant_id):
            break
        if is_held:
            return row
        await merchants.hold(session, row.merchant_id)
    raise NotFound("warehouse", ("warehouseId",))


async def _write(
    session: WriteSession, ctx: Context, row: Warehouse, *, is_new: bool, sells_now: bool
) -> bool:
    if sells_now:
        await warehouses.sell_nowhere_else(session, row)
    try:
        if is_new:
            await warehouses.add(session, row)
        elif not await warehouses.change(session, row):
            return False
    except UniqueViolation as error:
        raise Duplicate("warehouse", ("code",)) from error
    topics = [CHANGED, SELLS_NOW] if sells_now else [CHANGED]
    await outbox.append(session, *(_event(ctx, row, topic) for topic in topics))
    return True


def _plain(address: Address | None) -> dict[str, str] | None:
    return None if address is None else address.plain()


def _event(ctx: Context, row: Warehouse, topic: str) -> Event:
    body: dict[str, Any] = {"merchantId": row.merchant_id}
    return Event(ctx.ids.next(), topic, f"Warehouse:{row.id}", row.version, body, row.updated_at)


CREATE_WAREHOUSE = Mutation(
    name="createWarehouse",
    roles=STAFF,
    kind="Warehouse",
    targets=lambda ctx, _new: {"warehouse": ctx.ids.next()},
    rule=_create,
)
UPDATE_WAREHOUSE = Mutation(
    name="updateWarehouse",
    roles=STAFF,
    kind="Warehouse",
    targets=lambda _ctx, edit: {"warehouse": edit.warehouse_id},
    rule=_update,
)
