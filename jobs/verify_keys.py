"""Idempotency keys: what a key stands for is there."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers.context import Mall
from stores import (
    categories,
    checkouts,
    fulfillments,
    idempotency,
    ledger_reads,
    order_returns,
    orders,
    payments,
    products,
    promotions,
    refunds,
    stock_movements,
    walks,
)
from stores.idempotency import Claim
from stores.order_numbers import LENGTH
from stores.sql import ReadSession

NAME = "keys"

_Key = tuple[str, str, str]
#: Fields of payloads whose object is kept under its id.
_BY_ID = frozenset(
    {
        "checkout",
        "product",
        "category",
        "promotion",
        "transaction",
        "payment",
        "refund",
        "fulfillment",
        "orderReturn",
    }
)


@dataclass(frozen=True, slots=True)
class _Target:
    """One object that a key stands for: the field of the payload that shows it, and its key."""

    field: str
    key: Any


async def _compare(mall: Mall, keys: Sequence[_Key]) -> Differences[_Key]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        claims = await idempotency.by_keys(session, keys)
        known = await _known(session, [target for claim in claims for target in _targets(claim)])
    found = {}
    for claim in claims:
        facts = [(f"{one.field} {one.key} is there", True, one in known) for one in _targets(claim)]
        name = f"{claim.principal} {claim.mutation} {claim.key}"
        found[claim.principal, claim.mutation, claim.key] = compared(NAME, name, facts)
    return {key: differences for key, differences in found.items() if differences}


def _targets(claim: Claim) -> Iterator[_Target]:
    for field, key in claim.targets.items():
        if field == "order":
            # Kept as a number, as all ids are.
            yield _Target(field, f"{key:0{LENGTH}}")
        elif field in _BY_ID:
            yield _Target(field, key)
        elif field == "movements":
            yield from (_Target(field, id_) for id_ in key)


async def _known(session: ReadSession, wanted: Collection[_Target]) -> set[_Target]:
    def keys(field: str) -> list[Any]:
        return [target.key for target in wanted if target.field == field]

    found: dict[str, Collection[Any]] = {
        "order": await orders.by_numbers(session, keys("order")),
        "checkout": await checkouts.known_cart_keys(session, keys("checkout")),
        "product": await products.by_ids(session, keys("product")),
        "category": await categories.by_ids(session, keys("category")),
        "promotion": await promotions.by_ids(session, keys("promotion")),
        "transaction": await ledger_reads.transactions_by_ids(session, keys("transaction")),
        "payment": await payments.by_ids(session, keys("payment")),
        "refund": await refunds.by_ids(session, keys("refund")),
        "fulfillment": await fulfillments.by_ids(session, keys("fulfillment")),
        "orderReturn": await order_returns.by_ids(session, keys("orderReturn")),
        "movements": await stock_movements.by_ids(session, keys("movements")),
    }
    return {target for target in wanted if target.key in found[target.field]}


KEYS = Check(
    name=NAME,
    about="The order, fulfillment, return, payment, refund, checkout, product, category, "
    "promotion, transaction or movements that a key stands for are there.",
    page=walking(walks.IDEMPOTENCY_KEYS),
    compare=_compare,
)
