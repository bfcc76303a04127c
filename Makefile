# The two commands of a newcomer are `make report` and `make test`; both set up all that they need.
PYTHON ?= python3
ENV ?= cpu
CORES ?= all
CONFIG ?= config/config.yaml
SEED ?=
LARGE ?=
VENV := .venv
BIN := $(VENV)/bin
NATIVE := $(filter-out %.py %.pyi,$(wildcard workflow/widelimit/native/*.*))
CXX_FILES := $(filter %.cpp %.hpp,$(NATIVE))
# A worker that crashes ends the run, which would else wait for it.
PYTEST := $(BIN)/python -m pytest -n 2 --max-worker-restart 0
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES) --configfile $(CONFIG)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help report audit env test test-thorough test-quick lint format accuracy peers bench lock schema clean

help: ## Show what can be made.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

report: env ## Run the study CONFIG (default: config/config.yaml) and build its report.
	@$(SNAKEMAKE)

audit: env ## Check every artifact under results/ against its provenance statement.
	@$(BIN)/widelimit audit results

env: $(VENV)/installed-$(ENV) ## Make the environment in .venv from envs/ENV.txt (cpu or cuda).

test: $(VENV)/installed-dev ## Run the tests (under 20 minutes on 2 cores).
	@$(PYTEST) --dist loadfile --no-loadscope-reorder

# Compiled without LLVM's optimisations, which would take a third of the time.
test-thorough: $(VENV)/installed-dev ## Run the other tests: more layers, activations and bounds of the same kind.
	@XLA_FLAGS="$(XLA_FLAGS) --xla_backend_optimization_level=0" $(PYTEST) --thorough

test-quick: $(VENV)/installed-dev ## Run the tests without those that run the pipeline.
	@$(PYTEST) --ignore tests/workflow

lint: $(VENV)/installed-dev ## Check formatting, style, types and the workflow.
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy
	@$(BIN)/clang-format --dry-run -Werror $(CXX_FILES)
	@$(BIN)/snakefmt --check Snakefile workflow && $(BIN)/snakemake --lint

format: $(VENV)/installed-dev ## Format all code.
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/snakefmt Snakefile workflow
	@$(BIN)/clang-format -i $(CXX_FILES)

accuracy: $(VENV)/installed-dev ## Measure how well reference values are met, and write tests/accuracy.json.
	@$(BIN)/python -m pytest tests/science -m "reference or accuracy" --accuracy

peers: $(VENV)/installed-dev .venv-peers/installed ## Compare kernels with those of neural-tangents on random networks.
	@for networks in images all; do \
	  $(BIN)/python benchmarks/peers/compare.py .venv-peers/bin/python --networks $$networks \
	    $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED)) || exit; \
	done

bench: $(VENV)/installed-dev .venv-peers/installed ## Measure speed and memory beside neural-tangents (LARGE=1: 60,000 samples too).
	@$(BIN)/python benchmarks/run.py .venv-peers/bin/python $(if $(LARGE),--large)

schema: env ## Write the JSON schema of the configuration and the page that explains its keys.
	@$(BIN)/widelimit schema > workflow/schemas/config.schema.json
	@$(BIN)/widelimit schema --page > config/README.md

lock: $(VENV)/installed-dev ## Resolve the requirement locks in envs/ anew.
	@sh envs/lock.sh $(BIN)/uv

clean: ## Remove the environment; results stay (remove results/NAME by hand).
	rm -rf $(VENV)

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("widelimit needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + ": say make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

# The peer needs an old JAX, and Python 3.11 or 3.12 for it.
.venv-peers/installed: envs/peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@

# The lock holds every dependency with its hashes; the project itself goes in without fetching, and its C++ is
# compiled if there is a compiler.
$(VENV)/installed-%: envs/%.txt pyproject.toml $(NATIVE) | $(VENV)/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/installed-cpu $(VENV)/installed-cuda && touch $@
