# What one does with Kring. Each target makes .venv first, from uv.lock; a second time that takes no time.

PYTHON_IN_VENV := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help run test lint format bench demo-reset shell openapi messages

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Everything on this machine, with a demo network: http://localhost:8000 (PORT=8001 for another port)
	@scripts/bootstrap
	@exec $(PYTHON_IN_VENV) -m backend.launch

test: ## The whole suite on SQLite and on PostgreSQL (ARGS="tests/flows -k opt_in"; ARGS=--sqlite for one database)
	@scripts/bootstrap all
	@exec $(PYTHON_IN_VENV) scripts/test $(ARGS)

lint: ## ruff, mypy, import contracts, missing migrations, the OpenAPI file
	@scripts/bootstrap all
	@exec $(PYTHON_IN_VENV) scripts/lint

format: ## Lay the code out as lint wants it
	@scripts/bootstrap all
	@.venv/bin/ruff check --quiet --fix . && .venv/bin/ruff format --quiet .

bench: ## The figures of the README (ARGS="import digest" for some of them)
	@scripts/bootstrap all
	@exec $(PYTHON_IN_VENV) -m benchmarks $(ARGS)

demo-reset: ## Throw the demo's data away and make it anew
	@scripts/bootstrap
	@exec $(PYTHON_IN_VENV) -m backend.launch reset

shell: ## Python with the models at hand
	@scripts/bootstrap
	@exec $(PYTHON_IN_VENV) manage.py shell

openapi: ## Write docs/openapi.json anew
	@scripts/bootstrap
	@exec $(PYTHON_IN_VENV) manage.py openapi

messages: ## Gather new sentences into the .po files and compile them (needs gettext)
	@scripts/bootstrap
	@exec $(PYTHON_IN_VENV) scripts/messages
