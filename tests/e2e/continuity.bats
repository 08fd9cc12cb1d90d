#!/usr/bin/env bats
# sluice log prove --continuous: that a ref was gated without a gap, on real
# pushes, and checked without the state.
# shellcheck disable=SC2154
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

REF=refs/heads/free/a

# asked STATUS FILE [OPTION...]: verify with no state folder to look into.
asked() {
	local want=$1
	shift
	run --separate-stderr "$SLUICE" --state /nonexistent verify "$@" \
		--vkey "$key"
	[ "$status" -eq "$want" ] || fail "status $status: $output $stderr"
	harmless
}

# prove STATUS OPTION...: into $W/proof.
prove() {
	local want=$1
	shift
	run --separate-stderr sluice log prove --continuous "$REF" "$@"
	[ "$status" -eq "$want" ] || fail "status $status: $output $stderr"
	printf '%s\n' "$output" >"$W/proof"
}

# Times are whole seconds: what comes now is of another one.
next_second() {
	local now later
	printf -v now '%(%s)T'
	while printf -v later '%(%s)T' && [ "$now" -eq "$later" ]; do :; done
}

@test "a ref's moves from a time to a time, in one file, for whoever has the key" {
	local from n size
	key=$(sluice log key)
	commit ada one
	accepted "HEAD:$REF"
	first=$(git rev-parse HEAD)
	from=$(record "$(($(evidence) + 1))" p.time)
	next_second
	prove 2 --from 2001-01-01
	[[ $stderr == *"does not say what '$REF' was at that time"* ]]
	prove 2 --from "$from" --to 2999-01-01
	[[ $stderr == *'no entry as late as the end'* ]]
	prove 64 --from yesterday
	for n in two three; do
		commit ada "$n"
		accepted "HEAD:$REF" "HEAD:refs/heads/free/$n"
	done
	commit ada bad
	refused signature.missing "HEAD:$REF" HEAD:refs/heads/signed/x
	git reset -q --hard HEAD~1
	git push -q origin ":$REF"
	git push -q origin "HEAD:$REF"
	prove 0 --from "$from"
	asked 0 "$W/proof" --ref "$REF" --repository team/app
	for n in 'none left out, hold' 'moves       4, each accepted' \
		"at first    $first" "at the end  $(git rev-parse HEAD)" \
		"$REF in team/app from $from to " ': gated without a gap' \
		'not shown: a move there and back again of which the log was'; do
		[[ $output == *"$n"* ]] || fail "no '$n': $output"
	done
	asked 0 "$W/proof" --json
	[ "$(json '[d.answer, d.moves, d.adopted, d.first]' <<<"$output")" = \
		"[\"continuous\",4,false,\"$first\"]" ]
	# Of something else, of another log, forged.
	asked 1 "$W/proof" --ref refs/heads/main
	asked 1 "$W/proof" --repository team/other
	jq 'del(.entries[4])' "$W/proof" >"$W/bad"
	asked 1 "$W/bad"
	[[ $stderr == *'the proof is false: the entries are not those'* ]]
	jq '.ref = "refs/heads/main"' "$W/proof" >"$W/bad"
	asked 1 "$W/bad"
	[[ $output == *'not shown: nothing says what the ref was'* ]]
	size=$(stat -c %s "$W/proof")
	for n in 3 5 7; do
		cp "$W/proof" "$W/bad"
		flip "$W/bad" $((size * n / 8)) $((1 << n % 3))
		run "$SLUICE" verify "$W/bad" --vkey "$key"
		[ "$status" -ne 0 ] || fail "byte $((size * n / 8)): $output"
	done
	# A move outside the gate, seen by nobody: the next one does not join.
	git --git-dir="$REPO" update-ref "$REF" "$first"
	prove 0 --from "$from"
	git checkout -q --detach "$first"
	commit ada four
	accepted "HEAD:$REF"
	n=$(($(evidence) + 1))
	prove 1 --from "$from"
	[[ $stderr == *"entry $n: the move does not start where the one"* ]]
	# There and back again, which an audit saw.
	commit ada five
	accepted "HEAD:$REF"
	n=$(($(evidence) + 1))
	from=$(record "$n" p.time)
	prove 0 --from "$from"
	git --git-dir="$REPO" update-ref "$REF" "$first"
	sluice audit --record >/dev/null || true
	git --git-dir="$REPO" update-ref "$REF" "$(git rev-parse HEAD)"
	prove 1 --from "$from"
	[[ $stderr == *"entry $((n + 1)): an audit found it moved outside"* ]]
}
