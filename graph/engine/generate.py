"""Makes the functions of positions: `function` writes them, Python compiles them."""

from typing import cast

from graph.engine.function import Classes, Function, Known, Scalars
from graph.engine.plan import Position, Read
from graph.engine.selections import Unplannable


class Generator:
    """Makes functions for one schema."""

    def __init__(self, classes: Classes, scalars: Scalars) -> None:
        """Know the classes of objects, and of values of scalars."""
        self._known = Known(classes, scalars)

    def __call__(self, position: Position) -> tuple[Read, str]:
        """Return the function of a position, and its text. Raises Unplannable."""
        function = Function(position, self._known)
        text = function.text()
        try:
            code = compile(text, f"<plan of {position.key}>", "exec")
        except (SyntaxError, RecursionError, MemoryError) as error:
            # Python allows twenty loops inside one another, and a hundred blocks.
            raise Unplannable(f"Its plain fields are nested too deeply: {error}") from error
        scope = function.writer.names
        exec(code, scope)  # noqa: S102  Names are the schema's; what clients write is quoted.
        return cast("Read", scope["read"]), text
