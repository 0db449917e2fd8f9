# utfall. Bare `make` lists what it can do; `make run` and `make test` are the two to know.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CARGO  ?= cargo
# Where cargo builds, in full: tests do not run in the folder in which make does.
export CARGO_TARGET_DIR := $(abspath $(or $(CARGO_TARGET_DIR),target))
UTFALL := "$(CARGO_TARGET_DIR)/debug/utfall"
INSTALL := install --path . --locked --no-default-features
DEMO   := demo
FUZZ_SECONDS ?= 60
FUZZ_FOUND   ?= $(CARGO_TARGET_DIR)/corpus
BENCH  ?= $(CARGO_TARGET_DIR)/bench-data

# Each test with its time. The test harness of stable Rust prints it only with this variable; it is set for the tests alone,
# since a build with it would be another build.
TIMED  := --config "target.'cfg(all())'.runner = ['env', 'RUSTC_BOOTSTRAP=1']"
TIMES  := -Z unstable-options --report-time

# Two tests for each core: half of a test's time is waiting for the disk to have kept something.
ABREAST = RUST_TEST_THREADS=$$((2 * $$(nproc)))

# The day of the newest database of advisories in a place below cargo's folder; fails where there is none.
DATED = for db in "$(or $(CARGO_HOME),$(HOME)/.cargo)"/$(1); do git --git-dir="$$db.git" log -1 --format=%cs 2> /dev/null || true; done | sort | tail -n 1 | grep .

# Everything of the demonstration lies in ./demo (lists, data, key) and ./out (pages).
export UTFALL_DATA = $(DEMO)/data
export UTFALL_KEYS = $(DEMO)/keys
export UTFALL_OUT  = out

.PHONY: help run test clients check audit bench cluster objects fuzz doc install clean-demo needs build

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-11s %s\n", $$1, $$2 }'

run: build ## build, make up five projects' lists, land, release and publish them; prints the account, says which page to open
	@$(UTFALL) demo $(DEMO)/lists > /dev/null
	@test -e $(DEMO)/data/store.toml || $(UTFALL) init --epsilon 15 --delta 1e-5 --demonstration
	@$(UTFALL) run --inbox $(DEMO)/lists
	@$(UTFALL) ledger | tail -n 3
	@echo "Open $(CURDIR)/out/index.html"

test: needs ## run every test (the trusted core, the library, the command line); prints the minutes and the ten slowest
	@begun=$$(date +%s); $(CARGO) test --workspace --locked --no-run; built=$$(date +%s); \
	 $(ABREAST) $(CARGO) test --workspace --locked --tests $(TIMED) -- $(TIMES) | tee "$(CARGO_TARGET_DIR)/tests.log"; \
	 $(CARGO) test --workspace --locked --doc --quiet; \
	 tests/clients/all.sh $(UTFALL) "$(CARGO_TARGET_DIR)/clients"; \
	 echo "The ten slowest tests:"; \
	 sed -nE 's/^test (.*) \.\.\. .*<([0-9.]+)s>$$/\2 s  \1/p' "$(CARGO_TARGET_DIR)/tests.log" | sort -rn | sed -n '1,10s/^/  /p'; \
	 echo "Built in $$((built - begun)) s, tested in $$(($$(date +%s) - built)) s."

clients: build ## publish the demonstration and read it with the programs of its readers, from PyPI and npm; what cannot be had is skipped, and said
	@tests/clients/all.sh $(UTFALL) "$(CARGO_TARGET_DIR)/clients"

check: needs ## formatting, lints, documentation; the order of the rooms and how many lines are trusted; bans, licences and advisories (with their day) where cargo-deny is installed
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	@RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked
	@$(CARGO) run --quiet --locked -p utfall-house
	@if command -v cargo-deny > /dev/null; then cargo deny --offline check bans licenses sources; else echo "cargo-deny is not installed: bans and licences were not checked (cargo install cargo-deny)"; fi
	@if command -v cargo-deny > /dev/null && dated="$$($(call DATED,advisory-dbs/*/))"; then \
	   cargo deny --offline check advisories; echo "advisories of $$dated were checked"; \
	 elif command -v cargo-audit > /dev/null && dated="$$($(call DATED,advisory-db/))"; then \
	   cargo audit --no-fetch --stale; echo "advisories of $$dated were checked"; \
	 else echo "no database of advisories is at hand: advisories were not checked (cargo deny fetch db)"; fi

audit: needs ## how long each query with an exact answer takes; planned errors beside the best possible; what the releases are worth beside what they were; how often intervals hold what they are of, and the documents' figures; that what is installed holds nothing of the demonstration; everybody taken out of every query; 10,000 histories of lists; 100,000 neighbouring databases; 100 million draws; 1,000 first landings at once; processes killed, calls that fail, full disks and changed bits, 40 of each kind and command (long)
	@$(CARGO) test --workspace --locked --lib -- workload strategy coverage reach_their_level least_error release::tests::documents engine::tests::accepted --nocapture
	@$(CARGO) test --workspace --locked --lib -- --ignored what_releases_are_worth nearly_the_best_known --nocapture
	@$(CARGO) $(INSTALL) --force --root "$(CARGO_TARGET_DIR)/installed"
	@UTFALL_AUDIT_INSTALLED="$(CARGO_TARGET_DIR)/installed/bin/utfall" $(CARGO) test --release --locked --test main -- --ignored what_is_installed
	@UTFALL_AUDIT_PEOPLE=all $(CARGO) test --release --locked --lib release::tests::neighbours -- --nocapture
	@UTFALL_AUDIT_HISTORIES=10000 $(CARGO) test --release --locked --lib land::tests::neighbours -- --nocapture
	@UTFALL_AUDIT_CASES=100000 $(CARGO) test --release --locked --lib -- engine::tests::neighbours engine::tests::conditions --nocapture
	@UTFALL_AUDIT_RACES=1000 $(CARGO) test --release --locked --lib store::tests -- --nocapture
	@UTFALL_AUDIT_CAMPAIGN=40 $(CARGO) test --release --locked --test main -- campaign full_disk --nocapture --test-threads=1
	@UTFALL_AUDIT_DRAWS=100000000 $(CARGO) test --release --workspace --locked --test samplers -- --nocapture

bench: needs ## what queries and landing cost at 1, 10 and 100 million rows, and with 2,000 projects, beside DataFusion and DuckDB, and what grows with what; writes README's tables and picture (builds optimised; an hour, 25 GB of disk)
	@mkdir -p "$(BENCH)"
	@test -x "$(BENCH)/python/bin/python" || python3 -m venv "$(BENCH)/python" || true
	@"$(BENCH)/python/bin/python" -c 'import duckdb' 2> /dev/null || "$(BENCH)/python/bin/pip" install --quiet duckdb || echo "no DuckDB: its column is left out"
	@UTFALL_BENCH_DATA="$(abspath $(BENCH))" UTFALL_BENCH_PYTHON="$(abspath $(BENCH))/python/bin/python" \
	 $(CARGO) test --release --lib --locked -- --ignored --nocapture --test-threads=1 tests::bench::bench tests::many::bench | tee "$(BENCH)/lib.txt"
	@$(CARGO) build --release --locked --bin utfall
	@python3 tests/bench/fixed.py "$(CARGO_TARGET_DIR)/release/utfall" "$(abspath $(BENCH))/fixed" | tee "$(BENCH)/fixed.txt"
	@python3 tests/bench/growth.py "$(CARGO_TARGET_DIR)/release/utfall" "$(abspath $(BENCH))/growth" | tee "$(BENCH)/growth.txt"
	@$(CARGO) test --release --locked --test main -- --ignored --nocapture --test-threads=1 growth | tee "$(BENCH)/past.txt"
	@{ cat "$(BENCH)/bench.md"; printf '\n| seconds | utfall | DuckDB | ratio | its processor | peak MB |\n|---|---|---|---|---|---|\n'; \
	   grep '^| landing' "$(BENCH)/lib.txt"; echo; grep '^|' "$(BENCH)/fixed.txt"; \
	   grep '^| a million draws\|^| reconciliation' "$(BENCH)/lib.txt"; printf '\nSeconds by size, and with which power of the size they grow:\n\n'; \
	   grep -h '^|\|^$$' "$(BENCH)/growth.txt" "$(BENCH)/past.txt" | cat -s; } > "$(BENCH)/all.md"
	@awk -v table="$(BENCH)/all.md" '/<!-- bench: end -->/ { skip = 0 } !skip { print } \
	  /<!-- bench: begin -->/ { skip = 1; print ""; while ((getline line < table) > 0) print line; print "" }' README.md > "$(BENCH)/README.md"
	@cp "$(BENCH)/README.md" README.md; cp "$(BENCH)/bench.svg" pipeline/bench.svg

cluster: needs ## queries on two workers on loopback: whether they answer as this machine does, and in what time; then what happens when machines fail (builds optimised; long)
	@command -v openssl > /dev/null || { echo "openssl is needed, which makes the workers' certificates: sudo apt-get install openssl"; exit 1; }
	@$(CARGO) test --release --locked --features cluster --lib -- --ignored --nocapture engine::tests::cluster::demonstration
	@$(CARGO) test --release --locked --features cluster --lib --test main -- cluster

objects: needs ## a data directory in a bucket, on Ceph's gateway and on test servers that speak S3 and Azure's protocol (from Debian, PyPI and npm, kept below the build's folder): the contracts, two machines, processes that are killed, answers that are lost, workers of a cluster
	@tests/objects/install.sh "$(CARGO_TARGET_DIR)/objects"
	@$(CARGO) test --locked --features object-store,cluster --lib --test main -- objects --nocapture

fuzz: needs ## any bytes as cells, files, workbooks and lists, each for FUZZ_SECONDS (needs cargo-fuzz and a C++ compiler)
	@command -v cargo-fuzz > /dev/null || { echo "cargo-fuzz is needed: cargo install cargo-fuzz --locked"; exit 1; }
	@for target in identity decode workbook delivery; do mkdir -p $(FUZZ_FOUND)/$$target; \
	 RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --fuzz-dir tests/fuzz -s none $$target $(FUZZ_FOUND)/$$target tests/fuzz/corpus/$$target -- \
	  -fork=1 -ignore_ooms=1 -ignore_timeouts=1 -timeout=10 -rss_limit_mb=3000 -max_len=4096 -max_total_time=$(FUZZ_SECONDS); done

doc: needs ## the documentation of the code, target/doc/utfall/index.html
	@$(CARGO) doc --workspace --no-deps --locked

install: needs ## build the full release (up to half an hour on two cores) and install it as `utfall`
	@$(CARGO) $(INSTALL) # without the demonstration and its test identity numbers
	@root="$${CARGO_INSTALL_ROOT:-$${CARGO_HOME:-$$HOME/.cargo}}"; "$$root/bin/utfall" manual "$$root/share/man" > /dev/null; \
	 echo "Manual pages: $$root/share/man (man -M $$root/share/man utfall). Completions: utfall completions bash|zsh|fish. Begin: utfall new DIR"

clean-demo: ## remove ./demo and ./out (the demonstration's key and budget with them)
	@rm -rf $(DEMO) out

build: needs
	@$(CARGO) build --locked

# Says what is missing and how to get it, before anything is built.
needs:
	@command -v $(CARGO) > /dev/null || { echo "Rust 1.95 or newer is needed: https://rustup.rs, then open a new terminal"; exit 1; }
	@command -v cc > /dev/null || { echo "a C compiler is needed: sudo apt-get install build-essential"; exit 1; }
	@version="$$(rustc --version | cut -d' ' -f2)"; \
	 test "$$(printf '1.95.0\n%s\n' "$$version" | sort -V | head -n 1)" = 1.95.0 || \
	 { echo "Rust 1.95 or newer is needed, here is $$version: rustup update stable"; exit 1; }
