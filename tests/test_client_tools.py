"""Tools that build clients take schema.graphql and our operations, and find nothing wrong."""

import shutil
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.clients.node_side import (
    NODE,
    OPERATIONS,
    SCHEMA,
    bin_of,
    installed,
    node,
    relay_artifacts,
)

pytestmark = pytest.mark.slow

TSC = (
    *("--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom"),
    *("--module", "esnext", "--moduleResolution", "bundler"),
    *("operations.ts", "usage.ts", "wrong.ts"),
)
#: Each has a mistake that its tool must find.
WRONG_OPERATION = "query { products(first: 1) { nodes { nothing } } }"
WRONG_USAGE = """import type { PlaceOrderMutationVariables } from "./operations";
export const wanted: PlaceOrderMutationVariables = { key: 1 as number, input: null! };
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the schema, the operations and the settings of the tools."""
    installed()
    shutil.copy(SCHEMA, tmp_path)
    shutil.copytree(OPERATIONS, tmp_path / "operations")
    shutil.copytree(NODE / "tools", tmp_path, dirs_exist_ok=True)
    (tmp_path / "node_modules").symlink_to(NODE / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return tmp_path


def test_operations_fit_the_schema() -> None:
    schema = build_schema(SCHEMA.read_text())
    mistakes = {
        path.name: validate(schema, parse(path.read_text())) for path in OPERATIONS.iterdir()
    }
    assert {name: found for name, found in mistakes.items() if found} == {}


async def test_graphql_codegen_makes_types_that_a_strict_compiler_takes(desk: Path) -> None:
    codegen = bin_of("@graphql-codegen/cli", "esm/bin.js")
    status, printed = await node(codegen, "--config", "codegen.json", cwd=desk)
    assert status == 0, printed
    (desk / "wrong.ts").write_text(WRONG_USAGE)
    _, printed = await node(bin_of("typescript", "bin/tsc"), *TSC, cwd=desk)
    assert {line.split("(")[0] for line in printed.splitlines() if line[0] != " "} == {"wrong.ts"}
    assert "Type 'number' is not assignable to type 'string'" in printed


async def test_graphql_eslint_finds_nothing_in_schema_and_operations(desk: Path) -> None:
    eslint = (bin_of("eslint", "bin/eslint.js"), "-c", "eslint.config.mjs")
    assert await node(*eslint, "schema.graphql", "operations", cwd=desk) == (0, "")

    (desk / "operations/Wrong.graphql").write_text(WRONG_OPERATION)
    status, printed = await node(*eslint, "operations/Wrong.graphql", cwd=desk)
    assert status == 1
    assert 'Cannot query field "nothing" on type "Product"' in printed
    assert "no-anonymous-operations" in printed


async def test_relay_compiler_takes_every_operation(tmp_path: Path) -> None:
    installed()
    await relay_artifacts(tmp_path)
