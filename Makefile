# sluice: build, test, install. `make help` lists the targets.

PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC := cc
endif
BUILD ?= build
V ?= 0

VERSION := $(shell cat VERSION)

bindir := $(PREFIX)/bin
libexecdir := $(PREFIX)/libexec/sluice
datadir := $(PREFIX)/share/sluice
mandir := $(PREFIX)/share/man
unitdir := $(PREFIX)/lib/systemd/system

pkgs := libgit2 libdeflate libpcre2-8 libhs jansson gpgme libcrypto \
	libsodium sqlite3 libarchive
http_pkgs := libcurl jansson

warn := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wwrite-strings \
	-Wpointer-arith -Wcast-qual -Wswitch-enum -Wimplicit-fallthrough
ifeq ($(WERROR),1)
warn += -Werror
endif

OPT ?= -O2 -g
# The programs take these as archives and only the C library as a shared one:
# a push starts three programs, and loading, relocating and copying the pages of
# some twenty libraries took 10 ms of it (docs/design.md). LINK=shared, or a
# system without the archives, links everything shared; so do the tests.
front_archives := libjansson libcrypto libsodium libsqlite3 libdeflate libz
repo_archives := libgit2 libdeflate libpcre2-8 libhs libjansson libgpgme \
	libassuan libgpg-error libsqlite3 libmbedcrypto libcrypto libsodium \
	libz libstdc++
# Of libarchive this way only the formats that are asked for.
unpack_archives := libarchive libz libbz2 liblzma libzstd libnettle
archive_path = $(shell $(CC) -print-file-name=$(1).a)
lacking := $(strip $(foreach a,$(sort $(front_archives) $(repo_archives) \
	$(unpack_archives)),\
	$(if $(filter /%,$(call archive_path,$(a))),,$(a))))
ifneq ($(SANITIZE),1)
LINK ?= $(if $(lacking),shared,archives)
endif

harden := -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=3
hardenld := -pie -Wl,-z,relro -Wl,-z,now -Wl,--as-needed
ifeq ($(SANITIZE),1)
OPT := -O1 -g -fno-omit-frame-pointer
harden := -fsanitize=address,undefined -fno-sanitize-recover=all
hardenld := -fsanitize=address,undefined
wrap := -w scripts/leaks
endif

ifeq ($(FUZZ),1)
harden += -fsanitize=fuzzer-no-link
endif

CPPFLAGS += -D_GNU_SOURCE -Isrc -Itests -I$(BUILD)/gen \
	-DSLUICE_VERSION='"$(VERSION)"' -DSLUICE_BINDIR='"$(bindir)"' \
	-DSLUICE_LIBEXEC='"$(libexecdir)"'
ALL_CFLAGS = -std=c17 $(OPT) $(warn) $(harden) $(CFLAGS)

# Of p11-kit the header of PKCS#11 alone: a token's library is loaded when it is
# named.
pkg_cflags := $(shell pkg-config --cflags $(pkgs) p11-kit-1)
pkg_libs := $(shell pkg-config --libs $(pkgs)) -lm
ifeq ($(LINK),archives)
archived = -Wl,-Bstatic $(patsubst lib%,-l%,$(1)) -Wl,-Bdynamic -lm \
	-static-libgcc
front_libs := $(call archived,$(front_archives))
repo_libs := $(call archived,$(repo_archives))
unpack_libs := $(call archived,$(unpack_archives))
else
front_libs := $(pkg_libs)
repo_libs := $(pkg_libs)
unpack_libs := $(shell pkg-config --libs libarchive)
endif
http_libs := $(shell pkg-config --libs $(http_pkgs))

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-6s %s\n'
endif
ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
say = @:
endif

floors := base model parse port checks scan gather log gate deploy cmd
srcs := $(sort $(foreach f,$(floors),$(wildcard src/$(f)/*.c)))
gen_srcs := $(BUILD)/gen/builtin_pack.c
objs := $(srcs:%.c=$(BUILD)/%.o) $(gen_srcs:%.c=%.o)
http_srcs := $(sort $(wildcard src/http/*.c))
http_objs := $(http_srcs:%.c=$(BUILD)/%.o) \
	$(patsubst %.c,$(BUILD)/%.o,$(wildcard src/base/*.c)) \
	$(patsubst %,$(BUILD)/src/parse/%.o,keyline httprequest httpreply)
unpack_srcs := $(sort $(wildcard src/unpack/*.c))
unpack_objs := $(unpack_srcs:%.c=$(BUILD)/%.o) \
	$(patsubst %.c,$(BUILD)/%.o,$(wildcard src/base/*.c)) \
	$(patsubst %,$(BUILD)/src/parse/%.o,archivemagic unpackframe) \
	$(patsubst %,$(BUILD)/src/port/%.o,archive sandbox)

unit_srcs := $(sort $(wildcard tests/unit/*.c tests/unit/*/*.c))
check_srcs := $(sort $(wildcard tests/checks/*.c))
test_srcs := $(filter %.c,$(foreach s,$(unit_srcs) $(check_srcs),\
	$(if $(filter test_%,$(notdir $(s))),$(s))))
test_bins := $(test_srcs:%.c=$(BUILD)/%)
fuzz_srcs := $(sort $(wildcard tests/fuzz/fuzz_*.c))
fuzz_bins := $(fuzz_srcs:%.c=$(BUILD)/%)
bench_bins := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
support_objs := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/support/*.c)))

programs := $(BUILD)/sluice $(BUILD)/sluice-repo $(BUILD)/sluice-unpack
ifneq ($(http_srcs),)
programs += $(BUILD)/sluice-http
endif

.PHONY: all
all: $(programs)

# What was compiled with, but for -Werror: objects are built again when it
# changes (another PREFIX, CFLAGS or compiler).
flags_now := $(CC) $(filter-out -Werror,$(ALL_CFLAGS)) $(CPPFLAGS) $(hardenld) \
	$(LINK)
flags := $(BUILD)/flags
ifneq ($(file <$(flags)),$(flags_now))
$(shell mkdir -p $(BUILD))
$(file >$(flags),$(flags_now))
endif

# As an archive, so that each program gets what it refers to and no more: the
# front is loaded twice in every push and links only what the log needs, and a
# test is linked in a sixth of the time.
$(BUILD)/libsluice.a: $(objs)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/sluice: $(BUILD)/src/main.o $(BUILD)/libsluice.a
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(front_libs)

$(BUILD)/sluice-repo: $(BUILD)/src/main_repo.o $(BUILD)/libsluice.a \
		$(BUILD)/src/port/offline.o $(BUILD)/src/port/offline_tls.o
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(repo_libs)

$(BUILD)/sluice-http: $(http_objs)
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(http_libs)

$(BUILD)/sluice-unpack: $(unpack_objs)
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(unpack_libs)

# The built-in rule pack as C, so that no push has to parse it.
packc_objs := $(BUILD)/scripts/packc.o \
	$(patsubst %.c,$(BUILD)/%.o,$(wildcard src/base/*.c)) \
	$(patsubst %,$(BUILD)/src/parse/%.o,rulepack doc)
$(BUILD)/gen/packc: $(packc_objs)
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(pkg_libs)
$(BUILD)/gen/builtin_pack.c: policies/secrets/builtin.json $(BUILD)/gen/packc
	$(say) GEN $@
	$(Q)$(BUILD)/gen/packc $< "$$(sha256sum <$< | cut -c1-64)" >$@.tmp && \
	mv $@.tmp $@
$(BUILD)/gen/%.o: $(BUILD)/gen/%.c $(flags)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c Makefile VERSION $(flags)
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(CPPFLAGS) $(pkg_cflags) -MMD -MP -c -o $@ $<

.PRECIOUS: $(BUILD)/%.o

# The hooks that 'sluice install' writes, as C strings.
$(BUILD)/gen/deploy/hooktext.h: $(sort $(wildcard hooks/*)) Makefile
	$(say) GEN $@
	$(Q)mkdir -p $(@D)
	$(Q)for f in pre-receive post-receive pre-push; do \
		printf 'static const char hooks_%s[] =\n' "$$f" | tr - _; \
		sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' "hooks/$$f"; \
		echo ';'; \
	done >$@.tmp && mv $@.tmp $@
$(BUILD)/src/deploy/hookfile.o: $(BUILD)/gen/deploy/hooktext.h

# What 'sluice log export' puts beside an export, likewise.
$(BUILD)/gen/log/exporttext.h: src/log/export.txt Makefile
	$(say) GEN $@
	$(Q)mkdir -p $(@D)
	$(Q){ echo 'static const char *const export_text[] = {'; \
		sed 's/[\\"]/\\&/g; s/.*/"&\\n",/' $<; echo '};'; \
	} >$@.tmp && mv $@.tmp $@
$(BUILD)/src/log/export.o: $(BUILD)/gen/log/exporttext.h

# Tests: one program a file.
test_libs := $(BUILD)/tests/libsupport.a $(BUILD)/libsluice.a
$(BUILD)/tests/libsupport.a: $(support_objs)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(test_libs)
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(pkg_libs) -lcmocka
$(BUILD)/tests/checks/%: $(BUILD)/tests/checks/%.o $(test_libs)
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(pkg_libs) -lcmocka

$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(test_libs)
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(pkg_libs) -lcmocka

# Fuzz targets: with a driver that replays a corpus, so that any compiler does;
# with FUZZ=1 (clang) with libFuzzer's own.
ifeq ($(FUZZ),1)
$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/libsluice.a
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(pkg_libs)
else
$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o \
		$(BUILD)/tests/fuzz/replay.o $(BUILD)/libsluice.a
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(pkg_libs)
endif

.PHONY: tests
tests: $(test_bins) $(fuzz_bins) $(programs)

# Suites. scripts/tap counts the tests; each suite ends "N passed, N failed".
unit_bins := $(filter $(BUILD)/tests/unit/%,$(test_bins))
check_bins := $(filter $(BUILD)/tests/checks/%,$(test_bins))
# The longest first, or the last one runs alone: by size, but for one that is
# short and slow.
e2e_slow := tests/e2e/quickstart.bats
e2e_files := $(e2e_slow) \
	$(filter-out $(e2e_slow),$(shell ls -S tests/e2e/*.bats))

.PHONY: check check-unit check-checks check-corpus check-golden
check: check-unit check-checks check-corpus check-golden

# The built-in rules compiled, which takes a second and under ASan fifteen: for
# the tests that are not about compiling them, of whatever build.
export SLUICE_TEST_CACHE := $(CURDIR)/build/cache

check-unit: $(unit_bins) $(programs)
	@mkdir -p $(SLUICE_TEST_CACHE)
	@scripts/tap $(wrap) $(unit_bins)

check-checks: $(check_bins)
	@scripts/tap $(wrap) $(check_bins)

check-corpus: $(fuzz_bins)
	@mkdir -p $(SLUICE_TEST_CACHE)
	@scripts/tap -w scripts/replay $(fuzz_bins)

check-golden: $(programs)
	@SLUICE=$(abspath $(BUILD)/sluice) scripts/tap scripts/golden

.PHONY: e2e
e2e: $(programs)
	@SLUICE=$(abspath $(BUILD)/sluice) SLUICE_BUILD=$(BUILD) \
		scripts/tap -w 'bats --formatter tap' $(e2e_files)

.PHONY: asan
asan:
	@$(MAKE) BUILD=build/asan SANITIZE=1 check

# Every unit test under valgrind: leaks and uninitialised bytes.
VALGRIND := valgrind -q --error-exitcode=99 --leak-check=full \
	--suppressions=tests/support/valgrind.supp
.PHONY: valgrind
valgrind: $(test_bins) $(programs)
	@scripts/tap -w '$(VALGRIND)' $(test_bins)

# libFuzzer, FUZZ_TIME seconds a target; new inputs go to build/fuzz/corpus.
FUZZ_TIME ?= 60
.PHONY: fuzz
fuzz:
	@$(MAKE) BUILD=build/fuzz CC=clang FUZZ=1 SANITIZE=1 fuzz-run

.PHONY: fuzz-run
fuzz-run: $(fuzz_bins)
	@set -e; for f in $(fuzz_bins); do \
		name=$${f##*/fuzz_}; new=$(BUILD)/corpus/$$name; \
		mkdir -p "$$new"; echo "== $$name"; \
		"$$f" -max_total_time=$(FUZZ_TIME) -print_final_stats=1 \
			-artifact_prefix=$(BUILD)/crash-$$name- \
			"$$new" tests/fuzz/corpus/$$name; \
	done

# Slow readers of the source; what they say is for people to judge.
.PHONY: analyze
analyze:
	@$(MAKE) BUILD=build/analyze CC=gcc CFLAGS=-fanalyzer all
	@if command -v cppcheck >/dev/null; then \
		cppcheck --quiet --std=c11 --enable=warning,portability \
			--inline-suppr --library=posix -Isrc src; \
	else echo 'analyze: cppcheck is not installed, left out'; fi

.PHONY: lint
lint:
	@scripts/lint

.PHONY: bench
bench: $(programs) $(bench_bins)
	@SLUICE=$(abspath $(BUILD)/sluice) BENCH_BIN=$(abspath $(BUILD))/tests/bench \
		scripts/bench $(BENCH_REPO)

# Man pages carry their section as suffix.
man_pages := $(sort $(wildcard docs/man/*.[157]))
unit_files := $(sort $(wildcard contrib/systemd/*))
hook_files := $(sort $(wildcard hooks/*))
systemd_files := $(sort $(wildcard systemd/*))
policy_files := $(sort $(shell find policies -type f 2>/dev/null))

.PHONY: install
install: all
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(libexecdir)/hooks
	install -m 755 $(BUILD)/sluice $(DESTDIR)$(bindir)/sluice
	$(if $(http_srcs),install -m 755 $(BUILD)/sluice-http \
		$(DESTDIR)$(libexecdir)/sluice-http)
	install -m 755 $(BUILD)/sluice-repo $(DESTDIR)$(libexecdir)/sluice-repo
	install -m 755 $(BUILD)/sluice-unpack \
		$(DESTDIR)$(libexecdir)/sluice-unpack
	@set -e; for f in $(hook_files); do \
		to=$(DESTDIR)$(libexecdir)/hooks/$${f##*/}; \
		sed 's|@PROGRAM@|$(bindir)/sluice|; s| @OPTIONS@||; s|@CHAIN@||' \
			"$$f" >"$$to"; chmod 755 "$$to"; \
	done
	@set -e; install -d $(DESTDIR)$(unitdir); \
	for f in $(systemd_files); do \
		to=$(DESTDIR)$(unitdir)/$${f##*/}; \
		sed 's|@PROGRAM@|$(bindir)/sluice|' "$$f" >"$$to"; \
		chmod 644 "$$to"; \
	done
	@set -e; for f in $(policy_files); do \
		to=$(DESTDIR)$(datadir)/$$f; \
		install -d "$${to%/*}"; install -m 644 "$$f" "$$to"; \
	done
	install -d $(DESTDIR)$(datadir)/systemd
	@set -e; for f in $(unit_files); do \
		to=$(DESTDIR)$(datadir)/systemd/$${f##*/}; \
		sed 's|@PROGRAM@|$(bindir)/sluice|' "$$f" >"$$to"; \
		chmod 644 "$$to"; \
	done
	@set -e; for f in $(man_pages); do \
		to=$(DESTDIR)$(mandir)/man$${f##*.}; \
		install -d "$$to"; install -m 644 "$$f" "$$to"; \
	done

.PHONY: uninstall
uninstall:
	rm -f $(DESTDIR)$(bindir)/sluice
	rm -rf $(DESTDIR)$(libexecdir) $(DESTDIR)$(datadir)
	rm -f $(systemd_files:systemd/%=$(DESTDIR)$(unitdir)/%)
	@set -e; for f in $(man_pages); do \
		rm -f $(DESTDIR)$(mandir)/man$${f##*.}/$${f##*/}; \
	done

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: help
help:
	@echo 'make                 build/sluice and the programs it runs'
	@echo 'make check           unit tests, checks, corpora, golden files'
	@echo 'make e2e             real pushes through real hooks (bats)'
	@echo 'make asan            check under ASan and UBSan, in build/asan'
	@echo 'make valgrind        unit tests under valgrind'
	@echo 'make lint            floors, banned calls, headers, format, docs'
	@echo 'make fuzz            libFuzzer, FUZZ_TIME=60 seconds a target'
	@echo 'make analyze         gcc -fanalyzer, cppcheck'
	@echo 'make bench           times beside git; BENCH_REPO=PATH PEER=COMMAND'
	@echo 'make install         PREFIX=/usr/local DESTDIR='
	@echo 'make uninstall clean'
	@echo
	@echo 'variables: WERROR=1 SANITIZE=1 V=1 BUILD=dir CC= CFLAGS= LDFLAGS='

.PHONY: clean
clean:
	rm -rf build
