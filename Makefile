# `make` alone lists the targets. Everything is installed below .venv, from the hashed lists in requirements/.
PYTHON ?= python3
BIN := .venv/bin
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode
# For machines whose package index only pip is told of.
INSTALL_BY_PIP = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pip install --quiet --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run key keys revoke test lint audit e2e repeat docs screenshots fuzz chaos outages bench bench-train format lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run ## Run all of Loupe on this machine in the foreground; Ctrl-C stops it
	@exec $(BIN)/python -m launch --die-with-parent

key: .venv/.run ## Make an access key and show it once: NAME=… SCOPE=classify, train or admin
	@$(BIN)/python -m api.keys create -- "$$NAME" "$$SCOPE"

keys: .venv/.run ## List the access keys
	@$(BIN)/python -m api.keys list

revoke: .venv/.run ## Make an access key worthless: NAME=…
	@$(BIN)/python -m api.keys revoke -- "$$NAME"

# Two at a time, a file each: most of them wait for processes. In their order: the last are quick, so that nobody waits long.
test: .venv/.dev ## Run all tests that this machine can run
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: .venv/.dev ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# A list that the database does not answer for fails too: silence is no clean bill.
audit: .venv/.uv ## Ask the public database for known weaknesses of the locked versions; needs the internet
	@$(BIN)/uv tool run --quiet pip-audit@2.10.1 --strict --disable-pip --require-hashes -r requirements/run.txt || { \
		echo "Not clean, or pypi.org does not answer from here: see above." >&2; exit 1; }

e2e: .venv/.dev ## Run the tests that drive a real browser
	@$(BIN)/python -m pytest tests/e2e

# One that is skipped held nothing, so it ends it as well.
TIMES ?= 10
repeat: .venv/.dev ## Run the tests of faults and in the browser TIMES (10) times in a row; the first failure ends it
	@log=$$(mktemp) && trap 'rm -f "$$log"' EXIT && for run in $$(seq $(TIMES)); do \
		$(BIN)/python -m pytest -m "faults or browser" --numprocesses 2 --dist loadfile --no-loadscope-reorder \
			tests/integration tests/e2e >"$$log" 2>&1 && ! grep -q '^SKIPPED' "$$log" || { cat "$$log"; exit 1; }; \
		echo "run $$run: $$(tail -n 1 "$$log")"; \
	done

screenshots: .venv/.dev ## Walk through a running Loupe with a browser and draw the documents' pictures anew
	@$(BIN)/python -m tests.walk

docs: .venv/.dev ## Build the documents' site in site/; a warning is an error
	@$(BIN)/python -m sphinx -q -W --keep-going -n -b html -c docs . site
	@echo "site/index.html"

# 1.5 million damaged pictures and 50,000 made-up requests take about an hour.
FUZZ ?= 110
fuzz: .venv/.dev ## Try FUZZ (110) times as many damaged pictures and made-up requests as the tests do
	@$(BIN)/python -m pytest --fuzz $(FUZZ) --timeout 7200 tests/unit/shared/imaging/test_mutations.py tests/unit/api/test_made_up_requests.py

# A run draws a seed and says which; SEED=… throws the same dice again.
chaos: .venv/.dev ## Kill, freeze and cut off all of Loupe's processes at work for 8 minutes; nothing may be lost
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

outages: .venv/.dev ## Take Redis away 20 times, for 5 to 60 s, under 50 clients; takes 12 minutes
	@$(BIN)/python -m tests.chaos.outages

bench: .venv/.dev .venv-bench/.installed ## Measure Loupe against other serving systems; QUICK=1 for a short look
	@$(BIN)/python -m benchmarks $(if $(QUICK),--quick)

bench-train: .venv/.dev .venv-bench/.augmentation ## Train every recipe on the data in LOUPE_BENCH_DATA; ONLY="…" names some
	@$(if $(ONLY),,$(BIN)/python -m benchmarks.import_speed)
	@$(if $(ONLY),,PYTHONPATH=.venv-bench/augmentation $(BIN)/python -m benchmarks.train_speed)
	@$(BIN)/python -m benchmarks.train_accuracy $(ONLY)

format: .venv/.dev ## Format the code
	@$(BIN)/ruff check --fix --select I .
	@$(BIN)/ruff format .

lock: .venv/.uv ## Resolve the dependencies of pyproject.toml into requirements/
	@requirements/lock.sh

clean: ## Remove what was installed and cached; the data in var/ stay
	@rm -rf .venv .venv-bench .mypy_cache .pytest_cache .ruff_cache site docs/reference

# A stamp is written when its step is complete, so a later start neither asks the network nor takes time.
.venv/.uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Loupe needs Python 3.11 or later, received: $$($(PYTHON) --version 2>&1); name one with PYTHON=…" >&2; exit 1; }
	@echo "Setting up .venv …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements/uv.txt
	@touch $@

.venv/.run: requirements/run.txt .venv/.uv
	@echo "Installing what Loupe runs on …"
	@$(INSTALL) -r requirements/run.txt || $(INSTALL_BY_PIP) -r requirements/run.txt
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.uv
	@echo "Installing what the tests need …"
	@$(INSTALL) -r requirements/dev.txt || $(INSTALL_BY_PIP) -r requirements/dev.txt
	@touch $@

# The benchmark's peers bring packages of their own, which have no place among Loupe's.
.venv-bench/.installed: benchmarks/peers/requirements.txt .venv/.uv
	@echo "Installing the benchmark's peers into .venv-bench …"
	@$(PYTHON) -m venv .venv-bench
	@$(BIN)/uv pip install --quiet --python .venv-bench/bin/python --require-hashes --compile-bytecode -r $< \
		|| PYTHONDONTWRITEBYTECODE= .venv-bench/bin/python -m pip install --quiet --require-hashes -r $<
	@touch $@

.venv-bench/.augmentation: benchmarks/peers/augmentation.txt .venv/.uv
	@$(BIN)/uv pip install --quiet --target .venv-bench/augmentation --no-deps --require-hashes -r $< \
		|| $(BIN)/python -m pip install --quiet --target .venv-bench/augmentation --no-deps --require-hashes -r $<
	@touch $@
