"""The shop's own settings."""

from decimal import Decimal
from typing import Annotated, Self

import resolvers.shop
import stores.shop
from graph import nodes
from graph.batch import Info
from graph.declare import attribute, gql_type, query
from graph.directives import CacheControl, CacheControlScope
from graph.nodes import Kind, Node
from graph.scalars import CurrencyCode
from graph.versions import Versioned
from resolvers.context import Context

CACHED = CacheControl(max_age=300, scope=CacheControlScope.PUBLIC)


@gql_type(public=True, cache=CACHED)
class Shop(Node, Versioned):
    """Settings of the shop."""

    name: str
    currency_code: Annotated[CurrencyCode, attribute("Of all its prices.")]
    time_zone: Annotated[str, attribute("IANA name.")]
    locales: Annotated[
        list[str],
        attribute("BCP 47 tags of the languages of messages; content has one language."),
    ]
    tax_rate: Annotated[Decimal, attribute("0.19 is 19 percent.")]
    is_tax_included: Annotated[bool, attribute("Whether prices contain tax.")]
    max_line_quantity: Annotated[int, attribute("Units of one variant in a cart or an order.")]
    checkout_expiry_minutes: Annotated[
        int, attribute("Minutes until the prices of a checkout no longer hold.")
    ]
    order_expiry_minutes: Annotated[int, attribute("Minutes until an unpaid order expires.")]
    auto_confirm_days: Annotated[
        int, attribute("Days after delivery until receipt counts as confirmed.")
    ]

    @classmethod
    def of(cls, _ctx: Context, row: stores.shop.Shop) -> Self:
        """Show the row."""
        return cls(
            id=nodes.encode("Shop", row.id),
            version=row.version,
            updated_at=row.updated_at,
            name=row.name,
            currency_code=CurrencyCode(row.currency_code),
            time_zone=row.time_zone,
            locales=list(row.locales),
            tax_rate=Decimal(row.tax_rate_millionths).scaleb(-6).normalize(),
            is_tax_included=row.is_tax_included,
            max_line_quantity=row.max_line_quantity,
            checkout_expiry_minutes=row.checkout_expiry_minutes,
            order_expiry_minutes=row.order_expiry_minutes,
            auto_confirm_days=row.auto_confirm_days,
        )


SHOP = Kind("Shop", Shop.of, resolvers.shop.by_ids)


@query(public=True, cache=CACHED)
async def shop(info: Info) -> Shop:
    """The shop."""
    return Shop.of(info.context, await resolvers.shop.get(info.context))
