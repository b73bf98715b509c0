# Tandem: `make run` starts everything on this machine. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
PORT ?= 8000
TESTS ?= tests

.PHONY: help setup run dev stack test coverage test-fuzz bench check format messages lock clean

help: ## List what make can do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.runtime-installed ## Make .venv with all that running needs

run: .venv/.runtime-installed ## Start Tandem with everything it needs, on http://127.0.0.1:$(PORT)/
	@exec $(PYTHON) manage.py up

dev: .venv/.runtime-installed ## The same for developers: debug on, changes of code and templates are seen at once
	@exec $(PYTHON) manage.py dev

stack: .venv/.runtime-installed ## Start the distributed processes on this machine (needs redis-server and nginx)
	@exec $(PYTHON) manage.py stack

test: .venv/.dev-installed ## Run all tests
	@$(PYTHON) -m pytest -n auto --dist worksteal tests

coverage: .venv/.dev-installed ## Tell how many lines the tests run; of some: make coverage TESTS=tests/metrics
	@$(PYTHON) -m coverage erase
	@$(PYTHON) -m coverage run -m pytest -n auto --dist worksteal $(TESTS)
	@$(PYTHON) -m coverage combine -q && $(PYTHON) -m coverage report

test-fuzz: .venv/.dev-installed ## Search longer for inputs that break the parsers and the engine
	@HYPOTHESIS_PROFILE=fuzz TANDEM_FUZZ_CASES=20000 $(PYTHON) -m pytest -m fuzz -n auto tests

bench: .venv/.runtime-installed ## Measure; the figures are ratios within one run
	@$(PYTHON) manage.py bench

check: .venv/.dev-installed ## Run every static check
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m tests.static_checks

format: .venv/.dev-installed ## Bring the code into its format
	@$(PYTHON) -m ruff format . && $(PYTHON) -m ruff check --fix .

messages: .venv/.dev-installed ## Extract texts for translation and compile them (needs GNU gettext)
	@$(PYTHON) bin/messages.py

lock: .venv/.dev-installed ## Choose the newest allowed versions and write them down with their hashes
	@$(PYTHON) -m uv pip compile -q --universal --python-version 3.12 --generate-hashes --upgrade requirements.in -o requirements.txt
	@$(PYTHON) -m uv pip compile -q --universal --python-version 3.12 --generate-hashes --upgrade requirements-dev.in -o requirements-dev.txt

clean: ## Remove .venv and what the tests left (never the data)
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage test-results

.venv/.runtime-installed: requirements.txt | .venv/bin/python
	@$(PYTHON) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.dev-installed: requirements-dev.txt requirements.txt | .venv/bin/python
	@$(PYTHON) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/.runtime-installed

.venv/bin/python:
	@bash bin/make-venv
