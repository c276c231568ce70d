# The few commands one has to know. Each installs what it lacks (scripts/setup.sh), builds what it needs, and does it.
.DEFAULT_GOAL := help
.PHONY: help demo build test format lint bench clean
SHELL := /bin/bash
JOBS ?= $(shell nproc)
RELEASE := $(CURDIR)/build/release

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

demo:  ## build, then show what it does
	@scripts/setup.sh build
	cmake --preset release
	cmake --build --preset release -j $(JOBS) --target heddle-command heddle-compiler
	scripts/demo.sh $(RELEASE)

build:  ## build the release tree, build/release
	@scripts/setup.sh build
	cmake --preset release
	cmake --build --preset release -j $(JOBS)

test:  ## every test: unit, conformance, e2e, fuzz, sanitizers, install, AArch64
	@scripts/setup.sh build test
	cmake --preset release -DHEDDLE_ASAN_TREE=$(CURDIR)/build/asan -DHEDDLE_TSAN_TREE=$(CURDIR)/build/tsan
	cmake --build --preset release -j $(JOBS)
	cmake --preset asan
	cmake --build --preset asan -j $(JOBS) --target heddle-sanitized
	cmake --preset tsan
	cmake --build --preset tsan -j $(JOBS) --target heddle-sanitized
	ctest --test-dir $(RELEASE) --output-on-failure --no-tests=error -j $(JOBS)

format:  ## format every source
	@scripts/setup.sh lint
	scripts/format.sh

lint:  ## clang-format and clang-tidy, findings are errors
	@scripts/setup.sh build lint
	scripts/format.sh --check
	cmake --preset release
	cmake --build --preset release -j $(JOBS)
	scripts/tidy.sh $(RELEASE)

bench:  ## measure against peers, side by side
	@scripts/setup.sh build bench
	cmake --preset release
	cmake --build --preset release -j $(JOBS)
	$(RELEASE)/bin/heddle bench

clean:  ## remove every build tree
	rm -rf build
