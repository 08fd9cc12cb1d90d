# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# The log looked after while it is in use: records packed and pruned, the key
# changed, each of them killed again and again, beside pushes that know nothing
# of it. What the vault has afterwards is read without sluice.
load lib/e2e
load lib/logd

PUSHERS=3
SERVED=${SLUICE_TEST_UPKEEP:-12} # pushes of each

setup_file() {
	people_make
	program killat.so -shared -fPIC
}

teardown_file() {
	people_end
}

setup() {
	KILLAT=$BATS_FILE_TMPDIR/killat.so
}

teardown() {
	[ -z "${D:-}" ] || logd_end
}

# The log's owner; of tests with logd another account.
owner() {
	"${OWNER[@]}" "$@"
}

tend() {
	owner "$SLUICE" --state "$LOG" "$@"
}

# tend_killed STEP COMMAND...: dead before that step, if it has so many. How
# often that was is in $killed.
tend_killed() {
	local at=$1 end=0
	shift
	rm -f "$STEPS"
	: >"$T/$2"
	owner env LD_PRELOAD="$KILLAT" KILLAT_HOW=kill \
		KILLAT_STEP="$at" KILLAT_COUNT="$STEPS" \
		"$SLUICE" --state "$LOG" --quiet "$@" >>"$T/$2" 2>&1 || end=$?
	# It, or the child of it that appends.
	if [ "$end" -eq 137 ] ||
		grep -q 'the key holder died: signal 9' "$T/$2"; then
		killed[$2]=$((${killed[$2]:-0} + 1))
	elif [ "$end" -ne 0 ]; then
		fail "$*, step $at: $end: $(tail -n 3 "$T/$2")"
	fi
}

# pusher K: one commit after the other onto a branch of its own. What it was
# told is in: a line "<commit> <ref>" each.
pusher() {
	local k=$1 i at ref tree
	tree=$(git rev-parse 'HEAD^{tree}')
	at=$(git rev-parse HEAD)
	for ((i = 1; i <= SERVED; i++)); do
		# Now and then a new branch, whose push stands from then on.
		ref=refs/heads/free/w$k
		((i % 8)) || ref=$ref-$i
		at=$(as ada git commit-tree -p "$at" -m "$k.$i" "$tree")
		push_to "$k" "$at:$ref" >"$T/said.$k" 2>&1 ||
			return
		echo "$at $ref" >>"$T/in.$k"
	done
	: >"$T/done.$k"
}

pushing() {
	local p
	for p in "${pids[@]}"; do
		! kill -0 "$p" 2>/dev/null || return 0
	done
	return 1
}

# Pushes, and beside them everything that changes vault and key, round after
# round; each is killed one step later than the round before.
work() {
	local k p round=0 changes=0
	declare -gA killed=()
	pids=()
	for ((k = 0; k < PUSHERS; k++)); do
		pusher "$k" 3>&- &
		pids+=($!)
	done
	while pushing; do
		round=$((round + 1))
		tend_killed "$round" log pack
		tend_killed $((round % 40 + 1)) log prune --before 9999-01-01
		if ((round % 4 == 0)); then
			tend --quiet log pack
			tend --quiet log prune --before 9999-01-01
		fi
		# A log can have 60 keys.
		if ((round % 3 == 0 && changes < 20)); then
			changes=$((changes + 1))
			tend_killed $((changes * 3)) log rotate-key
		fi
	done
	for p in "${pids[@]}"; do
		wait "$p" || true
	done
	echo "# $round rounds; killed: pack ${killed[pack]:-0}, prune" \
		"${killed[prune]:-0}, rotate-key ${killed[rotate-key]:-0}" >&3
	[ "${killed[pack]:-0}" -gt 0 ] || fail 'no pack was killed'
	[ "${killed[prune]:-0}" -gt 0 ] || fail 'no prune was killed'
	[ "${killed[rotate-key]:-0}" -gt 0 ] || fail 'no rotate-key was killed'
	for ((k = 0; k < PUSHERS; k++)); do
		[ -e "$T/done.$k" ] || fail "a push failed: $(cat "$T/said.$k")"
	done
}

# Each push that its pusher was told of is in the log: one decision, one outcome,
# and the server has it.
all_in() {
	local k
	cat "$T"/in.* >"$T/in"
	[ "$(wc -l <"$T/in")" -eq $((PUSHERS * SERVED)) ]
	tend --json log list >"$T/list"
	jq -es --rawfile in "$T/in" '
		map(select(.kind == "decision" and
			(.updates[0].ref | startswith("refs/heads/begin/") |
			not))) as $d |
		map(select(.kind == "outcome") | .decision) as $o |
		map(.entry) == [range(0; length)] and
		([$d[].updates[0] | "\(.new) \(.ref)\n"] | sort | add) ==
			([$in | splits("(?<=\n)") | select(. != "")] |
			sort | add) and
		all($d[]; .applied and .verdict == "accept") and
		([$d[].entry] - $o == []) and ($o | length == (unique | length))
		' "$T/list" >/dev/null || fail "$(head -c 2000 "$T/list")"
	for ((k = 0; k < PUSHERS; k++)); do
		[ "$(git --git-dir="${REPOS[k]}" rev-parse "$(tail -n 1 \
			"$T/in.$k" | cut -d' ' -f2)")" = \
			"$(tail -n 1 "$T/in.$k" | cut -d' ' -f1)" ]
	done
}

# packed: the digests of the records in packs, by zcat and sha256sum.
packed() {
	local pack record
	for pack in "$LOG"/vault/pack/*.pack; do
		{ zcat <"$pack" 2>/dev/null || true; } |
			while IFS= read -r record; do
				printf '%s' "$record" | sha256sum
			done
	done | cut -d' ' -f1
}

# What was told is gone, all else is there, and only once. What else there is
# was left by who was killed while it appended, before it came to an entry.
vault_exact() {
	find "$LOG/vault" -type f ! -name '*.pack' -printf '%f\n' |
		sort >"$T/files"
	packed | sort >"$T/packed"
	[ -s "$T/packed" ] || fail "nothing was packed: $(ls -lR "$LOG/vault")"
	[ -s "$T/files" ] || fail 'no files'
	[ -z "$(uniq -d "$T/packed")" ] || fail 'twice in a pack'
	[ -z "$(comm -12 "$T/files" "$T/packed")" ] ||
		fail 'in a pack, and a file still'
	jq -r 'select(.kind == "pruned") | .entry' "$T/list" |
		while read -r n; do
			tend --json log show "$n" |
				jq -r .entry.predicate.entries
		done | tr ',\n' ' ' >"$T/told"
	[ -s "$T/told" ] || fail 'nothing was pruned'
	jq -rs --rawfile told "$T/told" '
		[$told | splits(" +") | select(. != "") | split("-") |
			map(tonumber) | range(.[0]; .[-1] + 1)] as $gone |
		([$gone[] | {(tostring): true}] | add) as $is |
		if ($gone | length) != ($gone | unique | length)
		then error("told twice") else . end |
		map(select($is[.entry | tostring] | not) | .record) |
		unique[]' "$T/list" >"$T/kept"
	sort -u "$T/files" "$T/packed" >"$T/there"
	[ -z "$(comm -23 "$T/kept" "$T/there")" ] ||
		fail "lost: $(comm -23 "$T/kept" "$T/there")"
	comm -13 "$T/kept" "$T/there" >"$T/left"
	while read -r n; do
		jq -e '.predicate.kind | . == "key" or . == "pruned"' \
			"$LOG/vault/${n:0:2}/$n" >/dev/null ||
			fail "in the vault, and not in the log: $n"
	done <"$T/left"
	[ ! -s "$T/left" ] ||
		grep "has $(wc -l <"$T/left") records that no" "$T/verified"
	echo "# $(wc -l <"$T/list") entries; $(wc -l <"$T/packed") records" \
		"packed, $(wc -l <"$T/files") files, $(($(jq -r .record \
		"$T/list" | sort -u | wc -l) - $(wc -l <"$T/kept"))) pruned" >&3
}

# Afterwards: one quiet run of each ends what the killed ones began.
settled() {
	tend log verify >"$T/verified" || fail "$(cat "$T/verified")"
	tend --quiet log rotate-key
	tend --quiet log prune --before 9999-01-01
	tend --quiet log pack
	tend log verify >"$T/verified" || fail "$(cat "$T/verified")"
	run tend log verify --dir "$LOG/log" --vkey "$T/first"
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *"key was changed"* ]] || fail "$output"
	all_in
	vault_exact
	# No key that nobody knows of.
	[ "$(find "$LOG" -maxdepth 1 -name '*log.key*' -printf '%f')" = \
		log.key ] ||
		fail "left behind: $(ls -A "$LOG")"
}

# A tile and some, so that there is something to pack from the start: pushes
# that stand, and the same repository adopted again and again.
fill() {
	local again=() i
	for i in 1 2 3 4; do
		push_to 1 "HEAD:refs/heads/begin/$i"
	done
	for ((i = 0; i < 90; i++)); do
		again+=("${REPOS[0]}")
	done
	for i in 1 2 3; do
		"$@" --quiet install --adopt "${again[@]}"
	done
}

@test "pushes beside pack, prune and rotate-key, embedded" {
	world_make
	T=$W/t LOG=$STATE STEPS=$W/steps OWNER=()
	mkdir "$T"
	sluice log key >"$T/first"
	for ((k = 0; k < PUSHERS; k++)); do
		REPOS+=("$W/srv/team/r$k.git")
		git init -q --bare "${REPOS[k]}"
	done
	sluice --quiet install "${REPOS[@]}"
	push_to() {
		git push -q "${REPOS[$1]}" "$2"
	}
	fill sluice
	work
	settled
	sluice audit "${REPOS[@]}"
	sluice doctor "${REPOS[@]}"
}

@test "pushes beside pack, prune and rotate-key, with logd" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to become two other users'
	logd_world
	# Where the other account can read them.
	install -m 755 "$KILLAT" "$D/killat.so"
	KILLAT=$D/killat.so
	LOG=$KEPT OWNER=(keeper) STEPS=$D/run/steps T=$D/t
	mkdir "$T"
	gate "$SLUICE" --state "$STATE" log key >"$T/first"
	for ((k = 0; k < PUSHERS; k++)); do
		gated "r$k"
		REPOS+=("$D/srv/r$k.git")
	done
	push_to() {
		push "r$1" "$2"
	}
	fill gate "$SLUICE" --state "$STATE"
	move_log
	start_logd
	work
	settled
	# The gate's account reads what packs and prune left, and follows.
	gate "$SLUICE" --state "$STATE" log verify
	gate "$SLUICE" --state "$STATE" log show \
		"$(jq -r 'select(.kind == "decision" and .applied) | .entry' \
			"$T/list" | tail -n 1)"
	[ -z "$(find "$KEPT/vault" ! -group "$GATE")" ]
	stop_logd
}
