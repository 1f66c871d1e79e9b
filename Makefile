# Every target does its own set-up: it makes .venv and installs the pinned requirements when they changed.
# PORT= changes the demo's port, WORKERS= how many processes test at once, PYTHON= names the Python to use,
# ARGS= is handed to pytest, the linters, the benchmarks or chaos.
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
export PORT
RUN = @$(PYTHON) -I integration_hub/local/bootstrap.py

.PHONY: demo demo-reset test lint bench mutants chaos

demo:
	$(RUN) demo $(ARGS)

demo-reset:
	$(RUN) demo-reset

test:
	$(RUN) test -n $(WORKERS) --dist worksteal $(ARGS)

lint:
	$(RUN) lint $(ARGS)

bench:
	$(RUN) bench $(ARGS)

mutants:
	$(RUN) mutants $(ARGS)

chaos:
	$(RUN) chaos $(ARGS)
