# crm_fdw: reads CRM APIs as PostgreSQL tables.
#
#   make && sudo make install     build and install for the pg_config in PATH
#   make PG_CONFIG=/path/...      the same for another PostgreSQL (15 or newer)
#   make WERROR=1                 warnings are errors
#   make demo, make check         self-contained: see scripts/demo, scripts/check
#   make unit, make fuzz          C tests without a server (FUZZ_SECONDS=60)
#   make docs                     rewrites what is generated from the catalogue
#   make test-style               layout, layers, formatting, warnings
#   make bench                    times, against curl; see test/bench
#   make bench-refresh            requests that refreshes take in a day
#   make installcheck, make prove against an installed extension; installcheck
#                                 also needs a running sandbox, see test/sandbox

# Directory of this file, with its slash; differs from "./" out of tree.
here := $(dir $(lastword $(MAKEFILE_LIST)))

# These set up everything themselves, PostgreSQL included, so they must work
# where there is no pg_config yet.
script_goals := demo check matrix

ifneq ($(filter $(script_goals),$(MAKECMDGOALS)),)

.PHONY: $(script_goals)
$(script_goals):
	$(here)scripts/$@

else

EXTENSION  = crm_fdw
MODULE_big = crm_fdw
PGFILEDESC = "crm_fdw - foreign data wrapper for CRM APIs"

DATA = $(notdir $(wildcard $(here)crm_fdw--*.sql))

sources := $(sort $(wildcard $(here)src/*.c $(here)src/*/*.c))
OBJS    := $(patsubst $(here)%.c,%.o,$(sources))

REGRESS      := $(sort $(basename $(notdir $(wildcard $(here)sql/*.sql))))
REGRESS_PREP := sandbox-is-up

PKG_CONFIG  ?= pkg-config
SHLIB_LINK  := $(shell $(PKG_CONFIG) --libs libcurl libutf8proc) -lcjson
PG_CPPFLAGS := -I$(here)src $(shell $(PKG_CONFIG) --cflags libcurl libutf8proc)

# Callbacks must take arguments they do not need, and PostgreSQL's own macros
# compare int with Size.
warnings = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers

# PostgreSQL hands down flags that only gcc knows.
ifneq (,$(findstring clang,$(CC)))
warnings += -Wno-unknown-warning-option -Wno-ignored-optimization-argument \
	-Wno-ignored-attributes
endif

ifdef WERROR
warnings += -Werror
endif

# Headers are dependencies too; the lists are written beside the objects.
PG_CFLAGS   = $(warnings) -MMD -MP
EXTRA_CLEAN = $(OBJS:.o=.d)

PG_CONFIG ?= pg_config
PGXS      := $(shell $(PG_CONFIG) --pgxs)
ifeq (,$(wildcard $(PGXS)))
$(error $(PG_CONFIG) --pgxs names no file: install the server's development package (scripts/setup does) or set PG_CONFIG)
endif

# Bitcode for the JIT is built only with the very clang and LLVM PostgreSQL was
# built with; a machine without them gets the extension without bitcode.
pg_global := $(dir $(PGXS))../Makefile.global
pg_clang  := $(shell sed -n 's/^CLANG *= *//p' $(pg_global))
pg_llvm   := $(shell sed -n 's/^LLVM_BINPATH *= *//p' $(pg_global))
ifeq (,$(and $(pg_clang),$(shell command -v $(pg_clang)),$(wildcard $(pg_llvm)/llvm-lto)))
override with_llvm := no
endif

include $(PGXS)

-include $(OBJS:.o=.d)

# Out of tree the folders of src/ do not exist yet.
ifneq ($(here),./)
$(shell mkdir -p $(sort $(dir $(OBJS))))
endif

# Bitcode has no dependency list of its own.
$(OBJS:.o=.bc): %.bc: %.o

# TAP tests stand in test/t, beside the module they share.
PROVE_TESTS ?= test/t/*.pl
override PG_PROVE_FLAGS += -I $(srcdir)/test/t

FUZZ_SECONDS ?= 60

.PHONY: unit fuzz bench bench-refresh prove docs test-style show-flags sandbox-is-up

sandbox-is-up:
	@test -n "$$CRM_SANDBOX_URL" || { \
		echo "CRM_SANDBOX_URL is not set: start test/sandbox/sandbox.py, or run scripts/check"; \
		exit 1; }

unit:
	$(MAKE) -C $(here)test/unit check PG_CONFIG='$(PG_CONFIG)'

# Generated from the catalogue; the unit tests compare.
docs:
	$(MAKE) -C $(here)test/unit docs PG_CONFIG='$(PG_CONFIG)'

fuzz:
	$(MAKE) -C $(here)test/fuzz check CLANG=clang PG_CONFIG='$(PG_CONFIG)' FUZZ_SECONDS=$(FUZZ_SECONDS)

prove:
	$(prove_installcheck)

bench:
	/usr/bin/python3 $(here)test/bench/bench.py $(BENCH_FLAGS)

bench-refresh:
	/usr/bin/python3 $(here)test/bench/refresh_cost.py $(BENCH_FLAGS)

test-style:
	/usr/bin/python3 $(here)test/check/style.py --pg-config '$(PG_CONFIG)'

# The compiler and its flags, for tools that compile single files.
show-flags:
	@echo $(CC) $(CPPFLAGS) $(filter-out -MMD -MP,$(CFLAGS)) $(CFLAGS_SL)

endif
