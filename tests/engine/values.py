"""Random values: objects that are right, and whatever else may stand in their places."""

from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import Any, TypeAlias

from graphql import Undefined

from tests.engine.objects import Cat, Colour, Dog, Home, Person, Root, Thing

Make: TypeAlias = Callable[[], Any]

#: How often a place has a wrong value.
RATES = (0.0, 0.0, 0.01, 0.05, 0.2)


class Boom(Exception):
    """What goes wrong in a place."""


class Bag(list[Any]):
    """What can be gone through, but is no list of the plain kind."""


class Chain:
    """What can be gone through again and again, and is no list at all."""

    def __init__(self, items: list[Any]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)


class Values:
    """The values of one case: a few objects of each kind that hold one another."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._rate = random.choice(RATES)
        self._booms = 0
        self._persons = [Person("Person") for _ in range(4)]
        self._dogs = [Dog("Dog") for _ in range(2)]
        self._cats = [Cat("Cat") for _ in range(2)]
        self._homes = [Home("Home") for _ in range(2)]

    def root(self) -> Root:
        """Return the root of all values."""
        self._fill_objects()
        root = Root("Query")
        plain: dict[str, Make] = {
            "person": self._maybe(self._person),
            "named": self._maybe(self._named),
            "things": self._list(self._maybe(self._list(self._maybe(self._thing)))),
            "word": self._maybe(lambda: "word"),
            "home": self._maybe(self._home),
        }
        later: dict[str, Make] = {
            "someone": self._person,
            "people": self._list(self._person),
            "maybe": self._list(self._maybe(self._person)),
            "pets": self._list(self._pet),
            "thing": self._maybe(self._thing),
            "set": self._maybe(self._person),
            "must": self._person,
        }
        self._fill(root, plain, later)
        return root

    def _fill_objects(self) -> None:
        for person in self._persons:
            self._fill_person(person)
        for dog in self._dogs:
            plain: dict[str, Make] = {
                "owner": self._maybe(self._person),
                "friends": self._list(self._pet),
                "barks": lambda: True,
            }
            self._fill(dog, plain, {"chases": self._maybe(self._pet)})
        for cat in self._cats:
            naps = self._list(lambda: "nap")
            plain = {"friends": self._list(self._pet), "lives": lambda: 9}
            self._fill(cat, plain, {"owner": self._person, "naps": naps})
        for home in self._homes:
            rooms = self._list(self._maybe(self._list(self._thing)))
            later: dict[str, Make] = {
                "owner": self._maybe(self._person),
                "bell": lambda: "ring",
                "guests": self._list(self._person),
            }
            self._fill(home, {"address": lambda: "street", "rooms": rooms}, later)

    def _fill_person(self, person: Person) -> None:
        number, choice = self._random.randint, self._random.choice
        plain: dict[str, Make] = {
            "age": lambda: self._odd(number(0, 9), 2.0, 2**31, True),  # noqa: FBT003  One of the odd.
            "tall": lambda: self._odd(1.5, 2, float("inf"), "3"),
            "born": lambda: date(2000, 1, number(1, 9)),
            "died": lambda: self._odd(date(2001, 2, 3), 7, "never"),
            "grid": self._list(self._list(lambda: number(0, 9))),
            "colour": lambda: self._odd(choice(list(Colour)), "RED", "r"),
            "colours": self._list(self._maybe(lambda: choice(list(Colour)))),
            "home": self._home,
            "likes": self._maybe(self._thing),
            "pets": self._list(self._pet),
            "tag": self._maybe(lambda: "tag"),
            "times": lambda: number(1, 9),
        }
        later: dict[str, Make] = {
            "score": lambda: number(0, 9),
            "best": self._maybe(self._person),
            "only": self._person,
            "group": self._list(self._person),
            "things": self._list(self._maybe(self._thing)),
            "pet": self._pet,
            "words": self._list(lambda: "word"),
            "slowly": self._maybe(lambda: "slow"),
            "boss": self._maybe(self._person),
            "team": self._list(self._maybe(self._person)),
        }
        self._fill(person, plain, later)

    def _fill(self, made: Thing, plain: dict[str, Make], later: dict[str, Make]) -> None:
        number = self._random.randint(1, 99)
        plain |= {
            "id": lambda: self._odd(str(number), number, 1.0),
            "name": self._maybe(lambda: f"name {number}"),
        }
        for name, make in plain.items():
            made.__dict__[name] = self._place(make)
        for name, make in later.items():
            made.later[name] = self._place(make)
        if self._is_wrong() and not isinstance(made, Cat | Home):
            wrong: list[Any] = ["Cat", "Nobody", "Colour", "", 5]
            made.kind = self._random.choice(wrong)

    def _person(self) -> Thing:
        return self._random.choice(self._persons)

    def _home(self) -> Thing:
        return self._random.choice(self._homes)

    def _pet(self) -> Thing:
        return self._random.choice([*self._dogs, *self._cats])

    def _named(self) -> Thing:
        return self._random.choice([*self._persons, *self._dogs, *self._cats])

    def _thing(self) -> Thing:
        return self._random.choice([*self._persons, *self._dogs, *self._homes])

    def _list(self, make: Make) -> Make:
        def listed() -> Any:
            items = [self._place(make) for _ in range(self._random.randint(0, 3))]
            kind = self._odd(self._random.choice([list, tuple]), Bag, Chain)
            return kind(items)

        return listed

    def _maybe(self, make: Make) -> Make:
        return lambda: None if self._random.random() < 0.1 else make()

    def _place(self, make: Make) -> Any:
        return self._wrong() if self._is_wrong() else make()

    def _odd(self, right: Any, *others: Any) -> Any:
        """Return what is right, or something that a type may or may not accept."""
        return self._random.choice(others) if self._is_wrong() else right

    def _wrong(self) -> Any:
        self._booms += 1
        boom = Boom(f"boom {self._booms}")
        odd: list[Any] = [7, "odd", [None], {}, Undefined, Home("Home"), Dog("Dog"), Root("Root")]
        return self._random.choice([None, None, None, boom, boom, boom, self._random.choice(odd)])

    def _is_wrong(self) -> bool:
        return self._rate > 0 and self._random.random() < self._rate
