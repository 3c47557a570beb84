"""The pictures and films of a product, as edits name them."""

from collections.abc import Mapping, Sequence
from typing import Any

from resolvers.context import Context
from resolvers.product_parts import MediaSource, MediumEdit
from stores.errors import Invalid, NotFound

Media = list[dict[str, Any]]


def edited(ctx: Context, before: Media, edits: Sequence[MediumEdit]) -> Media:
    """Return the media after edits, in their order. Raises NotFound for a file not stored."""
    return [_medium(ctx, before, place, edit) for place, edit in enumerate(edits)]


def _medium(ctx: Context, before: Media, place: int, edit: MediumEdit) -> dict[str, Any]:
    source = edit.source
    key = source.object_key
    if key is not None and not ctx.stores.media.has(key):
        raise NotFound("stored file", ("media", str(place), "source", "objectKey"))
    known = next((one for one in before if source.of(one)), {})
    return {
        **({"url": source.url} if key is None else {"objectKey": key}),
        "kind": edit.kind,
        "alt": edit.alt,
        # Of the file itself, whatever is said of it.
        "width": known.get("width"),
        "height": known.get("height"),
    }


def position(media: Sequence[Mapping[str, Any]], source: MediaSource | None) -> int | None:
    """Return which of a product's media a variant means. Raises Invalid if none is it."""
    if source is None:
        return None
    found = next((place for place, one in enumerate(media) if source.of(one)), None)
    if found is None:
        raise Invalid("The product has no such medium; name one of its media.", ("media",))
    return found


def moved(before: Media, now: Media, place: int | None) -> int | None:
    """Return where among the media `now` a medium stands that stood at `place` before."""
    if place is None or place >= len(before):
        return None
    source = MediaSource(before[place].get("objectKey"), before[place].get("url"))
    return next((index for index, one in enumerate(now) if source.of(one)), None)
