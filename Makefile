# make report   set up, then run both example studies to their reports
# make test     set up, then run every check and test
# make unit     set up, then run the quick tests of single parts (no workflow, browser, documents, real data, whole study or fuzz)
# make bench    time the workflow, and both strands beside R and other packages
# make clean    remove results and the environment

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# An activated environment (conda's, say) is never used by accident.
export PYTHONNOUSERSITE := 1

.PHONY: report test unit check bench lock clean
.DEFAULT_GOAL := report

report: $(VENV)/.run
	$(BIN)/snakemake
	@echo
	@echo "Done. Open in a browser:"
	@ls results/*/report/report.html

# Two processes; tests/conftest.py says what each does.
PYTEST := $(BIN)/pytest -n 2

test: $(VENV)/.test check
	$(PYTEST)

unit: $(VENV)/.test
	$(PYTEST) -m "not (browser or rendering or samples or slow or study or workflow)"

check: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/snakemake --lint

bench: $(VENV)/.test
	$(BIN)/python benchmarks/workflow.py
	$(BIN)/python benchmarks/survey.py
	$(BIN)/python benchmarks/coded_text.py

# The lock is made anew with uv, which is not needed for anything else.
lock:
	uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	  --no-header --no-annotate --no-strip-extras -o requirements.lock
	uv pip compile pyproject.toml --extra test -c requirements.lock --generate-hashes --no-emit-index-url --universal \
	  --python-version 3.11 --no-header --no-annotate --no-strip-extras -o requirements-dev.lock

clean:
	rm -rf $(VENV) .snakemake results

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "plait needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install

$(VENV)/.run: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Setting up (once; a minute or two)"
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.lock
	@echo "Setting up the tests (once)"
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
