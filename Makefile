# Two commands: `make demo` and `make test`; `make bench` measures, `make soak` takes long. They need Python 3.11 and make.
SHELL := /bin/bash
.DEFAULT_GOAL := install
.PHONY: install demo test soak bench style lock debian

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Programs that the tests need, and Debian's packages of the same names.
DEBIAN := chromium-headless-shell nginx slapd
# A company's own certificate authority stands in the system's store.
UV := VIRTUAL_ENV=.venv $(BIN)/uv --system-certs
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	--python-version 3.11 --custom-compile-command "make lock"

install: .venv/portal.stamp

demo: .venv/portal.stamp
	@exec $(BIN)/python -m portal.dev.demo --port $(PORT)

test: .venv/development.stamp debian style
	$(BIN)/python -m pytest -n 2

LONG := tests/luck/test_proof_races.py tests/luck/test_several_nodes.py tests/enrolment/test_race.py \
	tests/work/test_kills.py tests/gate/test_description.py tests/reset/test_many.py \
	tests/console/test_access.py

# The races and kills of `make test` a hundred times over, which takes a quarter of an hour, and a list of ten million customers
# on both engines, which takes hours and 40 GB in TMPDIR: CUSTOMERS=1000000 makes it shorter.
soak: .venv/development.stamp
	RACE_ROUNDS=100 $(BIN)/python -m pytest -n 2 $(LONG)
	$(BIN)/python -m tests.soak.loading $(CUSTOMERS)

# How fast, against floors measured in the same run: best on a machine that does nothing else. SHORT=1 takes a quick look.
bench: .venv/development.stamp
	$(BIN)/python -m tests.bench $(if $(SHORT),short)

# What takes a second; types are looked at among the tests of the house, beside all the others.
style: .venv/development.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check

# What the tests need from Debian: installed by root, asked for otherwise; nothing is skipped where CI=true.
debian:
	@PATH="$$PATH:/usr/sbin"; for program in $(DEBIAN); do command -v $$program >/dev/null || missing=yes; done; \
	[ -z "$$missing" ] && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN); \
	else \
		echo "The tests need $(DEBIAN): sudo apt-get install $(DEBIAN)"; [ "$$CI" != true ]; \
	fi

lock: .venv/installer.stamp
	$(COMPILE) --upgrade pyproject.toml --extra scale --extra stores -o portal.lock
	$(COMPILE) --upgrade pyproject.toml --extra scale --extra stores --group dev -o development.lock
	echo uv | $(COMPILE) --upgrade - -o installer.lock

.venv/installer.stamp: installer.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed. Name yours: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r installer.lock
	@touch $@

# The development set holds all of the portal's, so a checkout that has it needs nothing more.
.venv/portal.stamp: .venv/installer.stamp portal.lock
	@if [ ! .venv/development.stamp -nt development.lock ]; then \
		rm -f .venv/development.stamp; $(UV) pip sync --quiet --require-hashes portal.lock; fi
	@touch $@

.venv/development.stamp: .venv/installer.stamp development.lock
	$(UV) pip sync --quiet --require-hashes development.lock
	@touch $@
