"""Why a posting to the ledger is refused."""

from dataclasses import dataclass

from stores.errors import ErrorCode, Refusal


@dataclass(eq=False)
class LogIdConflict(Refusal):
    """An account has a newer entry than the one named; `current` is its row, as it is now."""

    code = ErrorCode.LOG_ID_CONFLICT
    sentence = (
        "The newest entry of the account is {current_log_id} now; read it again, and post with "
        "that number and a new key."
    )
    current_log_id: int
    current: object = None
    field: tuple[str, ...] = ("logId",)


@dataclass(eq=False)
class InsufficientBalance(Refusal):
    """A shopper's account holds less than asked for; `maximum_minor` is what it holds."""

    code = ErrorCode.INSUFFICIENT_BALANCE
    sentence = "The balance holds less than that; pay in first, or take another way to pay."
    maximum_minor: int
    field: tuple[str, ...] = ()


@dataclass(eq=False)
class UnbalancedEntries(Refusal):
    """Debits and credits differ, or there are none; both in minor units."""

    code = ErrorCode.UNBALANCED_ENTRIES
    sentence = (
        "Debits are {debits_minor} and credits {credits_minor} of the smallest coins; both must "
        "be the same, and more than 0."
    )
    debits_minor: int
    credits_minor: int
    field: tuple[str, ...] = ("entries",)
