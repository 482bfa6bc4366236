# One command each, on a machine with git, make and Python >= 3.11:
#   make demo    train on the embedded glyphs, print the results and the report's path
#   make test    the tests, in as many processes as there are cores (JOBS=1: in one)
#   make check   ruff and mypy
#   make bench   the benchmarks, some minutes
# The environment is made once in .venv and remade only when its inputs change.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
JOBS ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)

.PHONY: demo test check bench clean
.DELETE_ON_ERROR:

demo: .venv/ready
	$(BIN)/labeltree demo $(ARGS)

# A file's tests stay in one process, which makes what they share once; one thread in each process.
test: .venv/ready
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

check: .venv/ready
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

bench: .venv/ready
	$(BIN)/python benchmarks/training_loop.py --threads 1
	$(BIN)/python benchmarks/training_loop.py --threads 2
	$(BIN)/python benchmarks/decoding.py
	$(BIN)/python benchmarks/loader.py
	$(BIN)/python benchmarks/resizing.py
	$(BIN)/python benchmarks/routing.py
	$(BIN)/python benchmarks/inference.py --networks slim --rounds 3
	$(BIN)/python benchmarks/cold_start.py --rounds 5
	model=$$(mktemp -d)/model && $(BIN)/labeltree demo --minutes 0.3 --out $$model && \
	$(BIN)/python benchmarks/predicting.py $$model --images 5000 --rounds 1 && \
	$(BIN)/python benchmarks/serving.py $$model --requests 2000

# Compiled bytecode matters: without it `import torch` alone costs 8 s in every process.
.venv/ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "labeltree needs Python 3.11 or newer; say where it is: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint constraints.txt --editable '.[all,dev]'
	@touch $@

clean:
	rm -rf .venv
