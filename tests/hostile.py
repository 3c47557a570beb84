"""Documents that nobody sends by mistake: each is small, and means very much work."""

from collections.abc import Iterator
from itertools import count

FRAGMENTS = 300
PRODUCTS = "products(first: 100) { nodes { %s } }"
ITSELF = "category { products(first: 100) { nodes { %s } } }"


def documents() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each."""
    yield from bombs()
    yield from floods()
    yield from deep()
    yield from loops()
    yield from looks()
    yield from lists()
    yield from literals()
    yield from crowds()


def bombs() -> Iterator[tuple[str, str]]:
    """Fragments that spread the next one twice or more, which doubles the work with each."""
    for many in (20, 60, FRAGMENTS):
        yield f"bomb of {many} fragments", bomb(many)
    yield "bomb that is wide", bomb(40, width=10)
    yield "bomb of inline fragments", bomb(30, spread="... on Query {{ ...F{0} }}")
    yield "bomb below a field", bomb(30, spread="a{1}: me {{ id }} ...F{0}")
    yield "bomb that nobody lights", "{ __typename } " + _fragments(25, 2)
    yield "bomb of aliases", _below_products(20)
    yield "chain of fragments", bomb(FRAGMENTS, width=1)
    yield "many fragments, spread once each", _all_spread(FRAGMENTS)


def bomb(many: int, width: int = 2, spread: str = "...F{0}") -> str:
    """Return a document of so many fragments."""
    return "{ ...F0 } " + _fragments(many, width, spread)


def _fragments(many: int, width: int, spread: str = "...F{0}") -> str:
    names = count()
    made = [
        f"fragment F{n} on Query {{ "
        + " ".join(spread.format(n + 1, next(names)) for _ in range(width))
        + " }"
        for n in range(many)
    ]
    return " ".join([*made, f"fragment F{many} on Query {{ __typename }}"])


def _below_products(many: int) -> str:
    made = [
        f"fragment P{n} on Product {{ a{n}: category {{ products {{ nodes {{ ...P{n + 1} }} }} }}"
        f" b{n}: category {{ products {{ nodes {{ ...P{n + 1} }} }} }} }}"
        for n in range(many)
    ]
    last = f"fragment P{many} on Product {{ id }}"
    return " ".join(["{ products { nodes { ...P0 } } }", *made, last])


def _all_spread(many: int) -> str:
    spreads = " ".join(f"...F{n}" for n in range(many))
    made = " ".join(f"fragment F{n} on Query {{ __typename }}" for n in range(many))
    return f"{{ {spreads} }} {made}"


def floods() -> Iterator[tuple[str, str]]:
    """So much of one kind that it takes long to compare each with each."""
    yield "10,000 aliases", "{" + " ".join(f"a{n}: __typename" for n in range(10_000)) + "}"
    yield "600 aliases", "{" + " ".join(f"a{n}: __typename" for n in range(600)) + "}"
    yield "1,900 equal fields", "{" + " __typename" * 1_900 + "}"
    yield "900 equal fields below a field", "{ me {" + " id" * 900 + "} }"
    yield "equal objects", "{" + " me { id id id }" * 280 + "}"
    yield "equal fields with large arguments", "{" + _EQUAL * 50 + "}"
    yield "100 root fields", "{" + " ".join(f"a{n}: me {{ id }}" for n in range(100)) + "}"
    yield "directives at one field", "{ __typename " + "@include(if: true) " * 300 + "}"
    yield "unknown directives", "{ __typename " + "@a " * 900 + "}"
    yield "directives at fragments", "{" + "... @skip(if: false) { __typename } " * 150 + "}"
    yield "directives at variables", f"query ({_variables('@a')}) {{ __typename }}"
    yield "400 variables", f"query ({_variables()}) {{ __typename }}"
    yield "600 unknown fields", "{" + " ".join(f"productt{n}" for n in range(600)) + "}"
    yield "400 operations", " ".join(f"query Q{n} {{ __typename }}" for n in range(400))
    yield "repeated in fragments", _repeated(60)
    yield "200 fragments of one name", "{ ...F }" + "fragment F on Query { me { id } }" * 200
    yield "100,000 blanks and a comment", "{ __typename }" + " ,\n" * 50_000 + "#" * 50_000


_EQUAL = ' products(filter: {brands: ["' + '", "'.join("abcdefgh") + '"]}) { totalCount }'


def _variables(more: str = "") -> str:
    return " ".join(f"$v{n}: Int {more}" for n in range(400))


def _repeated(many: int) -> str:
    inside = "id slug title subtitle brand"
    made = " ".join(f"fragment F{n} on Product {{ {inside} }}" for n in range(many))
    spreads = " ".join(f"...F{n}" for n in range(many))
    return f"{{ products {{ nodes {{ {spreads} }} }} }} {made}"


def deep() -> Iterator[tuple[str, str]]:
    """What is nested deeper than a recursion can go."""
    yield "900 selections deep", "{a" * 900 + "}" * 900
    yield "90 selections deep", "{ node" * 90 + "{ id" + "}" * 91
    yield "inline fragments deep", "{" + "... {" * 600 + "__typename" + "}" * 601
    yield "lists in lists", f"{{ nodes(ids: {'[' * 900}{']' * 900}) {{ id }} }}"
    yield "objects in objects", f"{{ products(filter: {'{price: ' * 400}1{'}' * 400}) {{ id }} }}"
    yield "types in types", f"query ($v: {'[' * 900}Int{']' * 900}) {{ __typename }}"


_CIRCLE = """{ me { ...A } } fragment A on User { orders { nodes { ...B } } }
  fragment B on Order { buyer { ...A } }"""


def loops() -> Iterator[tuple[str, str]]:
    """What comes back to where it was."""
    yield "fragment that spreads itself", "{ ...A } fragment A on Query { ...A }"
    yield "circle of two", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    circle = " ".join(f"fragment C{n} on Query {{ ...C{(n + 1) % 100} }}" for n in range(100))
    yield "circle of a hundred", "{ ...C0 } " + circle
    yield "circle that nobody enters", "{ __typename } " + circle
    yield "circle below fields", _CIRCLE
    inside = "name"
    for _ in range(6):
        inside = f"fields {{ type {{ {inside} }} }}"
    yield "loop of introspection", f"{{ __schema {{ types {{ {inside} }} }} }}"
    inside = "name"
    for _ in range(4):
        inside = f"possibleTypes {{ interfaces {{ {inside} }} }}"
    yield "loop of interfaces", f'{{ __type(name: "Node") {{ {inside} }} }}'


_NAMES = " ".join(f"a{n}: name" for n in range(190))


def looks() -> Iterator[tuple[str, str]]:
    """What is asked of the schema again and again."""
    whole = "types { name fields { name args { name type { name } } type { name } } }"
    yield (
        "50 looks at the schema",
        "{" + " ".join(f"a{n}: __schema {{ {whole} }}" for n in range(50)) + "}",
    )
    yield "schema below 190 names", f"{{ __schema {{ types {{ fields {{ {_NAMES} }} }} }} }}"
    yield (
        "schema in a fragment",
        f"{{ __schema {{ types {{ fields {{ ...F }} }} }} }} fragment F on __Field {{ {_NAMES} }}",
    )
    types = " ".join(
        f'a{n}: __type(name: "Query") {{ fields {{ name args {{ name }} }} }}' for n in range(50)
    )
    yield "50 types", f"{{ {types} }}"


def lists() -> Iterator[tuple[str, str]]:
    """Long lists inside long lists."""
    inside = "id"
    for depth in range(1, 5):
        inside = ITSELF % inside
        if depth > 1:
            yield f"lists of 100, {depth + 1} deep", "{" + PRODUCTS % inside + "}"
    page = PRODUCTS % "id slug title variants { sku title } specs { key }"
    wide = " ".join(f"a{n}: {page}" for n in range(50))
    yield "50 long lists", f"{{ {wide} }}"
    yield (
        "lists by a variable",
        (
            "query ($n: Int = 100) { products(first: $n) { nodes { category { products(first: $n) {"
            " nodes { variants { id } specs { key } } } } } } }"
        ),
    )


def literals() -> Iterator[tuple[str, str]]:
    """Values of which each is very large."""
    yield "number of 200,000 digits", f"{{ products(first: {'9' * 200_000}) {{ totalCount }} }}"
    yield "fraction of many digits", f"{{ products(first: 0.{'9' * 200_000}) {{ totalCount }} }}"
    yield "name of 200,000 letters", "{ " + "a" * 200_000 + " }"
    yield "text as a number", f'{{ products(first: "{"9" * 200_000}") {{ totalCount }} }}'
    yield (
        "block of lines as a number",
        (f'{{ products(first: """{"  a" * 10}{chr(10) * 60_000}""") {{ totalCount }} }}'),
    )
    yield "text without an end", '{ node(id: "' + "\\u0041" * 30_000
    yield "list of 1,900 ids", "{ nodes(ids: [" + "1 " * 1_900 + "]) { id } }"
    yield "only braces", "{" * 200_000
    yield "only surprises", "$" * 200_000


_DEAR = "category { products(first: 100) { nodes { category { products(first: 100) { nodes { id } } } } } }"


def crowds() -> Iterator[tuple[str, str]]:
    """What is just within the limits, each in another way, and costs too much at its end.

    So it is looked at by every rule there is.
    """
    dear = f"dear: products(first: 100) {{ nodes {{ {_DEAR} }} }}"
    many = range(185)
    spreads = " ".join(f"...F{n}" for n in range(170))
    made = " ".join(f"fragment F{n} on Query {{ a{n}: __typename }}" for n in range(170))
    yield "170 fragments that differ", f"{{ {spreads} {dear} }} {made}"
    chain = " ".join(
        f"fragment F{n} on Query {{ ...F{n + 1} a{n}: products(first: $v) {{ totalCount }} }}"
        for n in range(45)
    )
    last = "fragment F45 on Query { shop { name } }"
    each = " ".join(f"query Q{n}($v: Int) {{ ...F0 {dear if not n else ''} }}" for n in range(50))
    yield "50 operations with one chain", f"{each} {chain} {last}"
    told, used = " ".join(f"$v{n}: ID!" for n in range(260)), " ".join(f"$v{n}" for n in range(260))
    yield "260 variables in a list", f"query ({told}) {{ nodes(ids: [{used}]) {{ id }} {dear} }}"
    ranges = " ".join(["{}"] * 900)
    yield (
        "900 empty objects",
        f'{{ search(facets: [{{key: "a", ranges: [{ranges}]}}]) {{ totalCount }} {dear} }}',
    )
    ranges = " ".join(['{min: "1", max: "2"}'] * 220)
    yield (
        "220 objects",
        f'{{ search(facets: [{{key: "a", ranges: [{ranges}]}}]) {{ totalCount }} {dear} }}',
    )
    brands = " ".join(['"a"'] * 1_850)
    yield (
        "1,850 texts in a list",
        f"{{ products(filter: {{brands: [{brands}]}}) {{ totalCount }} {dear} }}",
    )
    deep = f"{'[' * 150}{']' * 150}"
    yield (
        "lists 150 deep",
        "{" + " ".join(f"a{n}: nodes(ids: {deep}) {{ id }}" for n in range(6)) + dear + "}",
    )
    told = " ".join(f"$v{n}: Boolean!" for n in range(90))
    shown = " ".join(f"a{n}: __typename @include(if: $v{n})" for n in range(45))
    yield (
        "90 directives by variables",
        f"query ({told}) {{ {shown} shop {{ {' '.join(f'b{n}: name @skip(if: $v{n})' for n in range(45, 90))} }} {dear} }}",
    )
    leaf = "id slug title subtitle brand description status version updatedAt"
    inside = " ".join(f"a{n}: category {{ products {{ nodes {{ {leaf} }} }} }}" for n in range(110))
    yield "1,500 fields below one", f"{{ products(first: 100) {{ nodes {{ {inside} }} }} }}"
    yield (
        "600 spreads of a fragment",
        "{" + "...F " * 600 + dear + "} fragment F on Query { shop { name } }",
    )
    narrow = "... on Node { ... on Product { ... on Node { ... on Product { id } } } }"
    yield "types within types", "{ products(first: 100) { nodes { " + narrow * 80 + _DEAR + " } } }"
    yield "fields of 45 fragments that are compared", _compared(45, dear)
    yield (
        "1e400 as a number",
        "{"
        + " ".join(f"a{n}: products(first: 1e400) {{ totalCount }}" for n in range(40))
        + dear
        + "}",
    )
    yield (
        "marks of another script",
        '{ node(id: "' + "\u202e\U0001f9ff" * 30_000 + '") { id } ' + dear + "}",
    )


def _compared(many: int, more: str) -> str:
    spreads = " ".join(f"...F{n}" for n in range(many))
    fields = "shop { name currencyCode } products(first: 1) { totalCount nodes { id } }"
    made = " ".join(f"fragment F{n} on Query {{ {fields} }}" for n in range(many))
    return f"{{ {spreads} {more} }} {made}"
