#!/usr/bin/env bats
# A lint that never says no is worth nothing: each is shown what it must refuse
# in a small tree of its own, and the same tree mended.

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$BATS_TEST_TMPDIR"
	mkdir -p scripts src/base src/model src/checks src/port src/gate \
		src/parse docs/man tests/checks hooks .ci
	cp "$top"/scripts/lint* scripts/
	cp "$top/.clang-format" .
	git init -q .
	printf '#ifndef BASE_A_H\n#define BASE_A_H\n\nint a(void);\n\n#endif\n' \
		>src/base/a.h
}

# refuses LINT TEXT: status 1 or more, and the output has the text.
refuses() {
	run "scripts/lint-$1"
	[ "$status" -ne 0 ] || {
		echo "lint-$1 accepted it"
		return 1
	}
	[[ $output == *"$2"* ]] || {
		echo "$output"
		return 1
	}
}

@test "floors: an include that climbs" {
	scripts/lint-floors
	echo '#include "port/x.h"' >src/model/m.c
	refuses floors 'src/model/m.c:1: src/model may not include "port/x.h"'
}

@test "floors: a check that looks at the world or at another check" {
	printf '#include "gather/g.h"\n#include "checks/b.h"\n' >src/checks/a.c
	refuses floors 'src/checks/a.c:1:'
	refuses floors 'src/checks/a.c:2:'
	echo '#include "checks/check.h"' >src/checks/a.c
	scripts/lint-floors
}

@test "floors: the gate does not reach past gather" {
	echo '#include "port/repo.h"' >src/gate/g.c
	refuses floors 'src/gate/g.c:1:'
}

@test "floors: libraries stay in their file" {
	printf '#include <git2.h>\n#include <gpgme.h>\n' >src/port/p.c
	refuses floors 'src/port/p.c:2: a second library'
	rm src/port/p.c
	echo '#include <jansson.h>' >src/port/p.c
	refuses floors 'Jansson outside'
	rm src/port/p.c
	echo '#include <curl/curl.h>' >src/port/p.c
	refuses floors 'libcurl outside'
	rm src/port/p.c
	echo '#include <sqlite3.h>' >src/gate/p.c
	refuses floors 'SQLite outside'
}

@test "floors: no library in a header" {
	echo '#include <git2.h>' >src/port/p.h
	refuses floors 'src/port/p.h:1: libgit2 in a header'
	echo 'int p(git_repository *r);' >src/port/p.h
	refuses floors 'src/port/p.h:1: a library type in a header'
}

@test "floors: a folder without a floor" {
	mkdir src/attic
	echo 'int x;' >src/attic/x.c
	refuses floors 'no floor'
}

@test "banned: calls, but not their names in text" {
	printf 'int a(void)\n{\n\treturn "strcpy(x)"[0]; /* gets(x) */\n}\n' \
		>src/base/a.c
	scripts/lint-banned
	for f in strcpy sprintf system strtok atoi alloca; do
		printf 'int a(void)\n{\n\treturn %s (x);\n}\n' "$f" >src/base/a.c
		refuses banned "src/base/a.c:3:"
	done
}

@test "banned: typedef of a struct, line comments" {
	echo 'typedef struct x y;' >src/base/a.c
	refuses banned 'typedef'
	echo 'int x; // why' >src/base/a.c
	refuses banned '// comment'
}

@test "headers: each compiles alone, with the guard of its path" {
	scripts/lint-headers
	sed -i 's/int a/size_t a/' src/base/a.h
	refuses headers "unknown type name"
	sed -i 's/size_t a/int a/; s/BASE_A_H/OTHER_H/' src/base/a.h
	refuses headers 'src/base/a.h:1: the guard is not BASE_A_H'
}

@test "format: what clang-format would change" {
	scripts/lint-format
	echo 'int   x ;' >src/base/x.c
	refuses format 'src/base/x.c:1'
}

findings() {
	cat >src/model/finding.c <<-END
		static const struct finding_def table[] = {
			{FINDING_REF_DELETE, "ref.delete", SEVERITY_BLOCK, "a", "b"},
		};
	END
	printf '.Ss ref.delete\nDefault: block.\n' \
		>docs/man/sluice-findings.7
	echo 'FINDING_REF_DELETE' >tests/checks/test_ref.c
}

@test "findings: table, manual and tests agree" {
	findings
	scripts/lint-findings
	rm tests/checks/test_ref.c
	refuses findings 'src/model/finding.c:2: no test names ref.delete'
	findings
	printf '.Ss ref.delete\nDefault: warn.\n' \
		>docs/man/sluice-findings.7
	refuses findings "is 'block' here, 'warn' in"
	findings
	echo '.Ss ref.other' >>docs/man/sluice-findings.7
	refuses findings 'sluice-findings.7:3: ref.other is not in'
	findings
	: >docs/man/sluice-findings.7
	refuses findings 'has no section'
}

@test "man: every page is there and clean" {
	for page in sluice.1 sluice-policy.5 sluice-log.5 sluice-findings.7; do
		cp "$top/docs/man/$page" docs/man/
	done
	scripts/lint-man
	echo '.Xx nonsense' >>docs/man/sluice.1
	refuses man 'sluice.1'
	rm docs/man/sluice.1
	refuses man 'docs/man/sluice.1: missing'
}

@test "shell: every script, whatever its name" {
	scripts/lint-shell
	# shellcheck disable=SC2016
	printf '#!/bin/sh\necho $1\n' >hooks/pre-receive
	refuses shell 'SC2086'
}

@test "words: unfinished work, machine paths, registries, long lines" {
	scripts/lint-words
	printf '/* %s: later */\n' "TO""DO" >src/base/x.c
	refuses words 'src/base/x.c:1'
	printf '/* %s */\n' "/wo""rk/x" >src/base/x.c
	refuses words 'a path of one machine'
	printf '/* https://%s/x */\n' "cra""tes.io" >src/base/x.c
	refuses words 'a package registry'
	printf '/* %080d */\n' 0 >src/base/x.c
	refuses words 'src/base/x.c:1'
}

@test "files: memory dumps, and what else is no source" {
	mkdir -p tests/fuzz/corpus/a
	printf 'a\0b' >tests/fuzz/corpus/a/x
	: >empty
	scripts/lint-files
	printf 'a\0b' >'a dump'
	refuses files 'a dump: no text'
	git add 'a dump'
	refuses files 'a dump: no text'
	git rm -q --cached 'a dump'
	rm 'a dump'
	scripts/lint-files
	yes | head -c 1000001 >long
	refuses files 'long: 1000001 bytes'
}

# tallies STATUS LAST-LINE PROGRAM...
tallies() {
	local want=$1 last=$2
	shift 2
	run scripts/tap "$@"
	echo "$output"
	[ "$status" -eq "$want" ] || return 1
	[ "${lines[-1]}" = "$last" ]
}

@test "scripts/tap: what was planned and not reported failed" {
	cp "$top/scripts/tap" scripts/
	printf '#!/bin/sh\necho 1..2\necho ok 1 - a\n' >short
	printf '#!/bin/sh\necho 1..1\necho ok 1 - a\nexit 3\n' >late
	printf '#!/bin/sh\nexit 0\n' >silent
	printf '#!/bin/sh\necho 1..1\necho ok 1 - a\n' >good
	printf '#!/bin/sh\necho 1..1\necho "ok 1 - a # skip no"\n' >skips
	chmod +x short late silent good skips
	tallies 0 '1 passed, 0 failed' ./good
	tallies 1 '2 passed, 1 failed' ./short ./good
	tallies 1 '1 passed, 1 failed' ./late
	tallies 1 '0 passed, 1 failed' ./silent
	tallies 1 '0 passed, 1 failed' ./missing
	tallies 1 '0 passed, 0 failed' ./skips
	export TAP_JOBS=3
	tallies 1 '3 passed, 2 failed' ./short ./good ./silent ./good
	tallies 0 '5 passed, 0 failed' ./good ./good ./good ./good ./good
}
