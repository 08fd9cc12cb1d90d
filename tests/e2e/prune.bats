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
