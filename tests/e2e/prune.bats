# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Old records taken out of the vault: who looks for one is told who took it, and
# who takes one without telling is found out.
bats_require_minimum_version 1.5.0
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

# Entry 0 is what was there before; 1 and 2 a push and its outcome, 3 and 4 the
# next one, which stands; 5 a push that is refused.
setup() {
	world_make
	git checkout -q -b feature
	for n in 1 2; do
		commit ada "step $n"
		git push -q origin feature:refs/heads/feature/x
	done
	commit mallory 'no signature'
	run git push -q origin HEAD:refs/heads/signed/x
	[ "$status" -ne 0 ]
	[ "$(sluice log checkpoint | sed -n 2p)" -eq 6 ]
}

# record_file N: where the record of entry N would be.
record_file() {
	local sha
	sha=$(sluice --json log list --since "$1" | head -n 1 | json d.record)
	printf '%s\n' "$STATE/vault/${sha:0:2}/$sha"
}

# pruned OPTION...: all that is old in some thousand years.
pruned() {
	run --separate-stderr sluice --json log prune --before 9999-01-01 "$@"
	[ "$status" -eq 0 ] || fail "$status: $output $stderr"
}

@test "what stands stays, the rest goes, and the log tells" {
	pruned --dry-run
	[ "$(json d.pruned <<<"$output")" -eq 3 ] || fail "$output"
	[ "$(json d.removed <<<"$output")" -eq 0 ]
	[ -e "$(record_file 1)" ]
	pruned
	[ "$(json d.pruned <<<"$output")" -eq 3 ]
	[ "$(json d.standing <<<"$output")" -eq 3 ]
	[ "$(json d.entry <<<"$output")" -eq 6 ]
	for n in 1 2 5; do
		[ ! -e "$(record_file $n)" ] || fail "$n is there"
	done
	for n in 0 3 4 6; do
		[ -e "$(record_file $n)" ] || fail "$n is not there"
	done

	run sluice log verify
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *"note: 3 records of entries 1 to 5 were pruned on 20"* ]]
	[[ $output == *"by '$(id -un)' (entry 6)"* ]]
	[[ $output == *"7 entries and 4 records verified"* ]]

	# The public log says so to anybody.
	run sluice log verify --dir "$STATE/log" --vkey "$(sluice log key)"
	[ "$status" -eq 0 ]
	entry=$(tail -c +3 "$STATE/log/tile/entries/000.p/7" | tr -d '\0' |
		grep -ao '"entries":"[0-9,-]*"')
	[ "$entry" = '"entries":"1-2,5"' ]

	run --separate-stderr sluice log show 1
	[ "$status" -eq 2 ]
	[[ $stderr == *"the record of entry 1 was pruned on 20"*"(entry 6)"* ]]
	run sluice log show 6
	[ "$status" -eq 0 ]
	[[ $output == *'entries     1-2,5'* ]]
	[[ $output == *"by          $(id -un)"* ]]

	# Of what stands there is a proof still, and of the rest there is none.
	sluice log prove "$(git rev-parse feature~1)" >"$W/proof"
	sluice verify --vkey "$(sluice log key)" "$W/proof"
	run sluice log prove 1
	[ "$status" -eq 2 ]
	[[ $output == *'was pruned on 20'* ]]

	run sluice policy replay "$STATE/policy.json"
	[[ $output == *'entry 1: its record was pruned on 20'*'(entry 6)'* ]] ||
		fail "$output"
	run sluice audit
	[ "$status" -eq 0 ] || fail "$output"

	# Again, there is nothing to do.
	pruned
	[ "$(json d.pruned <<<"$output")" -eq 0 ]
	[ "$(sluice log checkpoint | sed -n 2p)" -eq 7 ]
}

@test "an export has the entry that tells, and passes its own checks" {
	pruned
	run sluice log export --to 2 "$W/out"
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'2 of their records were pruned'* ]]
	[ -e "$W/out/entries/6" ]
	cd "$W/out" || return
	sed -n 's/^[$>] //p' README >"$W/check"
	run sh -eu "$W/check"
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'entries/1: its record is not here'* ]]
	[[ $output == *'all checks passed'* ]]
}

@test "a record that somebody removed is missing, and cannot be pruned" {
	# What the journal has is written again; this takes it out of there.
	pruned --dry-run
	rm "$(record_file 1)"
	run --separate-stderr sluice log prune --before 9999-01-01
	[ "$status" -eq 1 ]
	[[ $stderr == *'1 old records are missing or damaged'* ]] ||
		fail "$stderr"
	run sluice log verify
	[ "$status" -eq 1 ]
	[[ $output == *'damage: the record of entry 1 is missing'* ]]
	run --separate-stderr sluice log show 1
	[[ $stderr == *'is not in the vault any more'* ]]
}

@test "of one repository, and by age" {
	run --separate-stderr sluice --json log prune --older-than 1d
	[ "$(json d.pruned <<<"$output")" -eq 0 ] || fail "$output"
	pruned --repository team/other
	[ "$(json d.pruned <<<"$output")" -eq 0 ]
	pruned --repository team/app
	[ "$(json d.pruned <<<"$output")" -eq 3 ]
	[ "$(sluice --json log list --kind pruned | json d.repository)" = \
		team/app ]
}

@test "what it does not take" {
	for args in '' '--before 2026 --older-than 1d' '--before yesterday' \
		'--older-than 5' '--before 2026-01-01 more'; do
		# shellcheck disable=SC2086
		run sluice log prune $args
		[ "$status" -eq 64 ] || fail "$args: $status $output"
		[ "$(grep -c '^sluice: ' <<<"$output")" -eq 1 ]
	done
	[ "$(sluice log checkpoint | sed -n 2p)" -eq 6 ]
}

# timers LEVEL TEXT: what doctor says of the jobs of timers has such a line.
timers() {
	run sluice --json doctor --no-push "$REPO"
	json "any(d.checks[]; .level == \"$1\" and (.text | contains(\"$2\")))" \
		<<<"$output" | grep -qx true ||
		fail "no $1 '$2': $output"
}

@test "by what the state folder says, and doctor tells when that was last done" {
	timers ok 'never ran yet'
	run --separate-stderr sluice log prune
	[ "$status" -eq 64 ]
	[[ $stderr == *retention.json*'{"keep_days": 400}'* ]] || fail "$stderr"
	echo '{"keep_day": 1}' >"$STATE/retention.json"
	run --separate-stderr sluice log prune
	[ "$status" -eq 2 ]
	[[ $stderr == *retention.json*"keep_days"* ]] || fail "$stderr"
	timers BAD 'retention.json'
	timers WARN 'ended with status 2'
	echo '{"keep_days": 1}' >"$STATE/retention.json"
	chmod 666 "$STATE/retention.json"
	run sluice log prune
	[ "$status" -eq 2 ]
	chmod 644 "$STATE/retention.json"
	rm "$STATE/runs/prune"
	timers WARN 'none was ever pruned'
	sluice log prune --dry-run
	timers WARN 'none was ever pruned'
	run --separate-stderr sluice --json log prune
	[ "$status" -eq 0 ] || fail "$stderr"
	[ "$(json d.pruned <<<"$output")" -eq 0 ]
	timers ok 'records stay 1 days'
	timers ok 'ran well'
	jq -e '.status == 0 and .began <= .ended' "$STATE/runs/prune"
	# An option goes before it.
	pruned
	[ "$(json d.pruned <<<"$output")" -eq 3 ]

	# Long ago; cut short, long ago and now; with damage.
	echo '{"began": "2026-01-01", "ended": "2026-01-01", "status": 0}' \
		>"$STATE/runs/prune"
	timers WARN 'did not run since 2026-01-01T00:00:00Z'
	echo '{"began": "2026-01-01"}' >"$STATE/runs/prune"
	timers WARN 'was cut short, and did not run since'
	date -u +'{"began": "%FT%TZ"}' >"$STATE/runs/prune"
	timers ok 'is running, or was cut short'
	echo '{' >"$STATE/runs/prune"
	timers UNKNOWN 'runs/prune'
	sluice log prune --older-than 99d
	timers ok 'records stay 1 days'
	sluice log pack
	sluice audit --record
	[ "$(json '[d.checks[] | select(.text | startswith("ran well"))] |
		length' <<<"$(sluice --json doctor --no-push "$REPO")")" -eq 3 ]
	# Refs that moved past the gate: audit says so each time.
	git --git-dir="$REPO" update-ref refs/heads/past refs/heads/main
	run sluice audit --record
	[ "$status" -eq 1 ]
	timers WARN 'ended with status 1'
	# Looking is no run.
	rm "$STATE/runs/audit"
	run sluice audit
	[ ! -e "$STATE/runs/audit" ]
}

@test "a job whose run cannot be noted is done all the same" {
	: >"$STATE/runs"
	run sluice log prune --before 9999-01-01
	[ "$status" -eq 0 ]
	[[ $output == *'noting that it ran'* ]] || fail "$output"
	[ ! -e "$(record_file 1)" ]
}
