#!/usr/bin/env bats
# sluice policy replay: past pushes under another policy, from their records.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

# again STATUS FILTER WANT [OPTION...]: a replay of new.json ends so, and of its
# JSON the filter gives that.
again() {
	local want=$1 filter=$2 text=$3 got
	shift 3
	run --separate-stderr sluice --json policy replay "$@" "$STATE/new.json"
	[ "$status" -eq "$want" ] || fail "status $status: $output $stderr"
	got=$(json "$filter" <<<"$output")
	[ "$got" = "$text" ] || fail "$got: $output"
}

# new FILTER: new.json is the policy, changed so.
new() {
	jq "def refs: .repositories[0].refs; $1" "$STATE/policy.json" \
		>"$STATE/new.json"
	chmod 644 "$STATE/new.json"
}

# said: what each entry of a decision found, as replay would list it.
said() {
	local n
	for n in $(sluice --json log list --kind decision | jq .entry); do
		sluice --json log show "$n" | jq -c --argjson n "$n" '[$n,
			([.record.predicate.findings[] |
				[.id, .severity, .ref, .object]] | sort)]'
	done | jq -s 'map(select(.[1] | any(.[1] == "block")))'
}

@test "pushes judged again, without any repository" {
	world_make
	commit ada one -S
	refused approval.too_few main
	approve bela main refs/heads/main
	accepted main
	one=$(evidence)
	commit mallory two -S
	refused signature.unknown_key main:refs/heads/signed/x
	as ada git commit -q --amend --author 'bela <bela@example.org>' \
		-m 'three' -m 'Co-authored-by: gus <gus@example.org>' -S
	approve bela HEAD refs/heads/main
	refused approval.too_few HEAD:main HEAD:refs/heads/free/a
	accepted HEAD:refs/heads/free/a HEAD~1:refs/heads/signed/y
	free=$(evidence)
	git reset -q --hard HEAD~1
	commit ada four -S
	accepted +HEAD:refs/heads/free/a
	as ada git tag -s -m v1 v1
	as ada git tag -s -m outer v2 v1
	accepted v1 v2
	refused ref.move +v2:refs/tags/v1
	refused ref.delete :main
	echo "key = \"ghp_$(printf '%036d' 0 | tr 0 x)\"" >token
	git add token
	as ada git commit -q -m token
	run git push origin HEAD:refs/heads/other
	mv "$REPO" "$W/away"
	# By the same policy nothing is otherwise, each finding the same.
	new .
	again 0 'd | length' 0 --diff
	again 1 'd | all(.would == .was)' true
	diff <(jq 'map([.entry, ([.findings[] |
		[.id, .severity, .ref, .object]] | sort)])' <<<"$output") <(said)
	# More approvals, others who may sign, no force: found again.
	new 'refs[0].approval.count = 2'
	again 1 'd[] | [.entry, .pusher, .was, .would, .findings[0].id,
		.findings[0].ref]' \
		"[$one,\"$(id -un)\",\"accept\",\"reject\",\"approval.too_few\",\"refs/heads/main\"]" \
		--diff
	new '(refs[0,1,2].signature.by) = ["gus"]'
	again 1 'd | [.[] | select(.was == "accept").findings[].id] | unique' \
		'["signature.not_allowed"]' --diff
	new 'refs[3].ref.force_push = "deny"'
	again 1 'd[] | [.entry, .findings[].id]' \
		"[$((free + 2)),\"ref.force_push\"]" --diff
	new 'refs[0].ref = {}'
	again 1 'd[] | [.was, .would]' '["reject","accept"]' --diff
	# A repository that it does not name; only what it weighs.
	new '.repositories[0].match = ["other/*"]'
	again 1 'd | all(any(.findings[]; .id == "policy.silent"))' true
	new 'refs[0].severity = {"approval.too_few": "warn"}'
	again 1 'd | all(.was == "reject" and .would == "accept")' true --diff
	# What no record has is not guessed.
	new 'refs[3].message = {"require": ["^X"]}'
	again 2 'd | [.[] | .would, .untold[0].check] | unique' \
		'["could not tell","message"]' --diff
	new '.people.bela.email += ["b@example.org"]'
	again 1 'd | any(.[]; .would == "could not tell")' true
	[ "$(json "d[] | select(.entry == $one) | [.would, (.untold[] | .check)]" \
		<<<"$output")" = '["could not tell","signature","approval"]' ]
	new .
	again 0 d '[]' --since 2999-01-01
	again 0 d '[]' --repository team/other
	run sluice policy replay --since tomorrow "$STATE/new.json"
	[ "$status" -eq 64 ]
	record=$(sluice --json log show "$one" | jq -r .entry.predicate.record)
	rm "$STATE/vault/${record:0:2}/$record"
	again 2 'd[] | [.entry, .would]' "[$one,\"could not tell\"]" --diff
	run --separate-stderr sluice policy replay "$STATE/new.json"
	[ "$status" -eq 1 ]
	[[ $stderr == *"entry $one: its record is not in the vault any more"* ]]
	[[ $output == *'signature.unknown_key  refs/heads/signed/x'* ]]
	harmless
}

# pushed_by NAME REF: a push by that account; its entry in $n, what the log calls
# who pushed in $called.
pushed_by() {
	commit ada "by $1"
	run env REMOTE_USER="$1" git push origin "HEAD:$2"
	n=$(evidence)
	called=$(sluice --json log list | jq -r "select(.entry == $n).pusher")
}

@test "names are kept out of the log, and the vault has them" {
	world_make
	policy_edit '.log = {"redact": true}'
	pushed_by 'Ada Lovelace' refs/heads/free/a
	[[ $called =~ ^redacted:[0-9a-f]{32}$ ]]
	ada=$called
	record "$n" '[p.pusher.name, p.pusher.pseudonym]' |
		grep -qxF "[\"Ada Lovelace\",\"$ada\"]"
	sluice log show "$n" | grep -q 'Ada Lovelace'
	pushed_by 'Grace Hopper' refs/heads/free/b
	[ "$called" != "$ada" ]
	pushed_by 'Ada Lovelace' refs/heads/free/c
	[ "$called" = "$ada" ]
	# Also where the policy cannot be read, or nothing can be hashed.
	cp "$STATE/policy.json" "$W/kept"
	policy_edit '.log.redact = 1'
	pushed_by 'Ada Lovelace' refs/heads/free/d
	[[ $output == *'could not judge'*'log.redact'* ]]
	[ "$called" = "$ada" ]
	mv "$STATE/fingerprint.key" "$W/key"
	mkdir "$STATE/fingerprint.key"
	pushed_by 'Ada Lovelace' refs/heads/free/d
	[ "$called" = redacted ]
	rmdir "$STATE/fingerprint.key"
	mv "$W/key" "$STATE/fingerprint.key"
	cp "$W/kept" "$STATE/policy.json"
	run grep -rlE 'Lovelace|Hopper' "$STATE/log"
	[ -z "$output" ]
	sluice policy show | grep -qx 'log.redact: true'
	# Whoever may read the vault is told the name.
	new '.repositories[0].match = ["other/*"]'
	again 1 'd | map(.pusher) | unique' '["Ada Lovelace","Grace Hopper"]'
	sluice log verify
	sluice audit "$REPO"
	# And no longer, once the policy says so.
	policy_edit 'del(.log)'
	pushed_by 'Ada Lovelace' refs/heads/free/e
	[ "$called" = 'Ada Lovelace' ]
	[ ! -e "$STATE/redact" ]
}
