# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Root looks after a log that belongs to the git account: what root leaves there
# must not lock that account out, which would refuse every push.
load lib/e2e
load lib/logd

setup_file() {
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to become another user'
	people_make
}

teardown_file() {
	[ "$(id -u)" -ne 0 ] || people_end
}

setup() {
	logd_world
	gated a
	push a HEAD:refs/heads/x
}

teardown() {
	logd_end
}

# theirs: everything in the state folder belongs to its owner.
theirs() {
	[ -z "$(find "$STATE" ! -user "$GATE")" ] ||
		fail "$(find "$STATE" ! -user "$GATE" -ls)"
}

@test "whatever root does first, pushes go on" {
	local n=0
	for words in 'log list' 'log show 1' 'log find 0000000' 'log verify' \
		'log verify --reindex' 'log prove 1' 'log recheck' 'audit' \
		'audit --record' 'log key' 'log rotate-key' 'log pack' \
		'log checkpoint' 'policy check' 'policy show' \
		"policy check $STATE/policy.json" 'doctor' \
		'log prune --before 2000-01-01' "log export $D/out" \
		'log list --last 1' 'policy explain refs/heads/x' \
		'log recover'; do
		# As after an upgrade to a version with another index.
		rm -f "$STATE"/index.db*
		# shellcheck disable=SC2086
		run sluice $words
		case $words in
		'log find '*) [ "$status" -eq 1 ] ;;
		*) [ "$status" -eq 0 ] ;;
		esac || fail "$words: $status: $output"
		theirs
		n=$((n + 1))
		push a "HEAD:refs/heads/after$n"
	done
	gate "$SLUICE" --state "$STATE" log verify
}

@test "a damaged index that root comes across first" {
	dd if=/dev/urandom of="$STATE/index.db" bs=4096 count=2 conv=notrunc \
		status=none
	run sluice log list
	[ "$status" -eq 0 ] || fail "$output"
	theirs
	push a HEAD:refs/heads/y
}
