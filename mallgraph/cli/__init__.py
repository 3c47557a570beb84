"""`mallgraph`: every command, each imported only when it is called or its help is shown."""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command

#: Name of a command -> its module, in the order that help lists them.
COMMANDS = {
    "serve": "serve",
    "token": "token",
    "seed": "seed",
    "import": "import_catalogue",
    "migrate": "migrate",
    "grants": "grants",
    "reindex": "reindex",
    "verify": "verify",
    "schema": "schema",
    "plan": "plan",
    "config": "config",
    "sandbox": "sandbox",
    "servers": "servers",
}
#: These are used to find out what is wrong with the settings, and to get some.
_WITHOUT_SETTINGS = {"config", "servers"}

WRONG_USE, FAILED = 2, 1


class Commands(Mapping[str, Any]):
    """The commands by name; looking one up imports it."""

    def __getitem__(self, name: str) -> Any:
        """Return a command. Raises KeyError."""
        module = import_module(f"mallgraph.cli.{COMMANDS[name]}")
        made = getattr(module, "app", None)
        if made is None:
            made = typer.Typer(add_completion=False)
            made.command(name)(module.command)
        found = get_command(made)
        found.name = name
        return found

    def __iter__(self) -> Iterator[str]:
        """Import nothing."""
        return iter(COMMANDS)

    def __len__(self) -> int:
        """Import nothing."""
        return len(COMMANDS)


class LazyGroup(TyperGroup):
    """A group whose commands are imported late."""

    def __init__(self, **options: Any) -> None:
        """Take the commands from `COMMANDS`."""
        super().__init__(**options)
        self.commands = Commands()  # type: ignore[assignment]  # It is only read.

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  Named by the group.
        """Return the names, in their order."""
        return list(COMMANDS)


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, add_completion=False)


@app.callback()
def _settings_first(ctx: typer.Context) -> None:
    """Run a shop that speaks GraphQL; start with `mallgraph serve --demo`."""
    if ctx.invoked_subcommand not in _WITHOUT_SETTINGS and "--help" not in sys.argv:
        from mallgraph.configuration import load  # noqa: PLC0415  Help needs none.

        load()


def main() -> None:
    """Run the command of this process; what is expected to fail ends it with a sentence."""
    try:
        app(prog_name="mallgraph")
    except Exception as error:
        told = _sentence(error)
        if told is None:
            raise
        give_up(*told)


def give_up(sentence: str, code: int = FAILED) -> NoReturn:
    """End the process with a sentence on stderr."""
    sys.stderr.write(f"{sentence}\n")
    sys.exit(code)


def _sentence(error: Exception) -> tuple[str, int] | None:
    from mallgraph.configuration import WrongSettings  # noqa: PLC0415  Only when it fails.
    from stores.errors import ShopError  # noqa: PLC0415  As above.

    if isinstance(error, WrongSettings):
        return str(error), WRONG_USE
    if isinstance(error, ShopError):
        return error.for_operators(), FAILED
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'The system'}: {error.strerror}", FAILED
    return None
