"""How the tests are shared out to the workers of a run."""

from xdist.scheduler import LoadScopeScheduling

#: Modules that make something dear once, for all their tests.
_TOGETHER = {"tests/test_clients.py", "tests/test_real_catalogue.py"}


class Sharing(LoadScopeScheduling):  # type: ignore[misc]  # Its library has no types.
    """Gives each test to the next worker that is free, but a module of `_TOGETHER` to one."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module in _TOGETHER else nodeid
