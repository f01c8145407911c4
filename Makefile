# `make demo` and `make test` do all set-up themselves with a bare Python 3.11 or newer.
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
  command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && { echo $$p; break; }; done)
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test test-windows fuzz lint bench templates docs clean help
help:
	@echo "make demo          a real order log becomes an analysed workbook (build/demo.xlsx)"
	@echo "make test          the whole test suite"
	@echo "make test-windows  the Windows side, under Wine"
	@echo "make fuzz          reader and writer on damaged files, MINUTES=15 of it"
	@echo "make lint          ruff, mypy, import-linter"
	@echo "make bench         timings against what a user would do instead"
	@echo "make templates     compile workbook_templates/ anew"
	@echo "make docs          the pictures of docs/pictures/ anew (needs LibreOffice and poppler)"

$(VENV)/made: pyproject.toml
	@test -n "$(PYTHON)" || { echo "crm_xl needs Python 3.11 or newer (python3 is missing or older)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "missing: python3-venv (Debian/Ubuntu: apt install python3-venv)"; exit 1; }
	@test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/demo: $(VENV)/made pyproject.toml constraints.txt
	@$(PIP) --editable '.[demo]'
	@touch $@

$(VENV)/test: $(VENV)/made pyproject.toml constraints.txt
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/demo

demo: $(VENV)/demo
	@mkdir -p build
	@$(RUN) benchmarks/demo.py build/demo.xlsx

test: $(VENV)/test lint
	$(RUN) -m pytest -n 2 --dist worksteal

test-windows: $(VENV)/test
	@$(RUN) -m tests.windows.prepare
	CRM_XL_WINDOWS=1 $(RUN) -m pytest -n 2 --dist loadfile tests/windows

# atheris is there for Linux and macOS alone, so that it has an environment of its own
MINUTES := 15
FUZZ := build/fuzzenv
fuzz: $(VENV)/made
	@test -x $(FUZZ)/bin/python || $(PYTHON) -m venv $(FUZZ)
	@$(FUZZ)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]' atheris
	nice -n 19 $(FUZZ)/bin/python tests/fuzz/fuzz_workbook.py --minutes $(MINUTES) --corpus build/fuzz --crashes build/crashes

lint: $(VENV)/test
	$(VENV)/bin/ruff check src tests benchmarks docs
	$(VENV)/bin/ruff format --check --quiet src tests benchmarks docs
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/test
	@$(PIP) --editable '.[dev,bench]'
	$(RUN) benchmarks/run.py

templates: $(VENV)/test
	$(RUN) -m crm_xl.workbook.layouts

docs: $(VENV)/test
	@$(PIP) --editable '.[dev,docs]'
	$(RUN) docs/pictures.py

clean:
	rm -rf $(VENV) build dist
