# Works from a fresh checkout with Python 3.10 or newer and make; everything Python goes into .venv.
# Pass options with ARGS: make run ARGS="--port 9000", make test ARGS="-k signing".

PYTHON ?= python3
VENV   ?= .venv
ARGS   ?=
BIN    := $(VENV)/bin
META   := setup.cfg setup.py pyproject.toml
# Images of containers often forbid bytecode. The tests start hundreds of processes, and each would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: openapi-clients check editor help run demo examples test test-wheel system wheel mutants mutants-changed bench bench-quick bench-install bench-parallel scale kill soak fuzz lint format docs corpora lock locked release-check clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|' 2>/dev/null || sed -n 's/^\([a-z-]*\):.*## /  make \1  /p' Makefile

run: $(VENV)/.run ## start the server on the bundled scenarios
	@exec $(BIN)/mock-server serve $(ARGS)

demo: $(VENV)/.run ## one Cloudcheck and one Shufti Pro exchange, each step printed with its signature checked
	@exec $(BIN)/mock-server demo $(ARGS)

test: $(VENV)/.test system ## install what the tests need and run them all
	$(BIN)/python -m pytest -n auto $(ARGS)

check: lint ## before a commit: lint, and the tests that need no browser and no copy of the tree
	$(BIN)/python -m pytest -n auto --ignore=tests/browser --ignore=tests/docs $(ARGS)

test-wheel: system ## build a compiled wheel in a temporary folder and run the tests against it
	@PYTHON=$(PYTHON) .ci/wheel $(ARGS)

wheel: $(BIN)/python ## a wheel in dist/, the same bytes each time; MOCK_SERVER_COMPILE=1 compiles the modules of the request path
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || echo 1577836800)} $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

system: # programs the tests drive that pip cannot install
	@.ci/packages curl=curl redis-server=redis-server haproxy=haproxy sqlite3=sqlite3 chromium=chromium chromedriver=chromium-driver php=php-cli node=nodejs pdftotext=poppler-utils

kill: $(VENV)/.test ## kill servers at random moments for a minute, and find what was lost
	$(BIN)/python -m tests.live.killing $(ARGS)

soak: $(VENV)/.test ## ten minutes of mixed traffic on all stores, and what it leaves behind; ARGS="--minutes 1 --store redis --workers 2"
	$(BIN)/python -m tests.live.soaking $(ARGS)

.PHONY: fail-over
fail-over: $(VENV)/.test ## kill a server and the primary of Redis under load, again and again, and find what was lost
	$(BIN)/python -m tests.live.cluster $(ARGS)

fuzz: $(VENV)/.test ## throw what nobody would send at the server and its readers for an hour; ARGS="--minutes 5"
	$(BIN)/python -m tests.fuzz $(ARGS)

lint: $(VENV)/.test ## ruff, mypy, and the shipped scenario files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mock-server lint scenarios
	$(BIN)/python -m docs.prose

format: $(VENV)/.test ## let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

examples: $(VENV)/.test ## run the examples whose toolchains are there; ARGS=--all: all of them must be
	@examples/run $(ARGS)

openapi-clients: $(VENV)/.test ## generate Python and TypeScript clients, compile them, and make a call; needs npm and a package index
	@tests/clients/run

editor: ## what the YAML language server of editors makes of the schema; needs npm, which nothing else here does
	cd tests/editor && npm install --silent --no-audit --no-fund --no-package-lock && npm test

docs: $(VENV)/.test ## write the generated pages, tables and drawings of docs/ and the scenario schema again, and the site to site/
	$(BIN)/python -m docs.build
	$(BIN)/python -m tests.providers.cloudcheck.test_page
	$(BIN)/python -m tests.providers.shuftipro.test_page
	$(BIN)/python -m mock_server schema > scenarios/scenario.schema.json
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

pictures: $(VENV)/.test system ## pictures of every page and state in build/pictures, and the best of them in docs/
	PICTURES=build/pictures $(BIN)/python -m pytest -q -p no:randomly tests/browser/test_pictures.py $(ARGS)
	$(BIN)/python -m tests.browser.docs_pictures build/pictures

corpora: $(VENV)/.test ## capture again what real HTTP clients send, and sign wrongly again in every language; needs their toolchains
	$(BIN)/python -m tests.corpora.wire.capture $(ARGS)
	$(BIN)/python -m tests.corpora.signing.make

mutants: $(VENV)/.mutants ## change the checked modules in every small way, and see that a test notices each change
	@$(BIN)/python -m tests.mutants $(ARGS)

mutants-changed: $(VENV)/.mutants ## the same, for the functions that have changed since tests/mutants/report.json was written
	@$(BIN)/python -m tests.mutants --changed $(ARGS)

bench: $(VENV)/.test ## measure against other mock servers; takes a while
	$(BIN)/python -m benchmarks.full $(ARGS)
	$(BIN)/python -m benchmarks.dashboard

.PHONY: bench-dashboard pictures
bench-dashboard: $(VENV)/.test ## first paint, and what five open dashboards cost; ARGS=--short takes a minute
	$(BIN)/python -m benchmarks.dashboard $(ARGS)

bench-quick: $(VENV)/.test ## under two minutes: guards against regressions
	$(BIN)/python -m benchmarks.quick $(ARGS)

bench-install: $(VENV)/.test ## packages, size, seconds of an installation; needs a package index
	$(BIN)/python -m benchmarks.install

scale: $(VENV)/.test ## memory of one server under 30 GB of bodies, a million requests, 10,000 accounts, 100,000 callbacks
	$(BIN)/python -m benchmarks.scale $(ARGS)

.PHONY: curves bench-cluster
curves: $(VENV)/.test ## what a request costs as scenarios, accounts, bodies, callbacks and nonces grow; some ten minutes
	$(BIN)/python -m benchmarks.curves $(ARGS)

bench-cluster: $(VENV)/.test ## one, two and three servers behind HAProxy on one Redis; needs wrk
	$(BIN)/python -m benchmarks.cluster $(ARGS)

bench-parallel: $(VENV)/.test ## 200 tests against one external server, by number of workers
	$(BIN)/python -m benchmarks.parallel

lock: $(VENV)/.release ## pin every package, with hashes, in the three lock files
	$(BIN)/python -m release.lock

locked: $(BIN)/python ## install what the tests need exactly as the lock file says, as CI does
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-ci.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.test $(VENV)/.run

release-check: $(VENV)/.release ## build, check and install what a release publishes, with the oldest and newest packages
	$(BIN)/python -m release.check $(ARGS)

clean: ## remove the virtual environment and everything generated
	rm -rf $(VENV) build dist site *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis examples/*/target
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed; name it with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "python3 -m venv does not work here; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.run: $(BIN)/python $(META)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.test: $(BIN)/python $(META)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.run

$(VENV)/.release: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,release]'
	@touch $@

$(VENV)/.mutants: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,mutants]'
	@touch $@
