"""Lists of products that follow a category to another place in the tree."""

from collections.abc import Collection

from sqlalchemy import BigInteger, delete, insert, literal, select

from stores.listing_tables import listings
from stores.products import COLUMNS, Product, products
from stores.sql import ReadSession, WriteSession


async def below(session: ReadSession, category_id: int, after: int, limit: int) -> list[Product]:
    """Return products in a category and below it, those behind an id, in the order of ids."""
    joined = listings.join(products, products.c.id == listings.c.product_id)
    statement = (
        select(*COLUMNS)
        .select_from(joined)
        .where(listings.c.category_id == category_id, listings.c.product_id > after)
        .order_by(listings.c.product_id)
        .limit(limit)
    )
    return await session.rows(Product, statement)


async def move(
    session: WriteSession, category_id: int, left: Collection[int], joined: Collection[int]
) -> None:
    """Take all products below a category out of the lists `left`, and into those `joined`.

    In few statements, however many products there are.
    """
    # Named once more, as MySQL deletes from no table that it reads.
    lying = select(listings.c.product_id).where(listings.c.category_id == category_id).subquery()
    if left:
        mine = listings.c.product_id.in_(select(lying.c.product_id))
        await session.update(delete(listings).where(listings.c.category_id.in_(left), mine))
    for list_ in joined:
        columns = [one for one in listings.c if one.name != "category_id"]
        copied = select(literal(list_, BigInteger), *columns)
        names = ["category_id", *(one.name for one in columns)]
        statement = insert(listings).from_select(
            names, copied.where(listings.c.category_id == category_id)
        )
        await session.update(statement)
