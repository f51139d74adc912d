# SPDX-License-Identifier: MIT
# preecho. `make` builds into build/; `make help` lists the targets; V=1 shows the commands.

PREFIX     ?= /usr/local
DESTDIR    ?=
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib/preecho
SHAREDIR   ?= $(PREFIX)/share/preecho
MANDIR     ?= $(PREFIX)/share/man
COMPDIR    ?= $(PREFIX)/share/bash-completion/completions
CC         ?= gcc
CFLAGS     ?= -O2 -g
LLHTTP     ?= /usr/share/llhttp
LLHTTP_INC ?= /usr/share/include/llhttp
DICT       ?= /usr/share/dict
B          := build

ifneq ($(V),1)
Q := @
say = @printf '  %-5s %s\n' $(1) $(2)
else
say =
endif

TEST_WARN := -Wall -Wextra -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes -Wundef \
             $(if $(WERROR),-Werror)
WARN  := $(TEST_WARN) -Wframe-larger-than=2048
BASE  := -std=c11 -D_GNU_SOURCE -iquote . -iquote shim -iquote shim/core -I$(LLHTTP_INC) -MMD -MP
SHARED := -fPIC -fvisibility=hidden -fno-common

# The stub lives in every process: nothing in it may need a symbol that a libc-less program lacks.
GCC   := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),,yes)
STUB_FLAGS := $(BASE) $(WARN) $(CFLAGS) $(SHARED) -ffreestanding -fno-builtin -fno-plt \
              -fno-stack-protector -U_FORTIFY_SOURCE -fno-optimize-sibling-calls \
              -fasynchronous-unwind-tables $(if $(GCC),-fno-tree-loop-distribute-patterns) \
              $(if $(findstring aarch64,$(shell $(CC) -dumpmachine)),-mno-outline-atomics)
# Two mappings and no RELRO: each further one is a system call and a page fault in every process.
# What RELRO would protect is little: the pointers that the stub finds must stay writable.
STUB_LINK  := -shared -nostdlib -Wl,--version-script=shim/preload/preload.map \
              -Wl,-z,now -Wl,-z,norelro -Wl,-z,nodelete -Wl,-z,noseparate-code \
              -Wl,--hash-style=gnu -Wl,-Bsymbolic
CORE_FLAGS := $(BASE) $(WARN) $(CFLAGS) $(SHARED) -fstack-protector-strong
CORE_LINK  := -shared -Wl,-z,defs -Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete -Wl,-Bsymbolic \
              -Wl,-z,noseparate-code -Wl,--exclude-libs,ALL -Wl,--as-needed -pthread
# Copies of our own: the host's, of whatever version, never meet them (inih has settings in
# variables), and a short process opens one file instead of five.
CORE_LIBS  := -l:libinih.a -l:libsodium.a -l:libzstd.a -l:libz.a -l:libbrotlidec.a \
              -l:libbrotlicommon.a -l:libutf8proc.a -ldl
# ncurses is a part of the command, so that its helpers load no library that they do not use.
TOOL_LIBS  := $(CORE_LIBS) -llmdb -ljansson -l:libncursesw.a -l:libtinfo.a

STORE_SRC := $(wildcard store/*.c)
API_SRC   := $(wildcard shim/core/api/*.c)
# What writes LMDB or sums up all of it runs in the command only, never in a host.
TOOL_STORE := $(patsubst %,store/%.c,batch_erase calendar canaries card certify check detail each evict evicted filing fold \
              forget history journal_reader lessons ledger ledger_age ledger_page merge period price \
              price_table purge records removal reset reviews rows rows_change rows_filing rows_plan shares sums tally uses victims writer)
# Likewise what waits for an embedding model.
TOOL_CORE  := $(patsubst %,shim/core/%.c,embedder_ask embedder_message)
CORE_SRC  := $(filter-out $(TOOL_CORE),$(wildcard shim/core/*.c)) $(API_SRC) \
             $(filter-out $(TOOL_STORE),$(STORE_SRC))
STUB_SRC  := $(wildcard shim/preload/*.c) $(wildcard shim/preload/*.S)
TOOL_SRC  := $(wildcard tools/*.c) $(API_SRC) $(STORE_SRC) \
             $(wildcard shim/core/config*.c) $(TOOL_CORE) \
             $(patsubst %,shim/core/%.c,embedder_address host_list http http_body http_target ignoring keys \
               field lifetime nearest paraphrase pattern policy setting tag_rule trust)
UNIT_SRC  := $(wildcard tests/unit/test_*.c)
BENCH_SRC := $(wildcard tests/bench/*.c)
FUZZ_SRC  := $(wildcard tests/fuzz/fuzz_*.c)
OWN_C     := $(shell find shim store tools tests -name '*.[ch]' 2>/dev/null)

LLHTTP_OBJ := $(patsubst %,$(B)/obj/llhttp/%.o,api http llhttp)
STUB_OBJ   := $(patsubst %,$(B)/obj/%.o,$(basename $(STUB_SRC)))
CORE_OBJ   := $(CORE_SRC:%.c=$(B)/obj/%.o) $(LLHTTP_OBJ)
TOOL_OBJ   := $(TOOL_SRC:%.c=$(B)/obj/%.o) $(LLHTTP_OBJ)
PART_OBJ   := $(filter-out $(B)/obj/shim/core/entry.o,$(CORE_OBJ)) $(TOOL_STORE:%.c=$(B)/obj/%.o) \
             $(TOOL_CORE:%.c=$(B)/obj/%.o)
UNIT_BIN   := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
BENCH_BIN  := $(BENCH_SRC:tests/bench/%.c=$(B)/bench/%)
FUZZ_BIN   := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)

all: $(B)/libpreecho.so $(B)/libpreecho-core.so $(B)/preecho $(B)/man/.done ## build everything

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

$(B)/libpreecho.so: $(STUB_OBJ) shim/preload/preload.map
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(STUB_LINK) -o $@ $(STUB_OBJ)

$(B)/libpreecho-core.so: $(CORE_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(CORE_LINK) -o $@ $(CORE_OBJ) $(CORE_LIBS)

$(B)/preecho: $(TOOL_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -pie -Wl,-z,now -Wl,-z,relro -Wl,--as-needed -pthread -o $@ $(TOOL_OBJ) $(TOOL_LIBS)

$(B)/obj/shim/preload/%.o: shim/preload/%.c | headers
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(STUB_FLAGS) -c -o $@ $<

$(B)/obj/shim/preload/%.o: shim/preload/%.S
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -iquote . -iquote shim -MMD -MP $(CFLAGS) -c -o $@ $<

$(B)/obj/llhttp/%.o: $(LLHTTP)/%.c | headers
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -I$(LLHTTP_INC) -MMD -MP $(CFLAGS) $(SHARED) -c -o $@ $<

$(B)/obj/store/price_table.o $(B)/fuzz/obj/store/price_table.o: store/prices.tsv
$(B)/obj/tools/report_page.o $(B)/fuzz/obj/tools/report_page.o: tools/report.css

$(B)/obj/shim/core/api/english.o $(B)/fuzz/obj/shim/core/api/english.o: $(B)/english.filter
$(B)/obj/shim/core/api/english.o: CORE_FLAGS += -Wa,-I$(B)
$(B)/fuzz/obj/shim/core/api/english.o: FUZZ_FLAGS += -Wa,-I$(B)

ENGLISH := $(DICT)/american-english-large $(DICT)/british-english-large

$(B)/english.filter: shim/core/api/english/make_filter.c shim/core/api/english.h | headers
	$(call say,WORDS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -iquote . $(WARN) -O2 -o $(B)/make_filter $<
	$(Q)$(B)/make_filter $(ENGLISH) >$@.new
	$(Q)mv $@.new $@

$(B)/obj/%.o: %.c | headers
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CORE_FLAGS) -c -o $@ $<

# A missing library is told by its package, not by a compiler's error.
headers:
	@for header in $(LLHTTP_INC)/llhttp.h /usr/include/lmdb.h /usr/include/sodium.h /usr/include/zstd.h \
	    /usr/include/brotli/decode.h /usr/include/ini.h /usr/include/uthash.h /usr/include/curses.h \
	    /usr/include/openssl/ssl.h /usr/include/microhttpd.h /usr/include/utf8proc.h $(ENGLISH); do \
	    [ -e $$header ] || { echo "preecho: $$header is missing; run 'make setup' first" >&2; exit 69; }; \
	done

$(B)/man/.done: $(wildcard tools/man/*) tools/commands.def tools/version.h shim/core/settings.def
	$(call say,MAN,$(B)/man)
	$(Q)tools/man/build $(B)/man
	$(Q)touch $@

# -- tests -------------------------------------------------------------------------------------

$(B)/unit/%: tests/unit/%.c $(PART_OBJ) $(filter-out $(B)/obj/tools/main.o,$(filter $(B)/obj/tools/%,$(TOOL_OBJ)))
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(TEST_WARN) $(CFLAGS) -pthread -o $@ $< $(filter %.o,$^) $(TOOL_LIBS)

# It starts helpers.
$(B)/unit/test_exchange_near: | $(B)/preecho

$(B)/bench/%: tests/bench/%.c $(PART_OBJ)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(TEST_WARN) $(CFLAGS) -pthread -o $@ $< $(PART_OBJ) $(TOOL_LIBS) -lssl -lcrypto $(BENCH_LIBS)

# What vectors are compared with.
$(B)/bench/bench_embedding: BENCH_LIBS := -lhiredis -lsqlite3

unit: $(UNIT_BIN) ## build the unit tests

test: ## install what is missing, build, run all tests
	@tests/packages test
	@$(MAKE) --no-print-directory -j2 all unit
	@tests/run

check-hosts: ## run CPython's own network tests with and without preecho and compare (15 min)
	@tests/packages hosts
	@$(MAKE) --no-print-directory -j2 all
	@tests/hosts/run

demo: ## install what is missing, build, show what preecho does
	@tests/packages demo
	@$(MAKE) --no-print-directory -j2 all
	@$(B)/preecho demo

setup: ## install the packages that building needs
	@tests/packages build

bench: ## measure the costs and print ratios
	@tests/packages bench
	@$(MAKE) --no-print-directory -j2 all bench-programs
	@tests/bench/run

bench-programs: $(BENCH_BIN)

screenshots: ## write pictures of report and terminal into build/screenshots (1 min)
	@tests/packages test
	@$(MAKE) --no-print-directory -j2 all
	@tests/screenshots/run $(B)/screenshots

FUZZ_SECONDS ?= 30
FUZZ_FLAGS := $(BASE) -g -O1 -fsanitize=fuzzer-no-link,address,undefined -pthread
FUZZ_OBJ   := $(patsubst %.c,$(B)/fuzz/obj/%.o,$(filter-out shim/core/entry.c,$(CORE_SRC)) $(TOOL_STORE) $(TOOL_CORE) \
              $(filter-out tools/main.c,$(wildcard tools/*.c))) \
              $(patsubst %,$(B)/fuzz/obj/llhttp/%.o,api http llhttp)

fuzz: ## run each fuzz target for FUZZ_SECONDS
	@tests/packages lint
	@$(MAKE) --no-print-directory -j2 $(FUZZ_BIN)
	@for target in $(FUZZ_BIN); do \
	    echo "fuzz: $${target##*/}"; mkdir -p $$target.corpus; \
	    $$target -max_total_time=$(FUZZ_SECONDS) -verbosity=0 $$target.corpus 2>$$target.log || \
	        { cat $$target.log; exit 1; }; \
	done

$(B)/fuzz/obj/llhttp/%.o: $(LLHTTP)/%.c
	$(Q)mkdir -p $(@D)
	$(Q)clang $(FUZZ_FLAGS) -c -o $@ $<

$(B)/fuzz/obj/%.o: %.c
	$(call say,FUZZ,$<)
	$(Q)mkdir -p $(@D)
	$(Q)clang $(FUZZ_FLAGS) -c -o $@ $<

.SECONDARY: $(FUZZ_OBJ)
$(B)/fuzz/%: tests/fuzz/%.c $(FUZZ_OBJ)
	$(call say,LD,$@)
	$(Q)clang $(BASE) -g -O1 -fsanitize=fuzzer,address,undefined -pthread -o $@ $< $(FUZZ_OBJ) $(TOOL_LIBS)

# -- tidiness ----------------------------------------------------------------------------------

TIDY_FLAGS = -std=c11 -D_GNU_SOURCE -iquote . -iquote shim -iquote shim/core -I$(LLHTTP_INC)

SCRIPTS = $(shell git ls-files 2>/dev/null | xargs grep -lE '^\#!/bin/(ba)?sh' 2>/dev/null)

lint: ## check format, code and structure
	@tests/packages lint
	@$(MAKE) --no-print-directory -j2 $(B)/libpreecho.so
	@clang-format --dry-run -Werror $(OWN_C)
	@tests/lint/arrows
	@tests/lint/stub-symbols $(B)/libpreecho.so
	@shellcheck -S warning $(SCRIPTS)
	@cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
	    --inline-suppr --suppressions-list=tests/lint/cppcheck.txt -D_GNU_SOURCE -I. -Ishim -Ishim/core \
	    -j2 shim store tools
	@printf '%s\n' $(sort $(CORE_SRC) $(TOOL_SRC)) | xargs -P2 -n1 sh -c \
	    'clang-tidy --quiet --warnings-as-errors="*" "$$1" -- $(TIDY_FLAGS) 2>/dev/null' sh
	@echo "lint: clean"

format: ## reformat the C sources
	@clang-format -i $(OWN_C)

clean: ## remove everything that was built
	rm -rf $(B)

# -- installation ------------------------------------------------------------------------------

install: all ## install below $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR) $(DESTDIR)$(MANDIR)/man1 \
	    $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(COMPDIR)
	install -m 755 $(B)/preecho $(DESTDIR)$(BINDIR)/preecho
	install -m 755 $(B)/libpreecho.so $(B)/libpreecho-core.so $(DESTDIR)$(LIBDIR)/
	install -m 644 $(B)/man/*.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 $(B)/man/*.5 $(DESTDIR)$(MANDIR)/man5/
	install -m 644 tools/completion.bash $(DESTDIR)$(COMPDIR)/preecho
	install -d $(DESTDIR)$(SHAREDIR)/upstream
	install -m 644 store/prices.tsv $(DESTDIR)$(SHAREDIR)/
	install -m 644 tests/upstream/*.py tests/upstream/ca.sh $(DESTDIR)$(SHAREDIR)/upstream/

uninstall: ## remove what install has put there
	rm -f $(DESTDIR)$(BINDIR)/preecho $(DESTDIR)$(LIBDIR)/libpreecho.so \
	    $(DESTDIR)$(LIBDIR)/libpreecho-core.so $(DESTDIR)$(COMPDIR)/preecho \
	    $(DESTDIR)$(MANDIR)/man1/preecho.1 $(DESTDIR)$(MANDIR)/man1/preecho-*.1 \
	    $(DESTDIR)$(MANDIR)/man5/preecho-*.5 $(DESTDIR)$(MANDIR)/man5/preecho.conf.5
	rm -rf $(DESTDIR)$(SHAREDIR)
	-rmdir $(DESTDIR)$(LIBDIR)

.PHONY: all help headers unit test check-hosts demo setup bench bench-programs screenshots fuzz lint format clean install uninstall
.DELETE_ON_ERROR:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
