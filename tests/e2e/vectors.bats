#!/usr/bin/env bats
# Proofs made once and kept: a good one, and forgeries of it. Each file's name
# says what becomes of it. The key that made them is gone; the verifier key is
# beside them.
bats_require_minimum_version 1.5.0
load lib/e2e

setup() {
	sluice=${SLUICE:-$BATS_TEST_DIRNAME/../../build/sluice}
	vectors=$BATS_TEST_DIRNAME/../vectors/log
	cd "$BATS_TEST_TMPDIR" || return
	unset XDG_STATE_HOME HOME
}

# each PATTERN STATUS WORDS: every such file is answered so.
each() {
	local file seen=0
	for file in "$vectors"/$1; do
		run "$sluice" verify "$file" --vkey "$vectors/vkey"
		echo "${file##*/}: $status $output"
		[ "$status" -eq "$2" ]
		[[ $output == *"$3"* ]]
		seen=$((seen + 1))
	done
	[ "$seen" -ge "$4" ]
}

@test "the good proof is accepted, from a file and from a pipe" {
	each good.json 0 'it came through the gate' 1
	run "$sluice" verify - --vkey "$(cat "$vectors/vkey")" \
		<"$vectors/good.json"
	[ "$status" -eq 0 ]
	[[ $output == *'pushed by   ada'* ]]
	[[ $output == *'signed      94ab00000000 by ada: good'* ]]
	run "$sluice" verify "$vectors/good.json" --vkey "$vectors/vkey" --json
	[ "$(jq -r .answer <<<"$output")" = accepted ]
}

@test "forged proofs are called false" {
	each 'forged-*' 1 'the proof is false' 10
}

@test "true proofs of something less are no acceptance" {
	each 'refused-*' 1 'signature, ' 3
}

@test "what cannot be read is neither" {
	each 'unreadable-*' 2 'sluice: ' 5
}

@test "a key that is none, is missing, or is of another log" {
	run "$sluice" verify "$vectors/good.json"
	[ "$status" -eq 64 ]
	run "$sluice" verify "$vectors/good.json" --vkey no-such-file
	[ "$status" -eq 2 ]
	run "$sluice" verify "$vectors/good.json" \
		--vkey "$(sed 's/+........+/+00000000+/' "$vectors/vkey")"
	[ "$status" -eq 2 ]
	rules_give other/cache
	"$sluice" --state other --quiet init --origin vectors.example/log
	run "$sluice" verify "$vectors/good.json" --vkey other/log.vkey
	[ "$status" -eq 1 ]
}
