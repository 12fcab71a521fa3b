# Two commands matter: `make demo` and `make test`. Each sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
SEED ?= 1

.PHONY: help venv parts demo test bench soak hil lint firmware clean

help:
	@echo 'make demo      the whole chain on this machine: simulated goods, real firmware, real broker'
	@echo 'make test      every test'
	@echo 'make lint      ruff, mypy, import contracts, stubs'
	@echo 'make bench     figures, as ratios where a peer exists'
	@echo 'make soak      the long form of the fault tests, and a store that knows 1e8 units'
	@echo 'make hil       the hardware-in-the-loop tests (BENCH=unix)'
	@echo 'make firmware  compiled modules and their sizes'

venv: .venv/.ready

.venv/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'scandock needs Python 3.11 or newer; this is '"$$($(PYTHON) -V)"; \
	  echo '  hint: make $(MAKECMDGOALS) PYTHON=python3.11'; exit 2; }
	@$(PYTHON) -m venv .venv || { echo '  hint: sudo apt-get install python3-venv'; exit 2; }
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

parts:
	@$(PYTHON) -m simulator.parts

demo: venv parts
	$(BIN)/scandock demo --seed $(SEED)

test: venv parts
	$(BIN)/python -m pytest

bench: venv parts
	$(BIN)/scandock bench all
	$(BIN)/python -m tests.bench.packs

soak: venv parts
	SCANDOCK_SOAK=1 $(BIN)/python -m pytest --timeout 0
	$(BIN)/scandock bench ingest --size 100000000

hil: venv parts
	$(BIN)/python -m pytest hil_tests --bench $(or $(BENCH),unix)

firmware: venv
	$(BIN)/python -m simulator.image

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/stubtest protocol.shapes
	$(BIN)/lint-imports

clean:
	rm -rf .venv .tools build
