# sluice: build, test, install. `make help` lists the targets.

PREFIX ?= /usr/local
DESTDIR ?=
CC ?= cc
BUILD ?= build
V ?= 0

VERSION := $(shell cat VERSION)

bindir := $(PREFIX)/bin
libexecdir := $(PREFIX)/libexec/sluice
datadir := $(PREFIX)/share/sluice
mandir := $(PREFIX)/share/man

pkgs := libgit2 libpcre2-8 libhs jansson gpgme libcrypto sqlite3
http_pkgs := libcurl jansson

warn := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wwrite-strings \
	-Wpointer-arith -Wcast-qual -Wswitch-enum -Wimplicit-fallthrough
ifeq ($(WERROR),1)
warn += -Werror
endif

OPT ?= -O2 -g
harden := -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=3
hardenld := -pie -Wl,-z,relro -Wl,-z,now -Wl,--as-needed
ifeq ($(SANITIZE),1)
OPT := -O1 -g -fno-omit-frame-pointer
harden := -fsanitize=address,undefined -fno-sanitize-recover=all
hardenld := -fsanitize=address,undefined
endif

CPPFLAGS += -D_GNU_SOURCE -Isrc -I$(BUILD)/gen \
	-DSLUICE_VERSION='"$(VERSION)"' -DSLUICE_LIBEXEC='"$(libexecdir)"'
ALL_CFLAGS = -std=c17 $(OPT) $(warn) $(harden) $(CFLAGS)

pkg_cflags := $(shell pkg-config --cflags $(pkgs))
pkg_libs := $(shell pkg-config --libs $(pkgs))
http_libs := $(shell pkg-config --libs $(http_pkgs))

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-6s %s\n'
endif

floors := base model parse port checks scan gather log gate deploy cmd
srcs := $(sort $(foreach f,$(floors),$(wildcard src/$(f)/*.c)))
gen_srcs :=
objs := $(srcs:%.c=$(BUILD)/%.o) $(gen_srcs:%.c=%.o)
http_srcs := $(sort $(wildcard src/http/*.c))
http_objs := $(http_srcs:%.c=$(BUILD)/%.o) \
	$(patsubst %.c,$(BUILD)/%.o,$(wildcard src/base/*.c))

unit_srcs := $(sort $(wildcard tests/unit/*.c tests/unit/*/*.c))
check_srcs := $(sort $(wildcard tests/checks/*.c))
test_srcs := $(filter %.c,$(foreach s,$(unit_srcs) $(check_srcs),\
	$(if $(filter test_%,$(notdir $(s))),$(s))))
test_bins := $(test_srcs:%.c=$(BUILD)/%)
fuzz_srcs := $(sort $(wildcard tests/fuzz/fuzz_*.c))
fuzz_bins := $(fuzz_srcs:%.c=$(BUILD)/%)
support_objs := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/support/*.c)))

programs := $(BUILD)/sluice
ifneq ($(http_srcs),)
programs += $(BUILD)/sluice-http
endif

.PHONY: all
all: $(programs)

$(BUILD)/sluice: $(BUILD)/src/main.o $(objs)
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(pkg_libs)

$(BUILD)/sluice-http: $(http_objs)
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(http_libs)

$(BUILD)/%.o: %.c Makefile VERSION
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(CPPFLAGS) $(pkg_cflags) -MMD -MP -c -o $@ $<

# Tests: one program a file, linked with everything but main.
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(objs) $(support_objs)
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(pkg_libs) -lcmocka
$(BUILD)/tests/checks/%: $(BUILD)/tests/checks/%.o $(objs) $(support_objs)
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(pkg_libs) -lcmocka

# Fuzz targets; here with a driver that replays a corpus, so gcc builds them.
$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o \
		$(BUILD)/tests/fuzz/replay.o $(objs)
	$(say) LINK $@
	$(Q)$(CC) $(hardenld) $(LDFLAGS) -o $@ $^ $(pkg_libs)

.PHONY: tests
tests: $(test_bins) $(fuzz_bins) $(programs)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: clean
clean:
	rm -rf build
