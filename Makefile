# The commands of this project. Each works from a fresh clone; `make setup` costs nothing when nothing changed.

PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
FUZZ_SECONDS ?= 3600

# A program that may not keep its bytecode compiles every module at each start, which is two thirds of the start's time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test lint check bench model fuzz docs golden accept format lock

help:  ## what there is
	@sed -n 's/^\([a-z]*\):.*##/\1\t/p' Makefile | expand -t 10

setup:  ## .venv with exactly what uv.lock names, and the page assets
	@.ci/setup

run: setup  ## the whole product on loopback
	.venv/bin/mailock demo

lint: setup  ## format, lint, types, layers
	@.uv/bin/uv lock --check --quiet || (echo "uv.lock does not fit pyproject.toml: run .uv/bin/uv lock" && false)
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy $(wildcard src tests bench)
	.venv/bin/lint-imports

check: lint  ## the same with unit tests, playbooks, style: before every commit
	$(PYTEST) -q -n 2 $(wildcard tests/unit tests/style tests/playbooks)

test: setup  ## every test; installs the system packages they need when root
	@.ci/system-packages
	@.ci/test

bench: setup  ## side by side with the peers that are installed
	.venv/bin/mailock bench relay
	.venv/bin/mailock bench scan

model: setup  ## trains the shipped anti-spam model, cross-validates it, and writes its card
	.uv/bin/uv run --quiet --frozen --all-extras --group training python -m bench.spam.train

fuzz: setup  ## the fuzzers and the property tests, with new inputs, for FUZZ_SECONDS
	@.ci/fuzz $(FUZZ_SECONDS)

golden: setup  ## writes the texts that tests compare with again; read the diff
	MAILOCK_WRITE_GOLDEN=1 $(PYTEST) -q tests/golden

docs: setup  ## writes the generated pages again
	$(PYTHON) -m tests.style.pages

accept: setup  ## the long runs, at full size; results belong in docs/benchmarks.md
	@.ci/system-packages
	MAILOCK_FULL_SIZE=1 $(PYTEST) -m accept --timeout 0 tests

format: setup  ## writes every file in the house format
	.venv/bin/ruff format
	.venv/bin/ruff check --fix

lock: setup  ## brings every locked version up to date
	.uv/bin/uv lock --upgrade
