"""Pictures and films."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Self

import strawberry

from graph.declare import argument, attribute, field, gql_enum, gql_type
from graph.optional import given
from graph.scalars import URL
from stores.errors import Invalid

MAX_WIDTH = 10_000


class MediaKind(Enum):
    """Kind of media."""

    IMAGE = "IMAGE"
    VIDEO = "VIDEO"


gql_enum(MediaKind, IMAGE="A picture.", VIDEO="A film.")


@gql_type(public=True)
class Media:
    """A picture or film."""

    address: strawberry.Private[str]
    object_key: Annotated[
        str | None,
        attribute(
            "Names the stored file; made from the hash of its bytes. Null for an address elsewhere."
        ),
    ]
    kind: MediaKind
    alt: Annotated[str | None, attribute("What it shows, in words.")]
    width: Annotated[int | None, attribute("Pixels of the original.")]
    height: Annotated[int | None, attribute("Pixels of the original.")]

    @field()
    def url(
        self,
        width: Annotated[
            int | None,
            argument("Pixels wanted; the next larger size kept is given, the original without it."),
        ] = strawberry.UNSET,
    ) -> URL:
        """Where to load it."""
        wanted = given(width)
        if wanted is not None and not 1 <= wanted <= MAX_WIDTH:
            raise Invalid(f"width is {wanted}; it is 1 to {MAX_WIDTH} pixels.", ("width",))
        # Only originals are kept so far, and the next larger size is always one of them.
        return URL(self.address)

    @classmethod
    def of(cls, media_url: str, row: Mapping[str, Any]) -> Self:
        """Show a row; `media_url` is where stored files are loaded from."""
        object_key = row.get("objectKey")
        return cls(
            address=f"{media_url}/{object_key}" if object_key else row["url"],
            object_key=object_key,
            kind=MediaKind(row["kind"]),
            alt=row.get("alt"),
            width=row.get("width"),
            height=row.get("height"),
        )
