"""The engine gives what graphql-core gives, whatever is asked and whatever the values are.

Each twin breaks one rule of the engine, and the same comparison must see it.
"""

import gc
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import pytest
from graphql import GraphQLInt, GraphQLString, located_error
from graphql.execution.collect_fields import collect_subfields

from graph.engine import Fragments, collect, complete, engine, places, rules, run
from graph.engine.fragments import Question
from tests.engine import fuzz
from tests.engine.world import make_engine

#: Cases of the test command; `make fuzz` runs more.
CASES, SEED = 2_000, 7
#: Within so many cases every broken rule is seen.
ENOUGH = 1_500
#: Cases that are asked twice, the second time with fragments of the first.
TWICE = 300


#: graphql-core itself leaves coroutines behind where null goes up past them.
_left_behind = [
    pytest.mark.filterwarnings("ignore:coroutine .*later' was never awaited"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
pytestmark = [*_left_behind, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Collect what was left behind here, where its warning is known, and in no later test."""
    yield
    gc.collect()


async def test_random_cases_are_answered_as_by_graphql_core() -> None:
    assert await fuzz.run(CASES, SEED) == []


async def _is_seen() -> bool:
    broken = make_engine()
    for case in fuzz.cases(ENOUGH, SEED):
        if await fuzz.wrong(broken, case):
            return True
    return False


def _null_stays_where_it_is(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(places.Places, "null_above", lambda self, keys: None)


def _null_goes_up_one_place_too_many(patch: pytest.MonkeyPatch) -> None:
    real = places.Places.null_above
    patch.setattr(places.Places, "null_above", lambda self, keys: real(self, keys[:-1]))


def _error_stays_in_its_place(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(complete, "is_non_null_type", lambda type_: False)


def _null_goes_up_whatever_the_operation_says(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run.Run, "propagates", True)


def _null_stays_whatever_the_operation_says(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run.Run, "propagates", False)


def _first_occurrence_is_all(patch: pytest.MonkeyPatch) -> None:
    def first(*told: Any) -> Any:
        one: Any = collect_subfields
        return one(*told[:-1], told[-1][:1])

    patch.setattr("graph.engine.collect.collect_subfields", first)


def _plan_serves_other_conditions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(engine, "conditions", lambda document: ())


def _conditions_of_variables_are_ignored(patch: pytest.MonkeyPatch) -> None:
    def all_true(schema: Any, fragments: Any, values: Any, *told: Any) -> Any:
        changed = {name: v is False or v for name, v in values.coerced.items()}
        return collect_subfields(schema, fragments, values._replace(coerced=changed), *told)

    patch.setattr("graph.engine.collect.collect_subfields", all_true)


def _every_object_is_of_the_first_type(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "name_of", lambda value, type_, field, run: next(iter(field.selections)))


def _wrong_objects_pass(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "check_object", lambda value, type_, field, run: None)


def _mutations_run_together(patch: pytest.MonkeyPatch) -> None:
    real = run.Run._follow
    patch.setattr(run.Run, "_follow", lambda *told, is_serial: real(*told, is_serial=False))


def _mutations_go_on_when_all_is_lost(patch: pytest.MonkeyPatch) -> None:
    async def follow(self: Any, position: Any, waiting: Any, *, is_serial: bool) -> None:
        for number, slot in enumerate(position.slots):
            for follower in slot.followers if waiting[number][0] else ():
                await self._position(follower, *waiting[number])

    patch.setattr(run.Run, "_follow", follow)


def _errors_are_one_place_off(patch: pytest.MonkeyPatch) -> None:
    def moved(error: Exception, nodes: Any, keys: list[Any]) -> Any:
        return located_error(
            error, nodes, [one + 1 if isinstance(one, int) else one for one in keys]
        )

    patch.setattr("graph.engine.complete.located_error", moved)


def _batches_lose_their_order(patch: pytest.MonkeyPatch) -> None:
    real = run.Run._many

    async def turned(self: Any, *told: Any) -> Sequence[Any]:
        return list(reversed(await real(self, *told)))

    patch.setattr(run.Run, "_many", turned)


def _large_integers_pass(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(rules.AS_THEY_ARE, GraphQLInt, "{0}.__class__ is int")


def _any_text_is_a_text(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(rules.AS_THEY_ARE, GraphQLString, "{0} is not None")


def _arguments_forget_their_variables(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(collect, "has_variables", lambda node: False)


def _exceptions_are_values(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(complete, "isinstance", lambda value, kind: False, raising=False)


@pytest.mark.parametrize(
    "twin",
    [
        _null_stays_where_it_is,
        _null_goes_up_one_place_too_many,
        _error_stays_in_its_place,
        _null_goes_up_whatever_the_operation_says,
        _null_stays_whatever_the_operation_says,
        _first_occurrence_is_all,
        _plan_serves_other_conditions,
        _conditions_of_variables_are_ignored,
        _every_object_is_of_the_first_type,
        _wrong_objects_pass,
        _mutations_run_together,
        _mutations_go_on_when_all_is_lost,
        _errors_are_one_place_off,
        _batches_lose_their_order,
        _large_integers_pass,
        _any_text_is_a_text,
        _arguments_forget_their_variables,
        _exceptions_are_values,
    ],
)
async def test_twin_without_a_rule_is_seen(
    twin: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    twin(monkeypatch)

    assert await _is_seen()


async def _different_with_fragments() -> str | None:
    """Return what is wrong with one of two answers to a case."""
    whole, hits = make_engine(), 0
    for case in fuzz.cases(TWICE, SEED):
        fragments = Fragments(100_000, lambda value: (value, 1))
        for _ in range(2):
            if what := await fuzz.wrong(whole, case, fragments):
                return f"{case.number}: {what}\n{case.text}\n{case.variables}"
        hits += fragments.kept.hits
    assert hits > TWICE / 4
    return None


async def test_random_cases_are_answered_alike_with_fragments() -> None:
    assert await _different_with_fragments() is None


def _state_is_not_compared(patch: pytest.MonkeyPatch) -> None:
    def of(self: Question, _source: object) -> tuple[str, Hashable]:
        return self.text, 0

    patch.setattr(Question, "of", of)


def _nothing_is_something(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Fragments, "put", lambda self, key, value: self.kept.put(key, value or {}))


@pytest.mark.parametrize(
    "twin",
    [_state_is_not_compared, _nothing_is_something],
)
async def test_twin_of_fragments_without_a_rule_is_seen(
    twin: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    twin(monkeypatch)

    assert await _different_with_fragments()
