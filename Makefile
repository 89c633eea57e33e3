# Needs Python 3.11 or newer and git. Everything else is set up by the targets that need it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test lint generate bench test-container e2e release-tree clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Name another one with: make PYTHON=python3.13 ...")'
	@command -v git >/dev/null || { echo "git is needed and was not found: install it first." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing: on Debian and Ubuntu, apt install python3-venv." >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## Play every action on the embedded GitHub; leaves .demo/index.html
	@$(BIN)/python -m sandbox.demo --out .demo

test: $(READY) ## Run the tests (no network, no Docker)
	@$(BIN)/python -m pytest -n auto --dist worksteal -m "not container and not e2e"

lint: $(READY) ## Format, lint and type checks
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

generate: $(READY) ## Write action.yml, tables, catalog and schemas from the typed inputs
	@$(BIN)/python -m maintain.generate

bench: $(READY) ## Compare speed and memory with the peers, side by side
	@$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements/bench.txt
	@$(BIN)/python tests/bench

test-container: $(READY) ## Build the image and run the contract and hostile-workspace tests in it
	@command -v docker >/dev/null || { echo "docker (or podman with a docker client) is needed: see CONTRIBUTING.md." >&2; exit 1; }
	@docker build --quiet --tag localhost/org/actions:ci .
	@ACTIONS_IMAGE=localhost/org/actions:ci $(BIN)/python -m pytest -m container tests

e2e: $(READY) ## Let act run a consumer's workflow against a release tree and the embedded GitHub
	@command -v act >/dev/null || { echo "act is needed: see CONTRIBUTING.md." >&2; exit 1; }
	@$(BIN)/python -m pytest -m e2e tests

release-tree: $(READY) ## Build the tree that `uses: org/actions/<action>@v1` resolves to
	@$(BIN)/python -m maintain.release_tree --mode dockerfile --out build/release

clean: ## Remove everything the targets made
	@rm -rf $(VENV) .demo build dist .coverage .coverage.* coverage.xml .pytest_cache .mypy_cache .ruff_cache .hypothesis
