# The commands of this repository; `make` alone lists them. The work is done by scripts/, so that CI runs the same.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## List what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Build everything and start on the sample sources, on this machine only (PORT=5000)
	@scripts/demo $(if $(PORT),--port $(PORT))

.PHONY: test
test: ## Run every test from scratch: Rust, web interface, and the browser journey where there is a Chromium
	@scripts/test

.PHONY: check
check: ## Look for what review would find: format, lints, doors between crates, generated files
	@scripts/check

.PHONY: crash
crash: ## Kill servers, workers, PostgreSQL and Redis in the middle of work, and look what is lost (SEEDS=25, or SEED=7)
	@scripts/crash

.PHONY: isolation
isolation: ## Start a server and prove on it that tenants are kept apart, operation by operation
	@scripts/isolation

.PHONY: guards
guards: ## Take each guard between tenants away in turn and see that a test notices
	@scripts/guards

.PHONY: fuzz
fuzz: ## Call every operation with made-up input and compare the answers with openapi.json (needs Python 3)
	@scripts/schemathesis

.PHONY: soak
soak: ## The same in long storms, for MINUTES=30
	@scripts/soak

.PHONY: bench
bench: ## Run the benchmarks against their peers and keep the raw results (takes minutes)
	@bench/run

.PHONY: ui
ui: ## Build the web interface that the binary embeds (quick when nothing changed)
	@scripts/build-ui

.PHONY: journey
journey: ## Run the browser journeys alone
	@scripts/journey

.PHONY: fmt
fmt: ## Format Rust and TypeScript
	@cargo fmt --all
	@scripts/ui-packages && npm --prefix ui run --silent format

.PHONY: lint
lint: ## Lint Rust and TypeScript
	@scripts/lint

.PHONY: openapi
openapi: ## Write openapi.json and the web interface's API client from the handlers
	@scripts/generate openapi

.PHONY: samples
samples: ## Write the sample sources from their generator
	@scripts/generate samples

.PHONY: doctor
doctor: ## Look whether this machine has what building needs
	@scripts/need --all

.PHONY: clean
clean: ## Remove what was built here, but not the data of the demo
	@cargo clean
	@rm -rf ui/dist ui/node_modules third_party e2e/test-results
