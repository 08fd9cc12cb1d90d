# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Loaded by every file of tests/e2e: people with keys, a gated repository, and
# words for pushing to it. Real git, real hooks, nothing of the machine's own
# configuration.
#
# Everything is below BATS_FILE_TMPDIR (people, made once a file) and
# BATS_TEST_TMPDIR (state folder, repositories, clones; made for each test).

bats_require_minimum_version 1.5.0

E2E_ROOT=$(cd "${BASH_SOURCE[0]%/*}/../../.." && pwd)
: "${SLUICE:=$E2E_ROOT/build/sluice}"
export SLUICE E2E_ROOT
# For lib/servers as well.
export E2E_PEOPLE='ada bela gus ci mallory'

# The compiled rules, beside the program so that they are made once a build.
E2E_RULES=${SLUICE%/*}/e2e-rules
[ -w "${SLUICE%/*}" ] || E2E_RULES=$BATS_RUN_TMPDIR/e2e-rules
E2E_PROGRAM=${SLUICE}-repo

# rules_give FOLDER: put the compiled rules, which are the same for all and
# seconds of work, where the program looks for them.
rules_give() {
	[ "$E2E_RULES/cache" -nt "$E2E_PROGRAM" ] || rules_compile
	mkdir -p "$1"
	cp -p "$E2E_RULES"/cache/hs-*.db "$1"
}

# Under a lock, for the files that run at the same time.
rules_compile() {
	mkdir -p "$E2E_RULES"
	(
		flock 9
		[ ! "$E2E_RULES/cache" -nt "$E2E_PROGRAM" ] || exit 0
		rm -rf "$E2E_RULES/new" "$E2E_RULES/cache"
		mkdir "$E2E_RULES/new"
		"${E2E_PROGRAM%-repo}" --state "$E2E_RULES/new" --quiet scan -
		mv "$E2E_RULES/new/cache" "$E2E_RULES/cache"
		touch "$E2E_RULES/cache"
	) 9>"$E2E_RULES/lock" </dev/null
}

# program NAME [OPTION-OF-CC...]: $BATS_FILE_TMPDIR/NAME from lib/NAME.c.
program() {
	local name=$1
	shift
	${CC:-cc} -O1 -o "$BATS_FILE_TMPDIR/$name" \
		"$E2E_ROOT/tests/e2e/lib/${name%.so}.c" "$@"
}

# What a test sees of the machine.
clean_environment() {
	unset "${!GIT_@}" "${!GL_@}" "${!GITEA_@}" "${!GITHUB_@}" "${!SSH_@}"
	unset REMOTE_USER REMOTE_ADDR XDG_CONFIG_HOME XDG_STATE_HOME EMAIL
	export HOME=$BATS_FILE_TMPDIR/home
	export GNUPGHOME=$BATS_FILE_TMPDIR/gnupg
	export GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
	export LC_ALL=C.UTF-8 TZ=UTC0 NO_COLOR=1
	umask 022
}

# people_make: keys for everybody, once a file. ada, bela, ci and mallory sign
# with SSH keys, gus with OpenPGP; the policy knows all but mallory.
people_make() {
	clean_environment
	keys=$BATS_FILE_TMPDIR/keys
	mkdir -p "$HOME" "$keys"
	mkdir -m 700 "$GNUPGHOME"
	for who in ada bela ci mallory; do
		ssh-keygen -q -t ed25519 -N '' -C "$who" -f "$keys/$who"
	done
	gpg --batch --quiet --passphrase '' --quick-gen-key \
		'gus <gus@example.org>' ed25519 sign never 2>/dev/null
	gpg --batch --quiet --armor --export gus@example.org >"$keys/gus.asc"
	git config --global init.defaultBranch main
	git config --global advice.detachedHead false
	git config --global protocol.file.allow always
	git config --global gc.auto 0
	# git need not wait for the disk here; the evidence does.
	git config --global core.fsync none
}

people_end() {
	gpgconf --kill all 2>/dev/null || true
}

# as WHO COMMAND...: with that person's name, address and signing key.
as() {
	local who=$1 format=ssh key
	shift
	key=$BATS_FILE_TMPDIR/keys/$who
	if [ "$who" = gus ]; then
		format=openpgp
		key=gus@example.org
	fi
	GIT_AUTHOR_NAME=$who GIT_AUTHOR_EMAIL=$who@example.org \
		GIT_COMMITTER_NAME=$who GIT_COMMITTER_EMAIL=$who@example.org \
		GIT_CONFIG_COUNT=4 \
		GIT_CONFIG_KEY_0=gpg.format GIT_CONFIG_VALUE_0=$format \
		GIT_CONFIG_KEY_1=user.signingKey GIT_CONFIG_VALUE_1=$key \
		GIT_CONFIG_KEY_2=user.email \
		GIT_CONFIG_VALUE_2=$who@example.org \
		GIT_CONFIG_KEY_3=user.name GIT_CONFIG_VALUE_3=$who \
		"$@"
}

sluice() {
	"$SLUICE" --state "$STATE" "$@"
}

# policy_text: what most tests run under. Rules for main are strict; a branch
# under free/ is not looked at for signatures at all.
policy_text() {
	cat <<-'END'
	{
	  "people": {
	    "ada":  {"email": ["ada@example.org"], "ssh": ["keys/ada.pub"]},
	    "bela": {"email": ["bela@example.org"], "ssh": ["keys/bela.pub"]},
	    "gus":  {"email": ["gus@example.org"], "openpgp": ["keys/gus.asc"]},
	    "ci":   {"email": ["ci@example.org"], "ssh": ["keys/ci.pub"],
	             "robot": true}
	  },
	  "groups": {"maintainers": ["ada", "bela", "gus"]},
	  "repositories": [
	    {"match": ["team/*"],
	     "refs": [
	       {"match": ["refs/heads/main"],
	        "signature": {"by": ["@maintainers", "ci"]},
	        "approval": {"count": 1, "by": ["@maintainers"]},
	        "secret": {"rules": ["builtin"]},
	        "ref": {"force_push": "deny", "delete": "deny"}},
	       {"match": ["refs/heads/signed/**"],
	        "signature": {"by": ["@maintainers", "ci"]},
	        "secret": {"rules": ["builtin"]}},
	       {"match": ["refs/tags/v*"],
	        "signature": {"by": ["@maintainers", "ci"]},
	        "ref": {"move": "deny", "delete": "deny"}},
	       {"match": ["refs/heads/free/**", "refs/tags/free-*"],
	        "ref": {"force_push": "allow"}},
	       {"match": ["**"], "secret": {"rules": ["builtin"]}}
	     ]}
	  ]
	}
	END
}

# world_make [REPO [NAME]]: an empty log, the policy, one gated repository with
# a first commit that was there before the gate, and a clone of it in $WORK.
# What is made first in a file is copied from then on, for it takes longer than
# many a test.
world_make() {
	clean_environment
	W=$BATS_TEST_TMPDIR
	STATE=$W/state
	REPO=${1:-$W/srv/team/app.git}
	WORK=$W/work
	export STATE
	if [ $# -gt 0 ]; then
		world_new "$@"
	else
		world_copy
	fi
	cd "$WORK" || return
}

world_new() {
	mkdir -p "${REPO%/*}"
	rules_give "$STATE/cache"
	"$SLUICE" --state "$STATE" --quiet init --origin gate.example.org/e2e \
		>/dev/null
	mkdir -p "$STATE/keys"
	cp "$BATS_FILE_TMPDIR"/keys/*.pub "$BATS_FILE_TMPDIR"/keys/*.asc \
		"$STATE/keys"
	rm "$STATE/keys/mallory.pub"
	policy_text >"$STATE/policy.json"
	chmod 644 "$STATE/policy.json" "$STATE"/keys/*
	git init -q --bare "$REPO"
	git init -q "$WORK"
	cd "$WORK" || return
	git remote add origin "$REPO"
	echo first >README
	git add README
	as ada git commit -q -m 'first'
	git push -q origin main
	sluice --quiet install --name "${2:-team/app}" "$REPO"
}

world_copy() {
	local made=$BATS_FILE_TMPDIR/world
	if [ ! -d "$made" ]; then
		world_new
		mkdir "$made"
		cp -a "$STATE" "$W/srv" "$WORK" "$made"
		echo "$W" >"$made/where"
		return
	fi
	cp -a "$made/state" "$made/srv" "$made/work" "$W"
	# Where paths are kept.
	sed -i "s|$(cat "$made/where")/|$W/|g" "$STATE/repositories" \
		"$WORK/.git/config" "$REPO/config" "$REPO"/hooks/*-receive
}

# commit WHO MESSAGE [GIT-COMMIT-OPTION...]: change a file of that person's and
# commit it, unsigned unless -S is among the options.
commit() {
	local who=$1 message=$2
	shift 2
	echo "$message $RANDOM$RANDOM" >>"$who.txt"
	git add "$who.txt"
	as "$who" git commit -q -m "$message" "$@"
}

# approve WHO COMMIT REF: sign and push an approval.
approve() {
	as "$1" "$SLUICE" --quiet approve "$2" --for "$3" \
		--repository team/app --push origin >/dev/null 2>&1
}

# accepted REFSPEC...: the push goes through. What was said is in $output.
accepted() {
	run git push origin "$@"
	[ "$status" -eq 0 ] || fail "refused: $output"
	# git takes CR from the sideband; nothing else may steer a terminal.
	harmless
}

# refused FINDING REFSPEC...: the gate judges and says no, naming the finding.
refused() {
	local finding=$1
	shift
	run git push origin "$@"
	[ "$status" -ne 0 ] || fail "went through: $output"
	[[ $output == *'sluice: refused'* ]] || fail "not judged: $output"
	[[ $output == *" $finding "* ]] || fail "no $finding: $output"
	[[ $output == *'evidence: '* ]] || fail "no evidence: $output"
	harmless
}

# undecided TEXT REFSPEC...: the gate could not judge, says why, and refuses.
undecided() {
	local text=$1
	shift
	run git push origin "$@"
	[ "$status" -ne 0 ] || fail "went through: $output"
	[[ $output == *'could not judge'* ]] || fail "judged: $output"
	[[ $output == *"$text"* ]] || fail "no '$text': $output"
	# The verdict, the cause, perhaps a hint, the entry.
	[ "$(grep -ac '^remote: ' <<<"$output")" -le 4 ] ||
		fail "too much to read: $output"
	harmless
}

# harmless: no control character in $output but newline, tab and CR, and all of
# it is UTF-8. Of a push only what the server said: git itself repeats names as
# they were typed.
harmless() {
	local said bad
	said=$(printf '%s\n' "$output" | LC_ALL=C grep -a '^remote:') ||
		said=$output
	bad=$(printf '%s' "$said" | LC_ALL=C tr -d '\n\t\r\040-\176\200-\377' |
		od -An -c)
	[ -z "$bad" ] || fail "control characters reached the terminal: $bad"
	printf '%s' "$said" | iconv -f UTF-8 -t UTF-8 >/dev/null ||
		fail "what reached the terminal is not UTF-8: $said"
}

# not COMMAND...: it fails. (bats takes no notice of a failing "! command".)
not() {
	if "$@"; then
		fail "succeeded: $*"
	fi
}

fail() {
	printf '%s\n' "$*" >&2
	return 1
}

# server_has REF COMMIT: the ref of the server is at that commit of the clone.
server_has() {
	[ "$(git --git-dir="$REPO" rev-parse -q --verify "$1")" = \
		"$(git rev-parse "$2")" ]
}

# evidence: the number of the last entry that the gate spoke of.
evidence() {
	printf '%s\n' "$output" | sed -n 's/.*evidence: \([0-9]*\).*/\1/p' |
		tail -n 1
}

# json FILTER: what that filter of jq makes of the document at standard input,
# called d; it must be one valid document, in UTF-8 (jq itself mends that).
json() {
	iconv -f UTF-8 -t UTF-8 | jq -rcs "(if length == 1 then .[0]
		else error(\"not one document\") end) as \$d |
		def d: \$d; $1"
}

# record N FILTER: of the full record of entry N. "p" is its predicate.
record() {
	sluice --json log show "$1" |
		json "def p: d.record.predicate; $2"
}

# policy_edit FILTER [JQ-OPTION...]: change the policy by a filter of jq; refs
# are the entries for refs of its only list of repositories.
policy_edit() {
	local filter=$1 new
	shift
	new=$(jq "$@" "def refs: .repositories[0].refs; $filter" \
		"$STATE/policy.json") || return
	printf '%s\n' "$new" >"$STATE/policy.json"
}

# flip FILE BYTE [BITS]: turn over those bits (the lowest) of that byte (-1: the
# last).
flip() {
	local at=$2 byte
	[ "$at" -ge 0 ] || at=$(($(stat -c %s "$1") + at))
	byte=$(od -An -tu1 -j "$at" -N 1 "$1")
	printf '%b' "\\0$(printf %o $((byte ^ ${3:-1})))" |
		dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}

# as_user COMMAND...: as an account without root's powers, when we are root.
as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}
