# Tank: everything is done through these targets; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEMGREP := .venv-semgrep/bin/semgrep
PIP_QUIET := --quiet --quiet --disable-pip-version-check
export TANK_SEMGREP := $(abspath $(SEMGREP))

.PHONY: demo serve test test-slow test-fuzz test-crash bench-index bench-trust bench-scan bench-client bench-evasions lint format package openapi rules clean help

help: ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.ready: requirements/dev.txt
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install $(PIP_QUIET) --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

.venv-semgrep/.ready: requirements/semgrep.txt
	@echo "Setting up semgrep in .venv-semgrep (once, 300 MB) ..."
	@$(PYTHON) -m venv .venv-semgrep
	@.venv-semgrep/bin/pip install $(PIP_QUIET) --no-deps --require-hashes -r requirements/semgrep.txt
	@touch $@

.venv-cli/.ready: requirements/cli.txt requirements/build.txt pyproject.toml $(shell find tank_core cli pipeline/rules -type f -not -name '*.pyc' 2>/dev/null)
	@echo "Installing the tank command in .venv-cli ..."
	@$(PYTHON) -m venv .venv-cli
	@.venv-cli/bin/pip install $(PIP_QUIET) --no-deps --require-hashes -r requirements/cli.txt
	@.venv-cli/bin/pip install $(PIP_QUIET) --no-deps --require-hashes -r requirements/build.txt
	@.venv-cli/bin/pip uninstall $(PIP_QUIET) --yes setuptools  # of Python 3.11; every start would load a piece of it
	@.venv-cli/bin/pip install $(PIP_QUIET) --no-deps --no-build-isolation --force-reinstall .
	@touch $@

.venv-ministack/.ready: requirements/ministack.txt
	@$(PYTHON) -m venv .venv-ministack
	@.venv-ministack/bin/pip install $(PIP_QUIET) --no-deps --require-hashes -r requirements/ministack.txt
	@touch $@

.venv-cisco/.ready: requirements/bench_cisco.txt
	@echo "Installing cisco-ai-skill-scanner in .venv-cisco, for comparison only (once, 700 MB) ..."
	@$(PYTHON) -m venv .venv-cisco
	@.venv-cisco/bin/pip install $(PIP_QUIET) --no-deps --require-hashes -r requirements/bench_cisco.txt
	@touch $@

BENCH_PEERS := benchmarks/client/peers
build/bench-client/peers/.ready: $(BENCH_PEERS)/package.json $(BENCH_PEERS)/package-lock.json
	@echo "Installing npm, pnpm, bun and verdaccio in build/bench-client, for comparison only (once, 400 MB) ..."
	@mkdir -p build/bench-client/peers && cp $^ build/bench-client/peers/
	@npm ci --prefix build/bench-client/peers --no-audit --no-fund --loglevel error >/dev/null
	@touch $@

build/bench-client/uv/.ready: requirements/bench_client.txt
	@$(PYTHON) -m venv build/bench-client/uv
	@build/bench-client/uv/bin/pip install $(PIP_QUIET) --no-deps --require-hashes -r requirements/bench_client.txt
	@touch $@

build/sdists/.ready: requirements/sdists.txt $(VENV)/.ready
	@mkdir -p build/sdists
	@$(BIN)/pip download $(PIP_QUIET) --no-binary :all: --no-deps --no-build-isolation --require-hashes \
		-d build/sdists -r requirements/sdists.txt
	@touch $@

NPM_LOCK := tests/infra/local/sigstore/npm
build/npm-sigstore/.ready: $(NPM_LOCK)/package.json $(NPM_LOCK)/package-lock.json
	@if command -v npm >/dev/null; then \
		echo "Installing npm's Sigstore verifier in build/npm-sigstore ..." && mkdir -p build/npm-sigstore && \
		cp $^ build/npm-sigstore/ && \
		npm ci --prefix build/npm-sigstore --ignore-scripts --no-audit --no-fund --loglevel error >/dev/null && \
		touch $@ || echo "npm could not install it: the test that needs it is skipped"; \
	fi

demo: $(VENV)/.ready .venv-semgrep/.ready .venv-cli/.ready ## publish, refuse, install and verify, on a registry of its own
	@$(BIN)/python -m infra.local.demo

DATA ?= .tank-registry
PORT ?= 8470
HOST ?= 127.0.0.1
OPTIONS ?=
serve: $(VENV)/.ready .venv-semgrep/.ready ## keep a registry running (DATA=folder PORT=number HOST=address OPTIONS="--sigstore public")
	@exec $(BIN)/python -m infra.local serve --data "$(DATA)" --port "$(PORT)" --host "$(HOST)" $(OPTIONS)

test: $(VENV)/.ready .venv-semgrep/.ready .venv-cli/.ready build/sdists/.ready build/npm-sigstore/.ready ## the tests, under ten minutes
	@$(BIN)/python -m pytest -q -n 2 -m "not slow"

test-slow: $(VENV)/.ready .venv-semgrep/.ready .venv-cli/.ready .venv-ministack/.ready ## packaging, the whole stack in an emulator
	@$(BIN)/python -m pytest -q -m slow

test-fuzz: $(VENV)/.ready ## thousands of mutated bundles, minutes; make test tries some
	@TANK_FUZZ_EXAMPLES=3000 $(BIN)/python -m pytest -q -n 2 --timeout 1200 tests/tank_core/bundle/test_mutations.py

test-crash: $(VENV)/.ready ## an update killed at every moment at which it touches a file, minutes; make test tries some
	@TANK_KILL_STRIDE=1 $(BIN)/python -m pytest -q -n 2 --timeout 1200 tests/cli/test_killed.py

bench-index: $(VENV)/.ready ## what a publish pays for the signed index, against a plain one
	@$(BIN)/python -m benchmarks.index_writes

bench-trust: $(VENV)/.ready ## what reading the index costs an install: through TUF, and plainly
	@PYTHONPATH=cli:. $(BIN)/python -m benchmarks.index_reads

SAMPLES ?=
bench-scan: $(VENV)/.ready .venv-semgrep/.ready .venv-cisco/.ready ## what analysis finds and what it costs, beside cisco-ai-skill-scanner (SAMPLES="--samples DIR --label malicious")
	@PYTHONPATH=cli:. $(BIN)/python -m benchmarks.scan $(SAMPLES)

bench-evasions: $(VENV)/.ready .venv-semgrep/.ready ## how much of what the rules find is found when it is written otherwise
	@PYTHONPATH=cli:. $(BIN)/python -m benchmarks.scan.evasions

ROUNDS ?= 5
bench-client: $(VENV)/.ready .venv-cli/.ready build/bench-client/peers/.ready build/bench-client/uv/.ready ## how fast tank is, beside npm, pnpm, bun and uv (ROUNDS=number)
	@PYTHONPATH=cli:. $(BIN)/python -m benchmarks.client --rounds $(ROUNDS)

lint: $(VENV)/.ready ## ruff, mypy strict, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=cli $(BIN)/lint-imports --no-logo

format: $(VENV)/.ready ## apply the formatter
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

package: $(VENV)/.ready ## the deployable AWS package in build/aws
	@$(BIN)/python -m infra.aws.package --out build/aws

clean: ## remove what the targets made, but no data
	rm -rf $(VENV) .venv-semgrep .venv-cli .venv-ministack .venv-cisco build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
