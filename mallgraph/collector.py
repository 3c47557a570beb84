"""Python's collector of cycles, told what a server's memory is like."""

import gc

#: Objects that are made and not freed yet, before the youngest are looked at. An answer of a
#: hundred products is some thousand dicts, none of them in a cycle: looking at them after each 700,
#: as is Python's default, takes as long as making them.
_YOUNG = 20_000
#: So often the younger ones are looked at before those that are older.
_TIMES = 20


def spare() -> None:
    """Leave alone what is there now, which stays for good, and look at the rest less often.

    For processes that serve, once they have imported everything.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _TIMES, _TIMES)
