"""Splitting and rounding of money, always in whole minor units."""

from collections.abc import Sequence


def half_up(numerator: int, denominator: int) -> int:
    """Return a quotient of what is not negative, rounded to the nearest, the half upwards."""
    return (2 * numerator + denominator) // (2 * denominator)


def by_largest_remainder(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights, so that the shares add up to it exactly.

    Each share is rounded down first; the units that are left go one by one to the largest
    remainders, among equal ones to the first. If the amount is at most the sum of the weights, no
    share is above its weight. Nothing is split by weights that are all zero.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    shares = [amount * weight // whole for weight in weights]
    left = amount - sum(shares)
    nearest = sorted(range(len(weights)), key=lambda n: (-(amount * weights[n] % whole), n))
    for n in nearest[:left]:
        shares[n] += 1
    return shares
