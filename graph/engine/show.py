"""Tells a plan to people."""

from collections.abc import Iterator

from graph.engine.plan import Plan, Position
from graph.engine.readings import Many


def show(plan: Plan) -> str:
    """Return the positions of a plan as a tree, and the function of each."""
    numbers = {id(position): n for n, position in enumerate(plan.positions())}
    tree = "\n".join(_tree(plan.root, numbers, 0))
    functions = [f"# {numbers[id(one)]}\n{one.source}" for one in plan.positions()]
    return "\n\n\n".join([tree, *functions]) + "\n"


def _tree(position: Position, numbers: dict[int, int], depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}{numbers[id(position)]}. {_told(position)}"
    for slot in position.slots:
        for follower in slot.followers:
            yield from _tree(follower, numbers, depth + 1)


def _told(position: Position) -> str:
    field = position.field
    if field is None:
        return "the root"
    place = ".".join(step.key for step in position.steps)
    how = "once for all sources" if isinstance(field.reading, Many) else "for each source"
    kept = ", unless it is kept" if field.question else ""
    return f"{place}: {field.parent}.{field.name} -> {field.type}, {how}{kept}"
