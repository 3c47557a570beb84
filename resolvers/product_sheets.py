"""The data sheet of a product: how edits change it, and the document that is written first."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from resolvers.commands import or_else
from resolvers.context import Context
from resolvers.product_content import MAX_SPECS
from resolvers.product_parts import SpecEdit, check_count
from stores.errors import NotFound, StoreUnavailable
from stores.specs import STORE, Spec, to_plain

LABEL_LENGTH = 100


async def read(ctx: Context, specs_id: int | None) -> Sequence[Spec]:
    """Return a data sheet; None names an empty one. Raises StoreUnavailable."""
    if specs_id is None:
        return ()
    found = await ctx.stores.specs.by_ids([specs_id])
    if specs_id not in found:
        # It is written before a product names it: its store was asked too early, or lost it.
        raise StoreUnavailable(STORE)
    return found[specs_id]


async def put(ctx: Context, specs: Sequence[Spec]) -> int | None:
    """Write a data sheet and return its id; an empty one has none. Raises StoreUnavailable."""
    if not specs:
        return None
    id_ = ctx.ids.next()
    await ctx.stores.specs.put({id_: specs})
    return id_


def is_same(one: Sequence[Spec], other: Sequence[Spec]) -> bool:
    """Return whether two sheets say the same, digit for digit: 1.0 and 1.00 differ."""
    return to_plain(one) == to_plain(other)


def edited(
    before: Sequence[Spec], edits: Sequence[SpecEdit], removed: Collection[str] = ()
) -> list[Spec]:
    """Return a data sheet after edits; new lines stand last.

    Raises NotFound for a key to remove that no line has, and LimitExceeded.
    """
    sheet = {spec.key: spec for spec in before}
    for place, key in enumerate(removed):
        if sheet.pop(key, None) is None:
            raise NotFound("spec", ("removeSpecKeys", str(place)))
    for edit in edits:
        sheet[edit.key] = _line(sheet.get(edit.key), edit)
    check_count(sheet, MAX_SPECS, "specs")
    return list(sheet.values())


def _line(before: Spec | None, edit: SpecEdit) -> Spec:
    kept = before or Spec(edit.key, _label(edit.key), edit.value)
    return replace(
        kept,
        value=edit.value,
        label=or_else(edit.label, kept.label),
        group=or_else(edit.group, kept.group),
        unit=or_else(edit.unit, kept.unit),
    )


def _label(key: str) -> str:
    words = key.replace("_", " ").replace("-", " ").replace(".", " ").strip()
    return (words[:1].upper() + words[1:])[:LABEL_LENGTH] or key
