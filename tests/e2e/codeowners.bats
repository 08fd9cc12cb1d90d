# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# CODEOWNERS: whose file is in force, and whom it asks.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
}

# owners CODEOWNERS-SECTION: main and release/ ask for one approval and owners.
owners() {
	local rule
	rule='{"match": ["refs/heads/main", "refs/heads/release/*"],
		"approval": {"count": 1, "by": ["ada", "gus"],
		"codeowners": '$1'}},'
	awk -v rule="$rule" '{ print } /"refs": \[/ { print rule }' \
		"$STATE/policy.json" >"$STATE/new"
	cat "$STATE/new" >"$STATE/policy.json"
	rm "$STATE/new"
	sluice --quiet policy check
}

# file PATH TEXT...: committed by ada, one line each.
file() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "${@:2}" >"$1"
	git add "$1"
	as ada git commit -q -S -m "$1"
}

@test "the file of before asks, not that of the push; nobody asks for the rest" {
	# There is none yet: who stands in has to approve.
	owners '{"fallback": ["gus"]}'
	file CODEOWNERS '* @gus' '/crypto/ @bela # sealed' \
		'/CODEOWNERS @bela' '/docs/'
	as ada "$SLUICE" --quiet approve main --for main \
		--repository team/app --push origin >/dev/null 2>&1
	refused approval.codeowners main
	[[ $output == *'has no such file'* ]]
	approve gus main refs/heads/main
	accepted main

	# Taking oneself in, and what is sealed with it.
	file CODEOWNERS '* @gus' '/crypto/ @gus' '/CODEOWNERS @gus'
	file crypto/key.c one
	approve gus main refs/heads/main
	refused approval.codeowners main
	[[ $output == *'CODEOWNERS line 2: 1 new commit changes crypto/key.c'* ]]
	[[ $output == *'ask bela to run'* ]]
	[[ $output == *'CODEOWNERS line 3: 1 new commit changes CODEOWNERS'* ]]
	approve bela main refs/heads/main
	accepted main
	# Now the new one holds.
	file crypto/key.c two
	approve gus main refs/heads/main
	accepted main

	# Moved away, replaced by a link, taken away: all of them are changes.
	git mv crypto other
	ln -s other crypto
	git add -A
	as bela git commit -q -S -m moved
	as gus env GIT_AUTHOR_EMAIL=bela@example.org GIT_AUTHOR_NAME=bela \
		git commit -q -S --amend --no-edit
	approve gus main refs/heads/main
	refused approval.codeowners main
}

@test "a branch made now takes the file of the default branch" {
	owners '{"fallback": ["gus"]}'
	file .github/CODEOWNERS '/crypto/ @team/keys @bela'
	approve gus main refs/heads/main
	accepted main
	# What came to main counts there; what is new is judged by main's file.
	accepted main:refs/heads/release/1
	git checkout -q -b r
	git rm -q .github/CODEOWNERS
	as ada git commit -q -S -m 'no owners'
	approve gus r refs/heads/release/2
	accepted r:refs/heads/release/2
	file crypto/a one
	approve gus r refs/heads/release/1
	approve gus r refs/heads/release/2
	refused approval.codeowners r:refs/heads/release/1
	[[ $output == *'nobody whom the policy knows: @team/keys'* ]]
	# There is no file on release/2: the fallback has approved.
	accepted r:refs/heads/release/2
	# What release/2 let in is nothing to main or another release.
	approve gus r refs/heads/main
	refused approval.codeowners r:main
	approve gus r refs/heads/release/3
	refused approval.codeowners r:refs/heads/release/3
	approve bela r refs/heads/release/3
	accepted r:refs/heads/release/3
}

@test "GitLab's sections, and a line that says nothing" {
	owners '{"dialect": "gitlab", "fallback": ["gus"],
		"owners": {"@@maintainer": ["ada", "bela"]}}'
	file .gitlab/CODEOWNERS '[Keys][2] @bela @gus' 'crypto/' \
		'^[Docs] @bela' 'docs/' '[Rest] @@maintainer' '*.c'
	approve gus main refs/heads/main
	accepted main
	file x/crypto/a one
	file docs/a one
	approve gus main refs/heads/main
	refused approval.codeowners main
	[[ $output == *'has 1 of 2 approvals by owners'* ]]
	[[ $output != *'docs/a,'* ]]
	approve bela main refs/heads/main
	accepted main
	file a.c one
	approve gus main refs/heads/main
	refused approval.codeowners main
	[[ $output == *'ask bela to run'* ]]
	approve bela main refs/heads/main
	accepted main
	file .gitlab/CODEOWNERS '[Keys' 'a @bela'
	approve gus main refs/heads/main
	accepted main
	file b one
	as ada "$SLUICE" --quiet approve main --for main \
		--repository team/app --push origin >/dev/null 2>&1
	refused approval.codeowners main
	[[ $output == *'CODEOWNERS line 1: it is no heading of a section'* ]]
	approve gus main refs/heads/main
	accepted main
}

@test "Gitea's expressions, all that match, and one that takes too long" {
	owners '{"dialect": "gitea", "fallback": ["gus"]}'
	file CODEOWNERS '.*\\.c bela' 'lib/.* @gus' '!(lib|src|CODEOWNERS).* ada' \
		'((a|aa)+)+[bc] @gus'
	approve gus main refs/heads/main
	accepted main
	file lib/a.c one
	approve gus main refs/heads/main
	refused approval.codeowners main
	[[ $output == *'CODEOWNERS line 1: '* ]]
	[[ $output != *'CODEOWNERS line 2: '* ]]
	approve bela main refs/heads/main
	accepted main
	file "lib/$(printf 'a%.0s' {1..200})" one
	approve gus main refs/heads/main
	accepted main
	file "src$(printf '/a%.0s' {1..3})" one
	file "$(printf 'a%.0s' {1..200})" one
	approve gus main refs/heads/main
	undecided 'CODEOWNERS line 4: the expression takes too many steps' main
}
