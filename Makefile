# Everything works in a fresh clone where only Python (with venv and pip) and make are there.

PYTHON ?= python3
BIN := .venv/bin
CONSTRAINTS := $(if $(wildcard constraints.txt),-c constraints.txt)
# As many test processes as cores.
PYTEST := $(BIN)/pytest -n auto

.DEFAULT_GOAL := all
.PHONY: help all demo setup format lint types test test-all soak train-planner bench wheel-test clean

help:  ## What there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14

all: format lint types test  ## Format, lint, check types, test

$(BIN)/pip:
	$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml | $(BIN)/pip
	$(BIN)/pip install --quiet --disable-pip-version-check $(CONSTRAINTS) -e '.[builtin,voice]'
	@touch $@

.venv/.dev: pyproject.toml .venv/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check $(CONSTRAINTS) -e '.[builtin,voice,dev]'
	@touch $@

setup: .venv/.dev  ## A virtual environment with all that developers need

demo: .venv/.installed  ## Set up, then read a receipt and say its total aloud
	$(BIN)/hugginggpt run "What is the total on this receipt? Say it aloud." examples/inputs/receipt.png

format: .venv/.dev  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --quiet .

lint: .venv/.dev  ## Check style and which module imports which
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: .venv/.dev  ## Check types
	$(BIN)/mypy

test: .venv/.dev  ## Set up, then run the tests that are quick; under 3 minutes
	$(PYTEST) -m 'not slow and not soak'

test-all: lint types  ## What CI runs: style, types, all tests with coverage
	$(PYTEST) -m 'not soak' --cov --cov-report=term:skip-covered --cov-report=xml

wheel-test: .venv/.installed  ## Build the wheel and run the main job from it, in a fresh environment away from the clone
	rm -rf dist && $(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	set -e; away=$$(mktemp -d); trap 'rm -rf "$$away"' EXIT; \
	$(PYTHON) -m venv "$$away/venv"; cp examples/inputs/receipt.png "$$away"; \
	"$$away/venv/bin/pip" install --quiet --disable-pip-version-check $(CONSTRAINTS) "$$(ls $(CURDIR)/dist/*.whl)[builtin,voice]"; \
	cd "$$away"; HUGGINGGPT_DATA_DIR="$$away/data" venv/bin/hugginggpt run "What is the total on this receipt? Say it aloud." receipt.png

soak: .venv/.dev  ## The tests that take long
	$(PYTEST) -m soak

train-planner: .venv/.installed  ## Train the planner's classifier again, from HUGGINGGPT_SHARED
	$(BIN)/pip install --quiet --disable-pip-version-check $(CONSTRAINTS) -e '.[training]'
	$(BIN)/python training/train_planner.py

bench: .venv/.installed  ## What the engine adds to its experts' work
	$(BIN)/hugginggpt bench engine

clean:  ## Remove what was made here
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage coverage.xml hugginggpt-out
