# Each target is one line of intent; scripts/ has the how.
.PHONY: run build test rust app e2e faults bench screenshots fmt clean

run: ## Installs what is missing, builds, starts, and prints the address to open.
	@scripts/need run
	@$(MAKE) --no-print-directory build
	@exec target/release/eaves serve

build: app/dist/index.html ## The program, with the app inside.
	cargo build --locked --release -p eaves

test: ## Everything that CI runs.
	@scripts/need test
	@scripts/test

app/node_modules/.package-lock.json: app/package-lock.json
	npm --prefix app ci

app/dist/index.html: app/node_modules/.package-lock.json $(shell find app/src app/public app/index.html app/*.ts -type f 2>/dev/null)
	npm --prefix app run build

app: app/dist/index.html

e2e/node_modules/.package-lock.json: e2e/package-lock.json
	npm --prefix e2e ci

e2e: e2e/node_modules/.package-lock.json ## The journeys, against a real RTSP camera that they start, or CAMERA=rtsp://user:pass@host:port/path
	@scripts/e2e

faults: e2e/node_modules/.package-lock.json ## Every fault that is promised to be survived, in full; takes about an hour.
	@scripts/need test
	@scripts/faults

bench: app/dist/index.html e2e/node_modules/.package-lock.json ## One line per figure; ONLY=camera runs one group.
	@scripts/need test
	@scripts/bench $(ONLY)

screenshots: e2e/node_modules/.package-lock.json ## Makes the pictures of docs/guide anew.
	@scripts/screenshots

fmt:
	cargo fmt --all

clean:
	rm -rf target app/dist app/node_modules e2e/node_modules e2e/results
