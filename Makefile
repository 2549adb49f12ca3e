# Every command of the project. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LEPHI := $(BIN)/lephi
PACKAGES := chassis services gateway deploy tests

# Where the ports begin: the gateway listens here, the services follow.
base_port ?= 8400
# What the demo runs against: a platform of its own (embedded), or what `make up` started (services).
MODE ?= embedded

.PHONY: help
help: ## Say what can be made
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {print substr($$0, 5) ":"} /^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Run

.PHONY: install
install: $(STAMP) ## Make .venv with everything in it, at the pinned versions

.PHONY: demo
demo: $(STAMP) ## The main job from nothing: submit, confirm, pay, receive, verify [MODE=services]
	@$(LEPHI) demo --mode $(MODE) --base-port $(base_port)

.PHONY: run
run: $(STAMP) ## The whole platform as one process on port 8400, on SQLite
	@$(LEPHI) serve --embedded --port $(base_port)

.PHONY: up
up: $(STAMP) ## Every service as its own process, on PostgreSQL and RabbitMQ
	@$(LEPHI) up --base-port $(base_port)

.PHONY: down
down: $(STAMP) ## Stop what `make up` started
	@$(LEPHI) down

.PHONY: logs
logs: ## Follow the logs of `make up`
	@tail -n 20 -F var/log/*.log

.PHONY: migrate
migrate: $(STAMP) ## Bring the databases of the environment up to date: make migrate [s=payment]
	@$(LEPHI) migrate $(s)

##@ Check

.PHONY: test
test: $(STAMP) tools ## Every test, on both databases and a real broker
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(args)

.PHONY: test-fast
test-fast: $(STAMP) ## The tests that need nothing but Python
	@$(BIN)/python -m pytest -m "not integration and not e2e" $(args)

.PHONY: check
check: format-check lint types imports contracts-check tidy ## All that can be checked without running the services

.PHONY: format
format: $(STAMP) ## Lay out the code
	@$(BIN)/ruff check --select I --fix --quiet .
	@$(BIN)/ruff format .

.PHONY: format-check
format-check: $(STAMP)
	@$(BIN)/ruff format --check --quiet . || { echo 'The layout differs: make format'; exit 1; }

.PHONY: lint
lint: $(STAMP) ## Faults that can be seen without running
	@$(BIN)/ruff check --quiet .

.PHONY: types
types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

.PHONY: imports
imports: $(STAMP) ## Who may import whom
	@$(BIN)/lint-imports --no-cache

.PHONY: contracts
contracts: $(STAMP) ## Write contracts/ from the code
	@$(LEPHI) contracts write

.PHONY: contracts-check
contracts-check: $(STAMP)
	@$(LEPHI) contracts write --check

.PHONY: tidy
tidy: $(STAMP) ## Sizes, names, migrations, closed doors
	@$(BIN)/python -m pytest -q tests/architecture

.PHONY: bench
bench: $(STAMP) ## What one fee payment costs, step by step
	@$(BIN)/python -m deploy.bench

##@ Change

.PHONY: revision
revision: $(STAMP) ## Begin a migration: make revision s=payment m="Add refund"
	@$(BIN)/python -m deploy.revision "$(s)" "$(m)"

.PHONY: clean
clean: ## Remove what can be made again; var/ (keys, databases) stays
	@rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find $(PACKAGES) -name __pycache__ -type d -prune -exec rm -rf {} +

# Programs outside Python that some tests ask a second opinion of.
.PHONY: tools
tools: $(STAMP)
	@$(BIN)/python -m deploy.system_tools

# uv is several times faster; where it cannot be had or cannot reach the packages, pip does the same.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo 'Python 3.11 or later is needed: make PYTHON=/path/to/python3.11 …'; exit 1; }
	@echo 'Preparing $(VENV) …'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv -c constraints.txt 2>/dev/null || true
	@UV_HTTP_TIMEOUT=20 $(BIN)/python -m uv pip install --quiet --compile-bytecode \
		--python $(BIN)/python -c constraints.txt -e '.[dev]' 2>/dev/null \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
