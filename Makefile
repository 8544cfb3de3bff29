# The two commands: `make run` and `make test`. `make help` lists the others.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The first interpreter that is new enough; PYTHON=... chooses another.
PYTHON ?= $(shell for one in python3 python3.13 python3.12 python3.11; do \
	$$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && break; done)
# Without this, every process would compile every module again where the environment turns the cache off.
export PYTHONDONTWRITEBYTECODE :=
PATHS := registry compat clients examples tests bench tools

.PHONY: help setup run run-sign-in test demo lint format types layers lint-image image-proof compose-proof three-proof chaos drill release-check wheel-test bench histories fuzz docs lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

setup: $(READY) ## make the virtual environment from the lock file

$(READY): requirements.lock pyproject.toml registry/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e registry
	@touch $(READY)

run: $(READY) ## start the registry on 127.0.0.1:8081 with the example contracts in it
	@$(BIN)/python tools/run.py

run-sign-in: $(READY) ## the same with sign-in: choose in a browser whom to be
	@$(BIN)/python tools/run.py --sign-in

# MOORINGS_LAWS=full lets the laws that take long look at as many examples as `make fuzz` does.
test: $(READY) ## run the tests; real servers and browsers are started as needed
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder $(TESTS)

demo: $(READY) ## tell the story in the terminal, with real parts only
	@$(BIN)/python tools/demo.py

lint: $(READY) ## formatter, linter, unused and missing dependencies
	$(BIN)/ruff format --check $(PATHS)
	$(BIN)/ruff check $(PATHS)
	$(BIN)/deptry compat clients
	$(BIN)/deptry --config registry/pyproject.toml registry

format: $(READY) ## format and fix what can be fixed
	$(BIN)/ruff format $(PATHS)
	$(BIN)/ruff check --fix $(PATHS)

types: $(READY) ## check types, strictly
	$(BIN)/mypy

layers: $(READY) ## check who imports whom
	$(BIN)/lint-imports

lint-image: $(READY) ## lint the Dockerfile
	$(BIN)/hadolint Dockerfile

image-proof: $(READY) ## build the image in a clean root, and serve from it (needs root and debootstrap)
	$(BIN)/python tools/prove_image.py

compose-proof: $(READY) ## run examples/compose and strangers beside it, each in namespaces (needs root and debootstrap)
	$(BIN)/python tools/prove_compose.py

three-proof: $(READY) ## run examples/compose/three.yaml the same way; kill and replace registries under load
	$(BIN)/python tools/prove_three.py

chaos: $(READY) ## three registries on each engine under faults, every answer checked (CHAOS_SECONDS, CHAOS_SEED, CHAOS=redis)
	$(BIN)/python -m tests.chaos $(CHAOS)

drill: $(READY) ## back up a registry under load, kill it, restore it into another engine, compare
	$(BIN)/python tools/drill.py

release-check: $(READY) ## build what a release consists of into dist/, twice, and check it (TAG=v0.2.0 for a release)
	$(BIN)/python tools/release.py --tag "$(TAG)"

wheel-test: $(READY) ## install the bare wheel alone and run the client's tests without any server package
	$(BIN)/python tools/wheel_test.py

bench: $(READY) ## measure; BENCH=http|client|ledger|replay|compat_avro|... chooses one
	$(BIN)/python -m bench $(BENCH)

histories: $(READY) ## check real schemas version by version: HISTORIES="questions.jsonl.gz a-clone"
	@$(BIN)/python tools/histories.py $(HISTORIES)

fuzz: $(READY) ## run the laws for an hour (FUZZ_SECONDS=... for another time)
	@$(BIN)/python tools/fuzz.py

docs: $(READY) ## render the pages that come from code
	$(BIN)/python tools/render_docs.py

COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-package moorings --no-header --quiet

lock: $(READY) ## resolve the dependencies again into the lock files
	$(COMPILE) pyproject.toml registry/pyproject.toml --all-extras --group pyproject.toml:dev -o requirements.lock
	$(COMPILE) pyproject.toml registry/pyproject.toml --extra cli --extra granian --extra otlp --extra redis --extra postgresql --extra kafka \
		-c requirements.lock -o requirements-server.lock
	$(COMPILE) pyproject.toml -c requirements.lock -o requirements-client.lock

clean: ## remove what was made here
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist var
