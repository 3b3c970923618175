# Every target is listed by `make help`. The environment is .venv in the checkout; data live in var/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export LC_ALL := C.UTF-8
# Papers carry the address that is served, where PUBLIC_URL gives no other: the demonstration's too.
run: export HOST := $(HOST)
run: export PORT := $(PORT)

venv := .venv
py := $(venv)/bin/python
manage := $(py) manage.py

.PHONY: help setup setup-dev run test test-embedded test-scaleout test-chaos test-browser coverage check format bench bench-all bench-papers soak chaos gallery screenshots messages pins clean

help: ## list every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(venv)/bin/python:
	@$(PYTHON) -m venv $(venv)

$(venv)/.run-stamp: requirements/run.txt bin/packages-run.txt
	@bin/system-packages run
	@$(MAKE) --no-print-directory $(venv)/bin/python
	@echo "安装 Python 依赖，约一分钟 / installing Python packages, about a minute"
	@$(py) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@touch $@

$(venv)/.dev-stamp: requirements/dev.txt bin/packages-run.txt bin/packages-test.txt
	@bin/system-packages run test
	@$(MAKE) --no-print-directory $(venv)/bin/python
	@echo "安装 Python 依赖，约一分钟 / installing Python packages, about a minute"
	@$(py) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(py) -m publish.typeset.fonts
	@touch $@ $(venv)/.run-stamp

# The list that collectstatic writes: nothing is gathered again while styles, scripts and packages are as they were.
static_list := $(or $(WUYI_DATA_DIR),var)/static/staticfiles.json
$(static_list): $(shell find static -type f) config/settings.py $(venv)/.run-stamp
	@$(manage) collectstatic --noinput --verbosity 0
	@touch $@

setup: $(venv)/.run-stamp $(static_list) ## prepare the environment and the database without serving
	@echo "准备数据库和字体 / preparing the database and the typefaces"
	@$(manage) migrate --verbosity 0
	@$(py) -m publish.typeset.fonts

setup-dev: $(venv)/.dev-stamp ## prepare what tests and linters need

run: setup ## set up what is missing, load the demonstration once, serve it; PORT=8080 HOST=… PUBLIC_URL=… say where
	@$(manage) demo --once
	@exec $(manage) serve --host "$(HOST)" --port $(PORT)

# Three processes' work for two cores, in shares that end about together: whoever waits leaves its core to the others.
test: setup-dev ## the whole suite: on SQLite, on PostgreSQL + Redis, and 3 seeds of every fault, side by side
	@echo "SQLite、PostgreSQL + Redis 与故障测试同时运行，各自结束时报告 / side by side; each reports when it is done"
	@$(MAKE) --no-print-directory --keep-going --jobs 3 --output-sync=target test-embedded test-scaleout test-chaos

test-embedded: setup-dev ## everything, on SQLite and in-process
	@$(py) -m pytest -q -n 2 -m 'not chaos'

test-scaleout: setup-dev ## data, live and task tests on a PostgreSQL and a Redis of the run's own
	@WUYI_PROFILE=scaleout $(py) -m pytest -q -p no:xdist -m 'not chaos'

coverage: setup-dev ## which lines and branches the tests on SQLite reach; takes nearly twice their time
	@$(py) -m pytest -q -n 2 -m 'not chaos' --cov --cov-report=term:skip-covered

test-browser: setup-dev ## the browser tests alone
	@$(py) -m pytest -m browser

check: setup-dev ## format, lint, imports, types, migrations, templates
	@$(venv)/bin/ruff format --check --quiet .
	@$(venv)/bin/ruff check --quiet .
	@$(venv)/bin/lint-imports --no-logo | tail -n 3
	@$(venv)/bin/mypy .
	@$(manage) makemigrations --check --dry-run --verbosity 0
	@$(manage) check --fail-level WARNING
	@find templates -name '*.html' -print0 | xargs -0 $(venv)/bin/djade --target-version 5.2 --check
	@$(venv)/bin/djhtml --check --tabwidth 2 templates >/dev/null

format: setup-dev ## write the format that check asks for
	@$(venv)/bin/ruff check --quiet --fix . || true
	@$(venv)/bin/ruff format --quiet .
	@find templates -name '*.html' -print0 | xargs -0 $(venv)/bin/djade --target-version 5.2 || true
	@$(venv)/bin/djhtml --tabwidth 2 templates || true

bench: setup-dev $(static_list) ## the live benchmark once: 1,000 screens, 1,000 votes in a second
	@$(manage) bench_live --voters 1000 --screens 1000 --seconds 1

bench-all: setup-dev $(static_list) ## every live scenario three times, medians into docs/benchmarks.md (12 minutes); QUICK=1 only prints
	@$(py) bench/record.py $(if $(QUICK),--quick)

PAPERS ?= 300
bench-papers: setup-dev ## typesetting: floor, cold start, milliseconds and bytes a paper, two workers, memory over PAPERS=300 papers
	@$(py) bench/typeset.py --papers $(PAPERS)

SECONDS ?= 600
SOCKETS ?= 2000
soak: setup-dev $(static_list) ## 2,000 sockets and a vote each second for ten minutes: memory at start and end; SECONDS=60 SOCKETS=500 shortens
	@$(manage) bench_live --scenario trickle --voters $(SECONDS) --screens $(SOCKETS) --seconds $(SECONDS)

# Both profiles side by side, one process each: these tests stop the very servers they stand on.
define run_chaos
	@mkdir -p var
	@timeout $(1) $(py) -m pytest -q -p no:randomly -m chaos tests/faults >var/chaos-embedded.txt 2>&1 & embedded=$$!; \
	  WUYI_PROFILE=scaleout timeout $(1) $(py) -m pytest -q -p no:randomly -m chaos tests/faults >var/chaos-scaleout.txt 2>&1; scaleout=$$?; \
	  wait $$embedded; embedded=$$?; \
	  echo "SQLite, one process"; cat var/chaos-embedded.txt; echo "PostgreSQL + Redis, two processes"; cat var/chaos-scaleout.txt; \
	  exit $$((embedded | scaleout))
endef

test-chaos: setup-dev ## the short form of chaos: 3 seeds of each fault
	$(call run_chaos,600)

chaos: export CHAOS_SEEDS := 20
chaos: export CHAOS_CROWD := 5000
chaos: export CHAOS_SECONDS := 800
chaos: setup-dev ## 20 seeds of every fault on both profiles, at most 15 minutes; docs/faults.md
	$(call run_chaos,890)

gallery: setup-dev ## draw every kind of notice into docs/gallery
	@$(manage) notice_gallery docs/gallery

messages: setup-dev ## collect the interface texts into locale/en; fails while one has no English
	@$(py) bin/messages

screenshots: setup-dev ## take the picture of the README from the demonstration
	@SCREENSHOTS=1 $(py) -m pytest -q tests/browser/test_five_minutes.py -k picture

pins: $(venv)/bin/uv ## compile requirements/*.txt from pyproject.toml, with hashes and without download hosts
	@for set in run dev sign; do \
	  $(venv)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-strip-extras --no-header --no-annotate pyproject.toml $$(case $$set in dev) echo --group dev;; sign) echo --extra sign;; esac) -o requirements/$$set.txt; done

$(venv)/bin/uv: $(venv)/.dev-stamp

clean: ## remove the environment; data in var/ stay
	@rm -rf $(venv) .mypy_cache .ruff_cache .pytest_cache .hypothesis
