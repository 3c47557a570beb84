"""Order numbers: never twice, and a mistyped one is none."""

import asyncio
from datetime import UTC, datetime

import pytest

from stores.order_numbers import OrderNumbers, check_digit, is_number, number
from stores.sql import Database

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


def test_number_has_day_serial_shard_of_the_shopper_and_check_digit() -> None:
    told = number("261127", 1_234, 5_042)

    assert told[:17] == "261127" + "00001234" + "042"
    assert is_number(told)


@pytest.mark.parametrize("place", range(18))
def test_one_mistyped_digit_is_seen(place: int) -> None:
    told = number("261127", 1_234, 5_042)
    wrong = str((int(told[place]) + 1) % 10)

    assert not is_number(told[:place] + wrong + told[place + 1 :])


@pytest.mark.parametrize("text", ["", "1" * 17, "1" * 19, "٢" * 18, "26112700001234042x"])
def test_what_no_shop_gave_is_no_number(text: str) -> None:
    assert not is_number(text)


def test_check_digit_is_that_of_luhn() -> None:
    assert check_digit("7992739871") == "3"


def test_day_has_room_for_its_orders_and_says_when_it_is_full() -> None:
    assert is_number(number("261127", 99_999_999, 1))
    with pytest.raises(OverflowError):
        number("261127", 100_000_000, 1)


async def test_two_processes_never_give_the_same_number(database: Database) -> None:
    one, other = (OrderNumbers(database, lambda: NOW, segment=3) for _ in range(2))

    given = await asyncio.gather(*(side.next(7) for side in (one, other) * 20))

    assert len(set(given)) == 40
    assert all(is_number(each) for each in given)


async def test_process_that_dies_leaves_a_gap_and_never_a_number_twice(database: Database) -> None:
    before = await OrderNumbers(database, lambda: NOW).next(7)
    after = await OrderNumbers(database, lambda: NOW).next(7)

    assert (before[6:14], after[6:14]) == ("00000001", "00000101")


async def test_next_day_begins_anew(database: Database) -> None:
    days = iter([NOW, NOW.replace(day=28)])
    numbers = OrderNumbers(database, lambda: next(days))

    assert [(await numbers.next(7))[:14] for _ in range(2)] == ["26112700000001", "26112800000001"]
