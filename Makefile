# The front door. Needs git, make and Python 3.11 or newer; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --no-strip-extras
Q ?= china vs us

.PHONY: install run test fuzz lint check quality bench bench-slack bench-memory measure faults audit sbom lock

install: .venv/development

.venv/runtime: requirements.txt
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements.txt
	@touch $@

.venv/development: .venv/runtime requirements-dev.txt pyproject.toml
	$(PIP) --require-hashes -r requirements-dev.txt
	$(PIP) --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@

.venv/supply: .venv/development requirements-supply.txt
	$(PIP) --require-hashes -r requirements-supply.txt
	@touch $@

.venv/bench: .venv/development requirements-bench.txt
	$(PIP) --require-hashes -r requirements-bench.txt
	@touch $@

# Ask a question: make run Q="what comes next"
run: .venv/runtime
	@$(BIN)/python -m bot ask "$(Q)"

# Every test.
test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile

# The properties again, by examples that were not tried before; stops at the first that fails.
fuzz: install
	for round in 1 2 3 4 5 6 7 8 9 10; do \
	  $(BIN)/python -m pytest -q -m hypothesis --hypothesis-profile=fuzz || exit 1; \
	done

# What must hold before a commit, without changing a file: style, types, import contracts, briefs.
lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/aibrief check

# Format, then everything, with branch coverage, which takes two thirds as long again.
check: install
	$(BIN)/ruff format .
	$(MAKE) lint
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term

# Signed slash commands a second beside a bare Bolt app; loopback only, about two minutes.
bench-slack: install
	$(BIN)/python benchmarks/slack_ack.py

# Modules, names, constants, functions and words of the documentation, counted.
measure: install
	$(BIN)/python -m benchmarks.house

# Memory of the whole bot beside a bare discord.py + Bolt process; loopback only, about a minute.
bench-memory: install
	$(BIN)/python benchmarks/memory.py

# Known vulnerabilities of every locked package; skipped where the service cannot be reached.
audit: install
	@if $(BIN)/python .ci/osv.py; then \
	  $(MAKE) --no-print-directory .venv/supply && \
	  $(BIN)/pip-audit --vulnerability-service osv --require-hashes --disable-pip \
	    -r requirements.txt -r requirements-dev.txt; \
	fi

# What the bot consists of, as CycloneDX JSON.
sbom: .venv/supply
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml \
	  --output-format JSON --output-file sbom.json

# The table of faults of scheduled deliveries, every row on both stores, about twenty minutes;
# `make test` has a short form. Loopback only; it ends by itself.
faults: install
	$(BIN)/python -m tests.faults

# Measure answer quality, keep its figures and write docs/benchmarks.md; about two minutes.
quality: .venv/bench
	$(BIN)/python -m benchmarks.quality

# The same, and speed.
bench: quality
	$(BIN)/python -m benchmarks.speed

# Compile the hashed lock files anew from pyproject.toml (needs uv).
lock:
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) --extra dev --extra draft -c requirements.txt pyproject.toml -o requirements-dev.txt
	@# pip 23 takes the two spellings of this extra for two; what it asks for is locked anyway.
	sed -i 's/^lxml\[html-clean\]/lxml/' requirements-dev.txt
	$(COMPILE) --extra bench -c requirements-dev.txt pyproject.toml -o requirements-bench.txt
	$(COMPILE) --extra supply -c requirements-dev.txt pyproject.toml -o requirements-supply.txt
