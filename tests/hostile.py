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
_WHOLE = "types { name fields { name args { name type { name } } type { name } } }"


def looks() -> Iterator[tuple[str, str]]:
    """What is asked of the schema again and again, by other names."""
    whole = " ".join(f"a{n}: __schema {{ {_WHOLE} }}" for n in range(50))
    yield "50 looks at the schema", f"{{ {whole} }}"
    each = " ".join(f'a{n}: __type(name: "Query") {{ fields {{ name }} }}' for n in range(50))
    yield "50 looks at a type", f"{{ {each} }}"
    yield "names of the schema", f"{{ __schema {{ types {{ fields {{ {_NAMES} }} }} }} }}"
    told = f"fragment F on __Field {{ {_NAMES} }}"
    yield "names in a fragment", f"{{ __schema {{ types {{ fields {{ ...F }} }} }} }} {told}"


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


_DEAR = ITSELF % (ITSELF % "id")
_DEAREST = f"dear: products(first: 100) {{ nodes {{ {_DEAR} }} }}"


def crowds() -> Iterator[tuple[str, str]]:
    """What is just within all limits, and costs too much at its end: every rule looks at it."""
    yield "150 fragments that differ", _differing(150)
    yield "50 fragments that differ", _differing(50)
    yield "fields of 30 fragments", _compared(30)
    yield "400 spreads of a fragment", f"{{ {'...F ' * 400} {_DEAREST} }} {_SHOP}"
    twice = (
        " products(first: 2) { nodes { category { products(first: 3) { nodes { id slug } } } } }"
    )
    yield "26 equal trees", f"{{ {twice * 26} {_DEAREST} }}"
    narrow = "... on Node { ... on Product { ... on Node { ... on Product { id } } } } "
    yield (
        "types within types",
        f"{{ products(first: 100) {{ nodes {{ {narrow * 80} {_DEAR} }} }} }}",
    )
    leaf = "id slug title subtitle brand description status version updatedAt"
    each = f"category {{ products {{ nodes {{ {leaf} }} }} }}"
    inside = " ".join(f"a{n}: {each}" for n in range(90))
    yield "800 fields below one", f"{{ products(first: 100) {{ nodes {{ {inside} }} }} }}"
    shown = " ".join(f"a{n}: name @include(if: $v{n})" for n in range(90))
    told = " ".join(f"$v{n}: Boolean!" for n in range(90))
    yield "90 directives", f"query ({told}) {{ shop {{ {shown} }} {_DEAREST} }}"
    told, used = (" ".join(f"$v{n}{more}" for n in range(260)) for more in (": ID!", ""))
    yield "260 variables", f"query ({told}) {{ nodes(ids: [{used}]) {{ id }} {_DEAREST} }}"
    yield "1,850 texts", _with_brands('"a" ' * 1_850)
    yield "a text of 60,000 letters", _with_brands('"' + "\u202e" * 60_000 + '"')
    yield "a text of 10,000 codes", _with_brands('"' + "\\u202e" * 10_000 + '"')
    yield "a text of 5,000 lines", _with_brands('"""' + "  a\n" * 4_900 + '"""')
    yield "900 empty objects", _with_ranges("{} " * 900)
    yield "220 objects", _with_ranges('{min: "1", max: "2"} ' * 220)
    deep = f"{'[' * 14}{']' * 14}"
    yield "lists 14 deep", _with_ranges(f"{{min: {deep}}} " * 45)
    yield "40 numbers of 1e400", _with_ranges("{min: 1e400, max: -1e400} " * 40)


_SHOP = "fragment F on Query { shop { name } }"


def _with_brands(texts: str) -> str:
    return f"{{ products(filter: {{brands: [{texts}]}}) {{ totalCount }} {_DEAREST} }}"


def _with_ranges(ranges: str) -> str:
    facet = f'{{key: "a", ranges: [{ranges}]}}'
    return f"{{ search(facets: [{facet}]) {{ totalCount }} {_DEAREST} }}"


def _differing(many: int) -> str:
    spreads = " ".join(f"...F{n}" for n in range(many))
    made = " ".join(f"fragment F{n} on Product {{ a{n}: id }}" for n in range(many))
    return f"{{ products(first: 100) {{ nodes {{ {spreads} {_DEAR} }} }} }} {made}"


def _compared(many: int) -> str:
    spreads = " ".join(f"...F{n}" for n in range(many))
    made = " ".join(f"fragment F{n} on Product {{ id slug }}" for n in range(many))
    return f"{{ products(first: 100) {{ nodes {{ {spreads} {_DEAR} }} }} }} {made}"
