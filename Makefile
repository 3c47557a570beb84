PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-fast check schema format clean

run: .venv/ready  ## Start the shop with demo data on http://127.0.0.1:8000.
	$(BIN)/mallgraph serve --demo

test: check  ## Every check, then every test; starts the real servers it finds.
	$(BIN)/python -m pytest -q -n 2

test-fast: .venv/dev  ## Quick tests of the embedded stores only.
	$(BIN)/python -m pytest -q -m 'not server and not slow' -n 2

check: .venv/dev  ## Format, lint, import contracts, types.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

schema: .venv/dev  ## Write schema.graphql after a change that is meant.
	$(BIN)/mallgraph schema --write

format: .venv/dev  ## Bring the code into shape.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove caches and the environment; data stays in .mallgraph/.
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/dev: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
