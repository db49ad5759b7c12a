# python3 and make are all this needs; `make` alone says what there is.
.DEFAULT_GOAL := help
.PHONY: help setup demo up test check bench proof fuzz
.SILENT:

PY := .venv/bin/python
export PYTHONUNBUFFERED := 1

help:  ## this list
	sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 8

setup:  ## make .venv with what testhub needs
	python3 -m bin.setup

demo:  ## run the demo project with real workers and print its record
	python3 -m bin.demo

up: setup  ## the console at http://127.0.0.1:8000/ with workers and the demo API
	$(PY) -m bin.up

test: dev  ## all tests, on SQLite and on MariaDB
	$(PY) -m bin.test

check: dev  ## format, lint, direction of imports, types, Django's own checks
	$(PY) -m bin.check

bench: dev  ## figures of one run, beside the same work without testhub
	$(PY) -m bench throughput
	$(PY) -m bench latency

proof: dev  ## the long form of the proofs, and a table of its figures
	$(PY) -m bin.proof

fuzz: dev  ## ten thousand spoiled cases, ten thousand hostile answers; for the night
	$(PY) -m pytest -m fuzz tests/fuzz -n 0

.PHONY: dev
dev:
	python3 -m bin.setup --dev
