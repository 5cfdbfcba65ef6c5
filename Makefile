# The two commands of the README are `make demo` and `make test`. Both use cargo's dev profile and one target
# folder, so that DuckDB is compiled once. Set CARGO_TARGET_DIR to keep that folder elsewhere.
SHELL := /bin/bash
TARGET := $(or $(CARGO_TARGET_DIR),$(shell cargo metadata --format-version 1 --no-deps --offline 2>/dev/null | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'),target)
FIREFLY := $(TARGET)/debug/firefly
LAKE ?= demo/lake
TASKS ?= 200
SEED ?= 7

.PHONY: build demo test bench clients lint fmt packages clean help

help: ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build: ## Build firefly (the first time with DuckDB: 40 to 80 minutes on two cores)
	@[ -x $(FIREFLY) ] || echo "First build: DuckDB is compiled from source, 40 to 80 minutes on two cores; cargo shows how far it is."
	cargo build --locked

packages: ## Install what the demo's servers are started with
	@demo/packages.sh

demo: build packages ## Turn real MCP servers into verified tasks, in demo/lake
	@demo/prepare.sh demo/data
	@if [ -e $(LAKE) ] && [ ! -f $(LAKE)/firefly.duckdb ]; then echo "$(LAKE) is no lake; it is left alone" >&2; exit 1; fi
	@rm -rf $(LAKE)
	FIREFLY_DATA=$(CURDIR)/demo/data PATH="$(CURDIR)/demo/tools/bin:$$PATH" $(FIREFLY) --lake $(LAKE) run --config demo/servers.json --tasks $(TASKS) --seed $(SEED)

clients: ## Install what the tests read exports with
	@tests/clients/install.sh

test: packages clients ## The whole test suite
	@echo "The first time this compiles DuckDB, 40 to 80 minutes on two cores; cargo shows how far it is."
	PATH="$(CURDIR)/demo/tools/bin:$$PATH" cargo test --locked

bench: packages clients ## Every benchmark, side by side with its peer; BENCH=lake runs some
	PATH="$(CURDIR)/demo/tools/bin:$$PATH" cargo bench --locked --profile dev --bench bench -- $(BENCH)

lint: ## clippy with warnings denied, and formatting
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

fmt: ## Format the sources
	cargo fmt

clean: ## Remove what the demo made
	rm -rf demo/lake demo/data demo/tools
