# The commands of SlapOS for Java. `make` alone says what there is.
.DEFAULT_GOAL := help
.PHONY: help packages build install demo demo-stop test fuzz interop format bench supervise-many crash simulate node-checklist master-checklist

# Of one long test: what it prints, as it goes.
SHOWN = -Dsurefire.failIfNoSpecifiedTests=false -Dmaven.test.redirectTestOutputToFile=false -Dslapos.log=warn

MVN = JAVA_HOME="$$(bin/java-home)" mvn --batch-mode

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

packages: ## install the missing system packages (root), or say which are missing
	@bin/system-packages

build: packages ## compile, check and assemble the programs, without tests
	@bin/build

install: build ## put the programs in /opt/slapos, and the command on the PATH (root; PREFIX=...)
	@bin/install $(or $(PREFIX),/opt/slapos)

demo: build ## a cloud on this machine, with an application built from source and served
	@bin/slapos demo start

demo-stop: ## end it and undo everything it made
	@bin/slapos demo stop

test: packages ## all tests (as root: the system tests too)
	@bin/run-tests

node-checklist: ## which lines of docs/checklists/node.md the last test run answered (ARGS=--all: and by what)
	@"$$(bin/java-home)/bin/java" world/src/test/java/org/slapos/world/checklist/Checklist.java node $(ARGS)

master-checklist: ## as node-checklist, of docs/checklists/master.md
	@"$$(bin/java-home)/bin/java" world/src/test/java/org/slapos/world/checklist/Checklist.java master $(ARGS)

interop: packages ## client and node play one scenario against our Master and proxy, or MASTER_URL=... (see README.md)
	@bin/run-tests --projects world --also-make -Dtest=InteropTest -Dsurefire.failIfNoSpecifiedTests=false

bench: packages ## figures beside a baseline of the same minute; by root also passes of the node over 300 partitions (half an hour)
	@bin/build dist,bench
	@"$$(bin/java-home)/bin/java" -cp 'bench/target/classes:bench/target/lib/*' org.slapos.bench.Bench dist/target/slapos bench/results
	@bench/node-passes "$$(bin/java-home)/bin/java" dist/target/slapos bench/results cold 100 300 idle

simulate: packages ## 1000 clouds from seeds: lossy links, Masters and nodes that die at every step (SEED=n plays one again; FIRST, SEEDS, EVENTS)
	@bin/run-tests --projects master --also-make -Dtest=SimulationTest $(SHOWN) \
		-Dslapos.simulate.seeds=$(or $(SEEDS),1000) -Dslapos.simulate.events=$(or $(EVENTS),100) \
		$(if $(FIRST),-Dslapos.simulate.first=$(FIRST)) $(if $(SEED),-Dslapos.simulate.seed=$(SEED))

crash: packages ## kill -9 the agent at 200 random moments over 20 partitions (root; SEED=N, KILLS=N)
	@bin/run-tests --projects node --also-make -Dtest=CrashTest $(SHOWN) \
		-Dslapos.crash.kills=$(or $(KILLS),200) $(if $(SEED),-Dslapos.crash.seed=$(SEED))

supervise-many: packages ## 500 partitions of three services under supervisord: what each costs it (root; two minutes)
	@bin/build dist,bench
	@"$$(bin/java-home)/bin/java" -cp 'bench/target/classes:bench/target/lib/*' org.slapos.bench.SuperviseMany dist/target/slapos

fuzz: ## search a minute for input that breaks each parser (fifteen minutes)
	@$(MVN) --quiet -pl protocol test -Dtest=ParserFuzzTest -Dslapos.fuzz.seconds=60

format: ## format the code
	@$(MVN) --quiet spotless:apply
