# Every door of the project; each target sets itself up in .venv.
PYTHON ?= python3
BIN := .venv/bin
CASE ?= cases/2025-10-11

.PHONY: demo test lint bench setup lock clean
.DELETE_ON_ERROR:

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Liquest needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: setup
	@$(BIN)/liquest investigate $(CASE)

test: setup
	@$(BIN)/python -m pytest -n auto

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: setup
	@mkdir -p bench/out
	@$(BIN)/python -m bench

lock:
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --group dev \
		pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv bench/out cases/*/out
