# Everything runs in .venv at the root; nothing outside the checkout is touched.
PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11 python; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$candidate && break; done)
BIN := .venv/bin
# One more than there are processors: many tests wait for servers they have started.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
PYTEST_ARGUMENTS ?=
SECONDS ?= 60
TARGETS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo story test check chaos alone simulate fuzz mutants seeded-bugs bench lock clean .venv

help: ## this list
	@awk -F ':.*## ' '/^[a-z.]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(BIN)/.product ## start the product with its playground, and print the address
	@$(BIN)/arigato demo

story: $(BIN)/.product ## play the main story over real HTTP, as a readable transcript
	@$(BIN)/arigato story

# What is left out: tests that wait minutes for platforms' retries, or run every benchmark. `make check` runs them.
MARKS ?= not slow and not alone

test: $(BIN)/.development ## the test suite, on PostgreSQL too when one answers
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup -m '$(MARKS)' $(PYTEST_ARGUMENTS)

check: $(BIN)/.development ## format, lint, types, import rules and tests, as CI runs them
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory test MARKS='not alone'

chaos: $(BIN)/.product ## a minute of kill -9 on PostgreSQL: nothing may be lost or doubled
	@$(BIN)/arigato chaos

alone: $(BIN)/.development ## tests that need the machine for themselves: the crash loop and the upgrade with safeguards taken out, every benchmark
	$(BIN)/pytest -m alone $(PYTEST_ARGUMENTS)

simulate: $(BIN)/.product ## 200 random histories of 500 operations, on all cores: 0 violations, and everything met
	@$(BIN)/arigato simulate --jobs $(shell getconf _NPROCESSORS_ONLN)

fuzz: $(BIN)/.development ## every fuzz target for SECONDS=60 each; one alone: TARGETS=sentence
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(TARGETS)

mutants: $(BIN)/.development ## broken engines the engine's tests must notice; ten minutes
	@nice -n 10 $(BIN)/python -m tests.mutants

bench: $(BIN)/.development ## the benchmarks, one JSON line each
	@$(BIN)/python -m bench

seeded-bugs: $(BIN)/.development ## put bugs that really happened back, one by one, and see that each is seen
	@$(BIN)/python -m tests.seeded_bugs $(BUGS)

lock: $(BIN)/.development ## resolve requirements*.txt again from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCK) --output-file requirements.txt
	$(BIN)/uv pip compile pyproject.toml --group build --group dev --constraints requirements.txt $(LOCK) \
		--output-file requirements-dev.txt

LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
	--custom-compile-command 'make lock'

clean: ## take .venv and every cache away
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.venv: $(BIN)/.development ## set up everything for development

# Each stamp is newer than all that went into it, so a second run costs nothing.
INSTALL = PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --progress-bar on

$(BIN)/.product: requirements.txt pyproject.toml | $(BIN)/python
	@echo 'Installing the product into .venv (about a minute the first time) ...'
	$(INSTALL) --require-hashes -r requirements.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/.development: requirements-dev.txt $(BIN)/.product
	@echo 'Installing the tools for tests and checks into .venv ...'
	$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed and none was found. Install it, or name it: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) is older than Python 3.11, or is not there. Name a newer one: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo '$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Making .venv with $(PYTHON) ...'
	@$(PYTHON) -m venv .venv
