#!/usr/bin/env bats
# shellcheck disable=SC2154,SC2030,SC2031
# Attacks on the gate, and honest pushes that look like attacks.

bats_require_minimum_version 1.5.0
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

token() {
	printf 'ghp_%s%s' FAKEFAKEFAKEFAKEFAKEFAKEFAKEFA 4fBzlp
}

# raw_push OLD NEW REF...: what a client that lies about old values sends; its
# objects are on the server already.
raw_push() {
	local caps='\0report-status'
	while [ $# -gt 0 ]; do
		printf '%04x%s%b' $((${#1} + ${#2} + ${#3} + 6 +
			(${#caps} ? 14 : 0))) "$1 $2 $3" "$caps"
		caps=
		shift 3
	done >"$W/raw"
	printf 0000 >>"$W/raw"
	git pack-objects -q --stdout </dev/null >>"$W/raw"
	git receive-pack "$REPO" <"$W/raw"
}

@test "a symbolic ref does not lend its rules to what it points at" {
	for name in refs/heads/free/alias refs/tags/free-alias; do
		git --git-dir="$REPO" symbolic-ref "$name" refs/heads/main
	done
	commit mallory unsigned
	refused ref.name main:refs/heads/free/alias
	[[ $output == *"would move 'refs/heads/main'"* ]]
	refused ref.name +main:refs/tags/free-alias
	refused ref.name :refs/heads/free/alias
	server_has refs/heads/main main~1
	sluice audit
}

@test "a symbolic ref to a ref that is not there yet" {
	git --git-dir="$REPO" symbolic-ref refs/heads/free/alias refs/tags/v1
	commit mallory unsigned
	refused ref.name main:refs/heads/free/alias
	not git --git-dir="$REPO" rev-parse -q --verify refs/tags/v1
}

@test "old objects that a client sends again are not judged again" {
	for i in {1..60}; do
		echo "$i" >"file$i"
		git add .
		as mallory git commit -q -m "$i"
	done
	token >conf
	git add conf
	as mallory git commit -q -m 'all before the gate'
	git clone -q --bare . "$W/srv/team/old.git"
	sluice --quiet install --name team/old "$W/srv/team/old.git"
	git remote set-url origin "$W/srv/team/old.git"
	git checkout -q -b mine
	# The client does not know the only tip that the server shows.
	git clone -q "$W/srv/team/old.git" "$W/other"
	cd "$W/other"
	commit ada other -S
	as bela "$SLUICE" --quiet approve main --for main \
		--repository team/old --push origin >"$W/said" 2>&1
	accepted main
	cd "$WORK"
	commit ada mine -S
	accepted HEAD:refs/heads/signed/x
	[ "$(record "$(evidence)" 'p.commits | length')" = 1 ]
	# What is new is still looked at, in the same push as old objects.
	commit mallory unsigned
	refused signature.missing HEAD:refs/heads/signed/y
}

@test "a signed tag does not serve under another name" {
	commit ada one -S
	approve bela main refs/heads/main
	accepted main
	as ada git tag -s -m 'release 1' v1 main
	refused ref.name v1:refs/tags/v9
	[[ $output == *"signed as 'v1'"* ]]
	as ada git tag -s -m outer v2 v1
	accepted v1 v2
}

@test "pushes that another hook refuses do not hide where a ref is" {
	printf '#!/bin/sh\n! [ -e "%s/block" ]\n' "$W" >"$REPO/hooks/update"
	chmod +x "$REPO/hooks/update"
	for i in 1 2 3; do
		commit ada "$i" -S
		approve bela main refs/heads/main
		: >"$W/block"
		run git push origin main
		[[ $output == *'sluice: accepted'* ]]
		[[ $output == *'hook declined'* ]]
		rm "$W/block"
	done
	git reset -q --hard HEAD~3
	accepted main:refs/heads/signed/y
	sluice log verify
}

@test "a secret that came in unjudged does not get on by a tag of its folder" {
	sed -i 's|"\*\*"\], "secret"|"refs/tags/**"], "secret"|' \
		"$STATE/policy.json"
	mkdir deep
	cp "$BATS_FILE_TMPDIR/keys/mallory" deep/key
	git add deep
	as ada git commit -q -m key
	accepted main:refs/heads/free/key
	as ada git tag -a -m tree tree 'main^{tree}'
	refused secret.private_key tree
	[[ $output == *deep/key* ]]
	run git push origin "$(git rev-parse 'main^{tree}'):refs/tags/light"
	[[ $output == *' secret.private_key '* ]]
}

@test "a ref with rules on files does not end at a bare folder or file" {
	sed -i '/refs\/tags\/v\*/{n;s/.*/"file": {"deny": ["*.pem"]},/}' \
		"$STATE/policy.json"
	echo x >a.pem
	git add a.pem
	as ada git commit -q -m pem
	as ada git tag -a -m tree v1 'main^{tree}'
	as ada git tag -a -m blob v2 'main:a.pem'
	as ada git tag -a -m commit v3 main
	refused ref.target v1
	refused ref.target v2
	refused file.name v3
}

@test "refs with names that are no text keep their place in the log" {
	odd=$(printf 'refs/heads/signed/\342\200\256evil\377x')
	commit ada one -S
	accepted "main:$odd"
	[[ $output != *'never let through'* ]]
	commit ada two -S
	accepted "main:$odd"
	[[ $output != *'never let through'* ]]
	# Only what is new was judged.
	[ "$(record "$(evidence)" 'p.commits | length')" = 1 ]
	sluice audit
	sluice log verify
}

@test "a false old value does not bring back what a ref once had" {
	commit ada good -S
	approve bela main refs/heads/main
	accepted main
	commit mallory unsigned
	accepted main:refs/heads/free/x
	bad=$(git rev-parse main)
	# It was let in once, and taken out again.
	cp "$STATE/policy.json" "$W/policy"
	sed -i 's/"repositories"/"mode": "observe", "repositories"/' \
		"$STATE/policy.json"
	accepted main:refs/heads/signed/a
	cp "$W/policy" "$STATE/policy.json"
	git --git-dir="$REPO" update-ref refs/heads/signed/a main~1
	commit ada 'on top' -S
	accepted main:refs/heads/free/x
	new=$(git rev-parse main)
	run raw_push "$bad" "$new" refs/heads/signed/a \
		0000000000000000000000000000000000000000 "$new" \
		refs/heads/signed/b
	not git --git-dir="$REPO" rev-parse -q --verify refs/heads/signed/b
}

@test "pushes to a Git namespace are not judged by the names without it" {
	export GIT_NAMESPACE=x
	run git push origin main:refs/heads/free/x
	[ "$status" -ne 0 ]
	[[ $output == *'could not judge'* ]]
}

@test "a secret in a subject, a name, an address or a path is not shown" {
	t=$(token)
	mkdir d
	echo x >"d/$t"
	git add d
	as ada git commit -q -m "add $t here" --author "$t <$t@example.org>"
	refused signature.missing main
	[[ $output == *"'add [secret] here' by [secret]"* ]]
	[[ $output == *'d/[secret]:1'* ]]
	[[ $output != *"${t:0:12}"* ]]
	n=$(evidence)
	sluice --json log show "$n" >"$W/shown"
	not grep -r "${t:0:12}" "$W/shown" "$STATE/vault" "$STATE/log"
	# Cut in the middle it would show its front.
	git reset -q --hard HEAD~1
	as ada git commit -q --allow-empty -m "$(printf 'x%.0s' {1..50}) $t"
	refused signature.missing main
	[[ $output != *'ghp_FAKE'* ]]
}

@test "what came in by a ref without rules is not gated" {
	sed -i 's|"\*\*"\], "secret"|"refs/tags/**"], "secret"|' \
		"$STATE/policy.json"
	commit mallory evil
	accepted main:refs/heads/anything
	git clone -q -b anything "$REPO" "$W/run"
	run --separate-stderr sluice deployed --worktree "$W/run"
	[ "$status" -eq 1 ]
	[[ $output == *'gated elsewhere'* ]]
	[[ $output == *'where the policy asked for nothing'* ]]
}
