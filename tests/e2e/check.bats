#!/usr/bin/env bats
# sluice check: what the gate will say, in the clone, before the push.
# shellcheck disable=SC2154,SC2030,SC2031

load lib/e2e

setup_file() { people_make; }
teardown_file() { people_end; }

setup() {
	world_make
	sluice --quiet policy publish "$REPO"
	# The developer's own state folder: not the server's.
	CLIENT=$W/client
	mkdir "$CLIENT"
	rules_give "$CLIENT/cache"
}

# check WHO OPTION...
check() {
	local who=$1
	shift
	run as "$who" "$SLUICE" --state "$CLIENT" check "$@"
}

# says STATUS TEXT...
says() {
	[ "$status" -eq "$1" ] || fail "status $status, not $1: $output"
	shift
	for text; do
		[[ $output == *"$text"* ]] || fail "no '$text': $output"
	done
}

@test "a check says what the push then meets" {
	# What is published is the policy and public keys, and nothing else.
	run git -C "$REPO" ls-tree -r --name-only refs/sluice/policy-public
	[ "$output" = 'keys/ada.pub
keys/bela.pub
keys/ci.pub
keys/gus.asc
policy.json
repository' ]
	run sluice policy publish "$REPO"
	says 0 'already published'
	# The policy goes on; the doctor tells, and one word mends it.
	run sluice doctor "$REPO"
	says 0 'developers find the policy in force'
	policy_edit '.comment = "new"'
	run sluice doctor "$REPO"
	says 0 'WARN' "'sluice check' judges by another policy"
	run sluice policy publish
	says 0 "$REPO: the policy is published"
	run sluice policy publish
	says 0
	[ -z "$output" ]

	check ada
	says 0 'nothing to push'
	commit ada unsigned
	check ada
	says 1 'would be refused' 'signature.missing on refs/heads/main' \
		'approval.too_few' 'hint: sign it' 'assumed: ' "'ada' pushes"
	refused signature.missing main
	check ada --for free/x
	says 0 'would be accepted'
	# Only part of it, on a ref that exists: what it is on top of is there.
	commit ada signed -S
	check ada --for refs/heads/main HEAD~1..HEAD
	says 1 approval.too_few
	[[ $output != *signature.missing* ]]
	# The next check starts from where the remote really is.
	check ada HEAD
	says 1 signature.missing

	git reset -q --hard origin/main
	commit ada good -S
	approve bela HEAD refs/heads/main
	check ada
	says 0 'would be accepted'
	# An approval does not count for who pushes what they approved.
	check bela --json
	says 1
	jq -e '.verdict == "reject" and (.admitted | not) and
		(.approvals | length) == 1 and (.commits | length) == 1 and
		.pusher.source == "assumed" and
		[.findings[].id] == ["approval.too_few"]' <<<"$output"
	accepted main
	check ada
	says 0 'nothing to push'

	# History that other refs have is not judged again.
	git checkout -q -b signed/topic
	commit bela more -S
	check bela
	says 0 'would be accepted'
	check bela --for main
	says 1 approval.too_few "1 of 1 new commits"
	# A secret; of waivers only the server can tell the fingerprint.
	printf 'key = AK%s\n' IAZ3MQXNTOPRLKUVJF >conf
	git add conf
	as bela git commit -q -S -m conf
	check bela --json
	says 1
	jq -e '[.findings[] | select(.id | startswith("secret.")) |
		.fingerprint] == ["<the gate tells it>"]' <<<"$output"
	# The tree that is pushed has no say, nor has one that was fetched.
	mkdir -p keys
	sed 's/"builtin"/"none"/' "$STATE/policy.json" >policy.json
	git add policy.json
	as bela git commit -q -S -m policy
	check bela
	says 1 secret.
	refused secret.aws_access_key_id signed/topic
	refused ref.name +HEAD:refs/sluice/policy-public
}

@test "a check that cannot tell says so" {
	cd "$W"
	check ada
	says 64 'in no clone'
	cd "$WORK"
	check ada one two
	says 64
	check ada nothing-of-the-kind
	says 64 'there is no'
	check ada HEAD...HEAD
	says 64 'A..B'
	git checkout -q --detach
	check ada
	says 64 'no branch is checked out'
	git checkout -q main

	commit ada one -S
	check ada --remote "$W/nowhere.git"
	says 2 'could not fetch' 'offline'
	check ada --offline --remote "$W/nowhere.git"
	says 2 'publishes no policy'
	# A file of one's own is read whoever may write it.
	cp "$STATE/policy.json" "$W/own.json"
	cp -r "$STATE/keys" "$W/keys"
	chmod 666 "$W/own.json"
	git -C "$REPO" update-ref -d refs/sluice/policy-public
	check ada
	says 2 'publishes no policy' 'policy publish'
	check ada --policy "$W/own.json"
	says 1 approval.too_few
	check ada --policy "$W/own.json" --repository other/app
	says 1 policy.
	# Bytes that are no policy, and a private key beside one.
	echo '{' >"$W/own.json"
	check ada --policy "$W/own.json"
	says 2 'own.json'
	cp "$BATS_FILE_TMPDIR/keys/ada" "$STATE/keys/ada.pub"
	chmod 644 "$STATE/keys/ada.pub"
	run sluice policy publish "$REPO"
	says 2 'keys/ada.pub'
	run git -C "$REPO" rev-parse --verify -q refs/sluice/policy-public
	[ "$status" -ne 0 ]
	cp "$BATS_FILE_TMPDIR/keys/ada.pub" "$STATE/keys/ada.pub"
	git init -q --bare "$W/other.git"
	run sluice policy publish "$W/other.git"
	says 2 'not gated'

	git clone -q --depth 1 "file://$REPO" "$W/shallow"
	cd "$W/shallow"
	check ada
	says 2 'shallow'
}

@test "a hook checks every push before it is made" {
	printf '#!/bin/sh\ncat >"%s"; echo "$@" >>"%s"\n' "$W/seen" "$W/seen" \
		>.git/hooks/pre-push
	chmod +x .git/hooks/pre-push
	check ada --install-hook
	says 0 'every push is checked' 'it runs afterwards'
	check ada --install-hook
	says 0
	commit ada unsigned
	run as ada git push origin main
	says 1 'sluice: would be refused' signature.missing
	[[ $output != *remote:* ]]
	[ ! -e "$W/seen" ]
	# Git's own way round, which ends at the gate.
	run as ada git push --no-verify origin main
	says 1 'remote: sluice: refused'
	# A new branch, a tag and a deletion in one; the hook that was there
	# before sees all of it.
	as ada git tag -s -m free free-1
	run as ada git push origin main:free/a main:free/b free-1
	says 0 'sluice: would be accepted' 'remote: sluice: accepted'
	[ "$(grep -c . "$W/seen")" -eq 4 ]
	[[ $(tail -n 1 "$W/seen") == "origin $REPO" ]]
	run as ada git push origin :free/a
	says 0 'would be accepted'
	run as ada git push origin :main
	says 1 'would be refused' ref.delete
	# Nothing to push: git itself may die of SIGPIPE then (lib/equal.bash).
	run as ada git push origin main:free/b
	[ "$status" -eq 141 ] || says 0 'up-to-date'
	[[ $output != *would* ]]

	# From a linked work tree and from below.
	git worktree add -q "$W/tree" HEAD~1
	cd "$W/tree"
	mkdir below
	cd below
	commit ada linked
	run as ada git push origin HEAD:refs/heads/signed/x
	says 1 'would be refused' signature.missing
	run as ada git push origin HEAD:refs/heads/free/x
	says 0 'would be accepted'
	cd "$WORK"

	# And from a submodule, whose configuration names a work tree.
	git init -q "$W/super"
	cd "$W/super"
	git submodule --quiet add "$REPO" sub
	cd sub
	check ada --install-hook
	says 0
	commit ada inside
	run as ada git push origin HEAD:refs/heads/signed/x
	says 1 'would be refused' signature.missing
	cd "$WORK"

	check ada --remove-hook
	says 0
	[[ $(cat .git/hooks/pre-push) != *'sluice gate'* ]]
	git config core.hooksPath "$W/hooks"
	check ada --install-hook
	says 2 core.hooksPath 'sluice check --pre-push'
	[ ! -e "$W/hooks" ]
	check ada --install-hook --remove-hook
	says 64
	check ada --pre-push origin
	says 64
}

@test "a clone of SHA-256 objects cannot be judged" {
	git init -q --object-format=sha256 "$W/other"
	cd "$W/other"
	commit ada one
	check ada --for main --remote "$REPO"
	says 2 'this clone is of sha256 objects, which cannot be judged'
	run as ada "$SLUICE" approve HEAD --for main --repository team/app
	says 2 'this clone is of sha256 objects, which cannot be judged'
	run sluice scan --git .
	says 2 "sluice: '.' is a sha256 repository, which this version cannot"
}

@test "what a partial clone lacks is brought, and stays out of the clone" {
	policy_edit 'refs |= [{match: ["refs/heads/own"], approval: {count: 0,
		by: ["@maintainers"], codeowners: true}}] + .'
	mkdir docs big
	echo '/big/ @bela' >docs/CODEOWNERS
	echo one >big/a
	git add docs big
	as ada git commit -q -m own -S
	git -C "$REPO" fetch -q "$WORK" main:own
	sluice --quiet install --adopt "$REPO" >/dev/null
	sluice --quiet policy publish "$REPO"
	git -C "$REPO" config uploadpack.allowFilter true
	git clone -q --no-checkout --filter=blob:none "file://$REPO" "$W/part"
	cd "$W/part"
	git read-tree origin/own
	owners=$(git rev-parse origin/own:docs/CODEOWNERS)
	git update-index --cacheinfo \
		"100644,$(echo two | git hash-object -w --stdin),big/a"
	mine=$(as ada git commit-tree -S -p origin/own -m big \
		"$(git write-tree --missing-ok)")
	check ada --for own "$mine"
	says 1 'docs/CODEOWNERS line 1: 1 new commit changes big/a'
	[[ $(git rev-list --objects --missing=print origin/own) == *"?$owners"* ]]
	run as ada git push origin "$mine:own"
	says 1 'docs/CODEOWNERS line 1: 1 new commit changes big/a'
}
