# The verbs of the project; CI uses the same ones. `make` alone lists them.
#
# Needs: Rust (cargo), a C compiler, Python 3 with pip (for ONNX Runtime's library). No docker, no protoc. `images`, `up`, `down`
# and `e2e` need Docker with Compose, and no Rust where the compiler's image can be pulled.

CARGO ?= cargo
VENV := .plexus/venv
DEPLOY_VENV := .plexus/deploy
WANTED = $(patsubst %,--wanted %,$(wildcard deploy/metrics-wanted.md))
FOREIGN := integration-tests/foreign/requirements.txt
# What `make eval` judges the router's model with; other files of queries bring floors if theirs lie beside them.
QUERIES := services/router/tests/queries.jsonl
DATA ?= $(QUERIES)
GATE = $(if $(word 2,$(DATA)),,$(if $(filter $(QUERIES),$(DATA))$(wildcard $(basename $(DATA)).gate.toml),--gate))

.DEFAULT_GOAL := help
.PHONY: help run demo test lint unit simulate bench chaos eval build images up down e2e deny deploy-check onnxruntime tools clean

help: ## list what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build ## everything from a bare clone to a running mesh that has answered sample questions; stays up
	@./target/release/plexus up --samples

demo: build ## the same, then kills the math specialist, asks again, restarts it, shows a trace; ends
	@./target/release/plexus demo

build: tools onnxruntime ## all programs, optimised
	@$(CARGO) build --release --workspace --bins

onnxruntime: tools ## finds ONNX Runtime's library, or gets it by pip into .plexus/lib
	@./scripts/onnxruntime >/dev/null

lint: tools ## formatting and clippy, warnings denied
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --workspace --all-targets --quiet -- -D warnings

test: lint onnxruntime $(VENV)/ready ## lint, then unit and integration tests
	@$(CARGO) build --workspace --bins --quiet
	@PLEXUS_TEST_PYTHON="$(CURDIR)/$(VENV)/bin/python" $(CARGO) test --workspace --quiet
	@$(CARGO) test --package plexus-resilience --features shuttle --test shuttle --quiet

unit: onnxruntime ## unit tests only
	@$(CARGO) test --workspace --exclude plexus-integration-tests --quiet

simulate: onnxruntime ## the router among crashes and partitions, in simulated time: SEEDS=1000, or one again with its log: SEED=17
	@RUSTFLAGS="--cfg tokio_unstable $(RUSTFLAGS)" CARGO_PROFILE_DEV_OPT_LEVEL=1 PLEXUS_SEEDS=$(or $(SEEDS),100) PLEXUS_SEED=$(SEED) $(CARGO) test --package plexus-router \
		--test simulation --target-dir $(or $(CARGO_TARGET_DIR),target)/simulate -- --nocapture $(if $(SEED),promises)

bench: build ## measures latency, throughput, CPU and memory beside a bare two-hop echo; table and JSON
	@./target/release/plexus bench --out target/bench.json

chaos: build ## kills, stops, floods and restarts parts of a mesh and measures what it promises; ARGS='--quick', '--rows 1,4 --seeds 1'
	@./target/release/chaos --json target/chaos.json --markdown target/chaos.md $(ARGS)

eval: build ## report card of the router's model; DATA=FILE TRAIN=FILE for other queries, ARGS='--against FOLDER --json'
	@./target/release/plexus eval router $(DATA:%=--data %) $(TRAIN:%=--train %) $(GATE) $(ARGS)

images: ## container images, built from source in Docker; where its compiler cannot be pulled, of programs built here
	@./deploy/images.sh

up: ## the mesh and its traces in containers, and how to ask it; OVERLAYS='observability tls llm-small'
	@./deploy/up.sh $(OVERLAYS)

down: ## ends what `make up` began, and leaves nothing of it
	@./deploy/down.sh

e2e: $(VENV)/ready ## the stack in real containers: kills, partitions, rolls, greps for secrets; ARGS='--only answers,kill'
	@$(VENV)/bin/python integration-tests/e2e/run.py $(ARGS)

deny: tools ## licenses, doubled and banned crates, sources: cargo-deny by deny.toml
	@$(CARGO) deny --version >/dev/null 2>&1 || { echo "cargo-deny is missing: cargo install --locked cargo-deny@0.20.2 (some minutes)" >&2; exit 1; }
	@$(CARGO) deny --locked check bans licenses sources

deploy-check: $(DEPLOY_VENV)/ready ## rules, dashboards, Jaeger, Kubernetes; METRICS='URL...': of a running mesh, which must export what they ask for
	@$(DEPLOY_VENV)/bin/python deploy/check-dashboards $(WANTED) $(or $(METRICS),--documented docs/resilience.md)
	@$(DEPLOY_VENV)/bin/python deploy/jaeger/check
	@$(DEPLOY_VENV)/bin/python deploy/kubernetes/check

clean: ## removes everything that was built or fetched
	@rm -rf target .plexus

tools:
	@command -v $(CARGO) >/dev/null 2>&1 || { echo "cargo is missing: install Rust 1.95 or newer, https://rustup.rs" >&2; exit 1; }
	@command -v cc >/dev/null 2>&1 || { echo "cc is missing: install a C compiler (Debian: apt-get install gcc libc6-dev)" >&2; exit 1; }
	@command -v python3 >/dev/null 2>&1 || [ -n "$$ORT_DYLIB_PATH" ] || { echo "python3 is missing: install Python 3 with pip, or set ORT_DYLIB_PATH" >&2; exit 1; }

# A client that knows the mesh only by reflection, for the integration tests.
$(VENV)/ready: $(FOREIGN)
	@python3 -m venv $(VENV) || { echo "python3 cannot make a venv: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $(FOREIGN)
	@touch $@

# What the checks of deploy/ need.
$(DEPLOY_VENV)/ready: deploy/requirements.txt
	@python3 -m venv $(DEPLOY_VENV) || { echo "python3 cannot make a venv: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(DEPLOY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
