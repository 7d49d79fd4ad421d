# make help says what there is. Everything can be run again at any time.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CHURTEN_CACHE ?= /var/cache/churten
export CHURTEN_CACHE

GO            ?= go
GOFLAGS_BUILD := -trimpath -buildvcs=false
LDFLAGS_BUILD := -s -w -buildid=
# says that the agents inside were built just now
LDFLAGS_FRESH := -X github.com/churten/churten/strategy/remote/agents.fresh=yes
# systems and machines the agent is built for, as GOOS/GOARCH
AGENTS        ?= linux/amd64 linux/arm64
AGENTS_DIR    := strategy/remote/agents/bin
HOSTS         ?= 3
FUZZTIME      ?= 20s
GOLANGCI      := v2.15.0
LAB           := testdata/lab/lab

.PHONY: help
help: ## say what can be made
	@echo "make TARGET, where TARGET is one of"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Caches lie in CHURTEN_CACHE ($(CHURTEN_CACHE))."

.PHONY: build
build: agents ## the agents, then bin/churten with them inside
	CGO_ENABLED=0 $(GO) build $(GOFLAGS_BUILD) -ldflags "$(LDFLAGS_BUILD) $(LDFLAGS_FRESH)" -o bin/churten ./cmd/churten

.PHONY: agents
agents: $(addprefix agent/,$(AGENTS)) ## the agents alone; AGENTS="linux/riscv64 …" for others

# An agent that came out the same keeps its file untouched, so that nothing behind it is built again.
.PHONY: agent/%
agent/%:
	@os=$(word 1,$(subst /, ,$*)) arch=$(word 2,$(subst /, ,$*)); out=$(AGENTS_DIR)/agent-$$os-$$arch.gz; \
	mkdir -p $(AGENTS_DIR); tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch GOARM=5 $(GO) build $(GOFLAGS_BUILD) -ldflags "$(LDFLAGS_BUILD)" -o "$$tmp/agent" ./cmd/churten-agent; \
	gzip -9nk "$$tmp/agent"; \
	if cmp -s "$$tmp/agent.gz" "$$out" && [ -e "$${out%gz}xz" ]; then exit; fi; \
	install -m 644 "$$tmp/agent.gz" "$$out"; \
	printf 'agent %s/%s: %d bytes gzipped' "$$os" "$$arch" "$$(stat -c %s "$$out")"; \
	case $$arch in amd64|386) filter=--x86;; *) filter=;; esac; \
	if xz $$filter --lzma2=preset=9e,dict=4MiB -c "$$tmp/agent" > "$$tmp/agent.xz"; then \
		install -m 644 "$$tmp/agent.xz" "$${out%gz}xz"; printf ', %d by xz\n' "$$(stat -c %s "$${out%gz}xz")"; \
	else rm -f "$${out%gz}xz"; printf '\n'; fi

.PHONY: generate
generate: ## write the generated Go files (lists of modules, encoders) again
	$(GO) generate ./...

.PHONY: test
test: prepare build ## all tests: Go's, and with root the acceptance on real hosts
	@testdata/consul/build > /dev/null || echo "SKIPPED: what needs Consul: it cannot be built here"
	$(GO) vet ./...
	$(GO) test -timeout 30m -ldflags "$(LDFLAGS_FRESH)" $(TESTFLAGS) ./...
	cd testdata/acceptance && python3 -B -m unittest -q compare_test
	cd testdata/bench && python3 -B -m unittest -q table_test
	@if why=$$($(LAB) check 2>&1); then $(MAKE) --no-print-directory acceptance; \
	else echo "SKIPPED: acceptance on real hosts: $$why"; fi

.PHONY: prepare
prepare: ## install what tests need (Debian, as root); says what it leaves out otherwise
	@.ci/prepare

.PHONY: lint
lint: ## gofmt, go vet, golangci-lint, shellcheck
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "not gofmt'ed:"; echo "$$unformatted"; exit 1; fi
	$(CHURTEN_CACHE)/bin/golangci-lint version 2> /dev/null | grep -q "$(GOLANGCI:v%=%)" || \
	    GOBIN=$(CHURTEN_CACHE)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)
	$(CHURTEN_CACHE)/bin/golangci-lint run ./...
	@if command -v shellcheck > /dev/null; then \
	    git grep -lIE '^#!.*[ /](ba)?sh$$' -- ':!*.j2' ':!*.txtar' ':!*.go' ':!*.md' ':!testdata/site' | xargs shellcheck; \
	else echo "SKIPPED: shellcheck is not installed"; fi

.PHONY: demo
demo: build ## run testdata/demo on throw-away SSH hosts on loopback; no root, sshd or Ansible needed
	bin/churten demo

.PHONY: lab
lab: prepare ## real Debian hosts h1 to hHOSTS (root; HOSTS=3); testdata/lab/lab down ends them
	$(LAB) up $(HOSTS)
	@$(LAB) status

.PHONY: acceptance
acceptance: prepare build peers ## testdata/site on real hosts with ansible-playbook and churten: same output, same hosts
	testdata/acceptance/run

.PHONY: peers
peers: ## ansible-core 2.19 and Mitogen in a virtual environment
	@testdata/bench/peers

.PHONY: bench
bench: prepare build peers ## measure churten beside its peers; writes docs/benchmarks.md (an hour)
	testdata/bench/run --templates $(BENCHFLAGS)

.PHONY: bench-inventory
bench-inventory: build peers ## an inventory of 10,000 hosts beside ansible-inventory
	testdata/bench/inventory

.PHONY: bench-crowd
bench-crowd: build peers ## fifty tasks on 50 hosts beside ansible-playbook, and on 1,000
	testdata/bench/crowd

.PHONY: bench-facts
bench-facts: build peers ## setup, service_facts and package_facts on a lab host beside ansible-playbook (root, minutes)
	testdata/bench/facts

.PHONY: bench-amounts
bench-amounts: build peers ## modules on many files and big ones beside ansible-playbook (root, room for 8 GiB); AMOUNTS="find copy" for some
	testdata/bench/amounts $(AMOUNTS)

.PHONY: bench-templar
bench-templar: peers ## of these the templates, beside the reference's templar, and the work for each task; needs no hosts
	testdata/bench/templar/run

.PHONY: faults
faults: prepare build peers ## cut links, kill agents, fill disks (root, some minutes); writes docs/faults.md
	CHURTEN_FAULTS=1 CHURTEN_FAULTS_PROGRAM=$(CURDIR)/bin/churten CHURTEN_FAULTS_PAGE=$(CURDIR)/docs/faults.md \
	    $(GO) test -count=1 -timeout 30m $(TESTFLAGS) ./cmd/internal/faults

.PHONY: logins
logins: prepare build peers ## log in to real sshds in 250 ways beside ansible (root, half an hour); writes docs/logins.md
	PATH="$(CHURTEN_CACHE)/peers/bin:$$PATH" testdata/ssh/run --page docs/logins.md

.PHONY: machines
machines: build ## a host of another machine behind QEMU, without Python (root, qemu-user-static); MACHINES="arm64 riscv64 …" as AGENTS are built
	testdata/machines/run --program $(CURDIR)/bin/churten $(MACHINES)

.PHONY: facts
facts: prepare build ## all facts of this machine, and of seven distributions on amd64 and arm64, beside the reference's (root, debootstrap, qemu-user-static); FACTS="arm64" for some
	modules/setup/testdata/whole -b $(CURDIR)/bin/churten $(FACTS)

.PHONY: distributions
distributions: prepare build ## hosts like RHEL 8, Void, Alpine, Arch and SUSE walked by ansible-playbook and by churten (root, half an hour); DISTRIBUTIONS="void rhel" for some
	testdata/distributions/run --churten $(CURDIR)/bin/churten $(DISTRIBUTIONS)

.PHONY: become
become: prepare build ## other users by machinectl and run0 on real hosts, beside ansible (root, minutes)
	testdata/become/run

.PHONY: containers
containers: prepare build ## containers of real docker, podman, buildah, LXC and LXD on a lab host, beside ansible (root, half an hour)
	testdata/containers/run

.PHONY: man
man: build ## the manual pages, into man/man1
	bin/churten man man/man1

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (20s)
	@$(GO) list -f '{{.ImportPath}} {{.Dir}}' ./... | while read -r package dir; do \
	    { grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$$dir"/*_test.go 2> /dev/null || true; } | sed 's/^func //' | while read -r target; do \
	        echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" < /dev/null; \
	    done; \
	done

.PHONY: record
record: peers ## record expected values of tests from the reference again; RECORD="DIR…" for some
	testdata/record $(RECORD)

.PHONY: consul
consul: ## the Consul that tests run against, in CHURTEN_CACHE (minutes, once)
	@testdata/consul/build

.PHONY: gate-race
gate-race: consul ## consul_maintmode's race: twelve nodes, 200 rounds for each limit (half an hour)
	CHURTEN_RACE_ROUNDS=200 $(GO) test -count=1 -v -timeout 2h -run '^TestGate$$/^race$$' ./modules/consul_maintmode

.PHONY: rolling
rolling: prepare build consul peers ## a rolling release on four real hosts, with and without the gate (root)
	testdata/rolling/run

.PHONY: collection
collection: ## the collection churten.gate for ansible-playbook, in bin/collection
	@cmd/churten-module/build bin/collection

.PHONY: oracle
oracle: ## record the expressions, templates, filters and lookups of jinja from the reference again
	$(MAKE) --no-print-directory record RECORD=jinja

.PHONY: oracle-modules
oracle-modules: prepare build peers ## modules beside the reference's on two real hosts (root, hours); writes docs/modules-conformance.md
	modules/testdata/oracle $(MODULES)

.PHONY: oracle-leaks
oracle-leaks: prepare build peers ## secrets in tasks on a real host: its processes, disk and journal are searched (root)
	$(LAB) --name leaks up 1; trap '$(LAB) --name leaks down' EXIT; \
	$(CHURTEN_CACHE)/peers/bin/python3 modules/testdata/leaks.py -i "$$($(LAB) --name leaks inventory)" -b bin/churten

.PHONY: big
big: build peers ## files of 5 GiB copied, fetched, loaded, unpacked: memory stays flat (room for 10 GiB); BIG="-s 1 -d DIR"
	$(CHURTEN_CACHE)/peers/bin/python3 modules/testdata/big.py -b bin/churten $(BIG)

.PHONY: public
public: prepare build ## published playbooks (DebOps) run by both on a real host (root, half an hour); writes docs/public.md; PLAYBOOKS="core cron" for some
	testdata/public/run $(PLAYBOOKS)

.PHONY: python-collections
python-collections: prepare build ## modules of the ansible package run by both on two real hosts (root, hours); writes docs/python-modules.md
	testdata/python/collections/run $(COLLECTIONSFLAGS)

.PHONY: python-natives
python-natives: prepare build ## native modules beside the Python ones they stand for, both run by churten (root, hours); writes docs/python-natives.md; NATIVES="apt user" for some
	@testdata/python/collections/natives $(NATIVES)

.PHONY: python-providers
python-providers: build ## the site of Python plugins with ansible-core 2.14 to 2.19; PROVIDERS="2.14 2.16" for some
	testdata/python/plugins/providers $(PROVIDERS)

.PHONY: random-oracle
random-oracle: peers ## compare expressions made by chance with the reference; RANDOM_SEED=N for those of an earlier run
	RANDOM_EXPRESSIONS=2000 $(GO) test -count=1 -v -run '^TestRandom$$' ./jinja/expr

.PHONY: chance
chance: build peers ## playbooks made by chance run by both; SEED=N for those of an earlier run, N=100 for their number
	$(CHURTEN_CACHE)/peers/bin/python3 -B testdata/chance/chance.py --churten bin/churten $(if $(SEED),--seed $(SEED)) -n $(or $(N),100)

.PHONY: chance-modules
chance-modules: build peers ## calls of modules made by chance on two lab hosts (root, minutes); SEED=N, MODULES="copy user", N=calls of each
	N=$(or $(N),150) modules/testdata/chance/run $(or $(SEED),$$(date +%s)) $(MODULES)

.PHONY: clean
clean: ## remove what was built; caches stay
	rm -rf bin man
	rm -f $(AGENTS_DIR)/*.gz $(AGENTS_DIR)/*.xz

.PHONY: clean-cache
clean-cache: ## end the labs of the make targets and remove their caches too
	@for name in lab accept bench rolling; do if $(LAB) check > /dev/null 2>&1; then $(LAB) --name $$name down; fi; done
	rm -rf $(CHURTEN_CACHE)/lab $(CHURTEN_CACHE)/acceptance $(CHURTEN_CACHE)/peers $(CHURTEN_CACHE)/consul $(CHURTEN_CACHE)/bin
