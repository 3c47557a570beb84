"""Which operations are told apart: anybody may call one as he likes, and a label must not grow."""

from graph.operation import Caller, Outcome

ANONYMOUS, OTHER = "anonymous", "other"
#: So many names are told apart, unless they are listed.
MOST = 100
_LONGEST = 64


class Names:
    """Names for the label `operation`: those of a list, or the first that come."""

    def __init__(self, listed: str) -> None:
        """Know the names of a list with commas; of none, learn."""
        self._known = {name.strip() for name in listed.split(",") if name.strip()}
        self._learns = not self._known

    def of(self, caller: Caller | None) -> str:
        """Return the name of an operation, `anonymous` or `other`."""
        name = caller.operation_name if caller else None
        if caller is None or name is None:
            return ANONYMOUS
        # What is refused costs its sender nothing to make up.
        if name not in self._known and caller.outcome is not Outcome.REFUSED:
            self._learn(name)
        return name if name in self._known else OTHER

    def _learn(self, name: str) -> None:
        if self._learns and len(self._known) < MOST and len(name) <= _LONGEST:
            self._known.add(name)
