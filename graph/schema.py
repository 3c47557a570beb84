"""The whole schema."""

from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any

import strawberry
from strawberry.extensions import MaxTokensLimiter, SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.graphql import OperationType

from graph import (
    accounts,
    address_edits,
    cart_edits,
    carts,
    categories,
    category_edits,
    checkout_edits,
    checkouts,
    coupon_edits,
    coupons,
    customers,
    delivery_rates,
    discounts,
    erasing,
    fulfillment_edits,
    fulfillments,
    inventory,
    inventory_edits,
    inventory_levels,
    inventory_updates,
    ledger_edits,
    ledger_entries,
    listings,
    media,
    merchant_edits,
    merchant_lists,
    merchants,
    nodes,
    operation_status,
    order_changes,
    order_discounts,
    order_edits,
    order_events,
    order_line_quantities,
    order_lists,
    order_previews,
    order_returns,
    order_shipments,
    order_updates,
    orders,
    payment_edits,
    payments,
    policies,
    product_connections,
    product_edits,
    product_inputs,
    product_lookup,
    products,
    profile_edits,
    promotion_edits,
    promotion_inputs,
    promotion_lists,
    promotion_previews,
    promotion_terms,
    promotions,
    refund_edits,
    refunds,
    reservation_releasing,
    reservations,
    return_edits,
    role_edits,
    saved_addresses,
    search,
    shop,
    snapshots,
    specs,
    stock_details,
    stock_movements,
    users,
    variant_quantities,
    warehouse_edits,
    warehouses,
    wishlists,
)
from graph.declare import Mutation, Query
from graph.execution import Planned, Planner
from graph.known import executed, is_allowed
from graph.limited import Limited
from graph.operation import Operation
from graph.scalars import SCALARS
from graph.subscriptions import Subscription

MAX_TOKENS = 2_000

#: Importing a module declares its fields; what is not named here is not in the schema.
MODULES = (
    nodes,
    operation_status,
    users,
    merchants,
    saved_addresses,
    merchant_lists,
    customers,
    profile_edits,
    address_edits,
    merchant_edits,
    role_edits,
    categories,
    category_edits,
    media,
    products,
    specs,
    snapshots,
    product_lookup,
    variant_quantities,
    product_inputs,
    product_edits,
    accounts,
    ledger_entries,
    ledger_edits,
    warehouses,
    inventory_levels,
    stock_movements,
    product_inputs,
    product_edits,
    inventory,
    reservations,
    stock_details,
    warehouse_edits,
    inventory_edits,
    inventory_updates,
    product_connections,
    listings,
    promotion_terms,
    promotions,
    promotion_lists,
    coupons,
    discounts,
    order_previews,
    promotion_inputs,
    promotion_edits,
    coupon_edits,
    promotion_previews,
    wishlists,
    search,
    carts,
    cart_edits,
    delivery_rates,
    checkouts,
    checkout_edits,
    orders,
    order_discounts,
    order_events,
    order_lists,
    order_edits,
    order_updates,
    order_changes,
    order_line_quantities,
    fulfillments,
    fulfillment_edits,
    order_shipments,
    payments,
    refunds,
    payment_edits,
    refund_edits,
    reservation_releasing,
    erasing,
    order_returns,
    return_edits,
    shop,
)


class ShopSchema(strawberry.Schema):
    """The schema; `Operation` logs its errors."""

    #: Whether operations are executed by plans; without, graphql-core executes all of them.
    is_planned = True

    @cached_property
    def planner(self) -> Planner:
        """The engine and the documents that it knows."""
        return Planner(self)

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:  # noqa: FBT001, FBT002  Strawberry's.
        """Return what stands around an operation, the engine innermost."""
        around = [*super().get_extensions(sync), Limited(self.planner)]
        return [*around, Planned(self.planner)] if self.is_planned else around

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Execute what has a plan already; whatever else, and what is wrong, is Strawberry's."""
        known = self.is_planned and self.planner.prepare(query, variable_values, operation_name)
        if known and is_allowed(known[0], allowed_operation_types):
            run, document = known
            facts = document.facts(operation_name)
            return await executed(run, context_value, facts, variable_values, root_value)
        return await super().execute(
            query,
            variable_values,
            context_value,
            root_value,
            operation_name,
            allowed_operation_types,
            operation_extensions,
        )

    def process_errors(
        self, errors: object, execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing: a refusal is no event, and a bug is logged with its request id."""


@cache
def build(*, is_planned: bool = True) -> ShopSchema:
    """Return the schema. Raises ValueError if a field does not say who may read it."""
    made = ShopSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[products.ProductVariant, merchants.Merchant, users.User, shop.Shop],
        extensions=[Operation, lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS)],
        config=StrawberryConfig(disable_field_suggestions=True, scalar_map=SCALARS),
    )
    made.is_planned = is_planned
    policies.check(object_types(made))
    return made


def object_types(made: ShopSchema) -> list[StrawberryObjectDefinition]:
    """Return the types that have fields to read."""
    definitions = (held.definition for held in made.schema_converter.type_map.values())
    return [
        one
        for one in definitions
        if isinstance(one, StrawberryObjectDefinition) and not one.is_input and not one.is_interface
    ]


schema = build()


def sdl() -> str:
    """Return the schema as text, as `schema.graphql` holds it."""
    # The directive is the specification's own and needs no definition.
    return schema.as_str().replace("directive @oneOf on INPUT_OBJECT\n\n", "") + "\n"
