# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# The evidence under bad conditions: many writers, sudden death, no space, and
# somebody who wants it to say something else.
load lib/e2e

setup_file() {
	people_make
	# The preload that interferes with single steps.
	program killat.so -shared -fPIC
}

teardown_file() {
	people_end
}

setup() {
	world_make
}

size() {
	sluice log checkpoint | sed -n 2p
}

# tampered TEXT...: log verify says no, and each TEXT.
tampered() {
	run sluice log verify
	[ "$status" -eq 1 ] || fail "status $status: $output"
	for text; do
		[[ $output == *"$text"* ]] || fail "no '$text': $output"
	done
}

# has_evidence: what the server took the log knows of.
has_evidence() {
	server_has refs/heads/signed/x main || fail "step $at: not there"
	run sluice log find "$(git rev-parse main)"
	[[ $output == *accept* ]] || fail "step $at: no evidence, but an entry"
}

# interfere HOW STEP COMMAND...
interfere() {
	local how=$1 at=$2
	shift 2
	rm -f "$W/steps"
	env LD_PRELOAD="$BATS_FILE_TMPDIR/killat.so" KILLAT_HOW="$how" \
		KILLAT_STEP="$at" KILLAT_COUNT="$W/steps" "$@"
}

# So many pushes: SLUICE_TEST_PUSHES=200 for a crowd.
@test "pushes at once, to one repository and to others, on one log" {
	local n=${SLUICE_TEST_PUSHES:-60} repos=("$REPO") pids=() i
	for ((i = 1; i < (n + 3) / 4; i++)); do
		git init -q --bare "$W/srv/team/$i.git"
		repos+=("$W/srv/team/$i.git")
	done
	sluice --quiet install "${repos[@]:1}"
	before=$(size)
	began=${EPOCHREALTIME/./}
	for ((i = 0; i < n; i++)); do
		git push -q "${repos[i % ${#repos[@]}]}" \
			"main:refs/heads/topic$i" >>"$W/out" 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || fail "$(cat "$W/out")"
	done
	echo "# $n pushes, $(((${EPOCHREALTIME/./} - began) / 1000)) ms" >&3
	sluice log verify
	[ "$(size)" = $((before + 2 * n)) ]
	# Each entry has its own number, each ref one decision, and each decision
	# one outcome after it.
	sluice --json log list --since "$before" | jq -es --argjson n "$n" \
		--argjson b "$before" '
		map(select(.kind == "decision")) as $d |
		map(select(.kind == "outcome")) as $o |
		map(.entry) == [range($b; $b + 2 * $n)] and
		($d | length) == $n and all($d[]; .applied) and
		([$d[] | .updates[0].ref] | unique | length) == $n and
		([$o[] | .decision] | sort) == [$d[] | .entry] and
		all($o[]; .decision < .entry)'
	sluice audit "${repos[@]}"
	# To whoever follows the log it is all of one piece.
	sleep 1.1
	sluice log monitor "$STATE/log" --once --vkey "$(sluice log key)" \
		--state-dir "$W/m" --settle 1s
}

# While one has the log, the others leave their records for the next.
@test "pushes that wait for the log share its syncs" {
	local n=12 repos=("$REPO") pids=() i syncs
	for ((i = 1; i < 4; i++)); do
		git init -q --bare "$W/srv/team/$i.git"
		repos+=("$W/srv/team/$i.git")
	done
	sluice --quiet install "${repos[@]:1}"
	accepted main:refs/heads/signed/first
	before=$(size)
	exec 8>>"$STATE/lock"
	flock 8
	for ((i = 0; i < n; i++)); do
		env LD_PRELOAD="$BATS_FILE_TMPDIR/killat.so" \
			KILLAT_SYNCS="$W/syncs" \
			git push -q "${repos[i % ${#repos[@]}]}" \
			"main:refs/heads/topic$i" >>"$W/out" 2>&1 8>&- &
		pids+=($!)
	done
	for ((i = 0; i < 600; i++)); do
		[ "$(find "$STATE/queue" -type f -size +0 2>/dev/null |
			wc -l)" != "$n" ] || break
		sleep 0.1 8>&-
	done
	[ "$i" -lt 600 ] || fail "they do not wait: $(cat "$W/out")"
	exec 8>&-
	for i in "${pids[@]}"; do
		wait "$i" || fail "$(cat "$W/out")"
	done
	sluice log verify
	[ "$(size)" = $((before + 2 * n)) ]
	[ -z "$(ls "$STATE/queue")" ]
	# Their decisions one, or one more that was not all there yet; their
	# outcomes come as each push goes on.
	syncs=$(wc -c <"$W/syncs")
	echo "# $((2 * n)) entries, $syncs syncs" >&3
	[ "$syncs" -le $((n + 4)) ]
	# The commit came through, everywhere.
	sluice --json log list --since "$before" | jq -es --argjson n "$n" '
		[.[] | select(.kind == "decision")] | length == $n and
		([.[] | .updates[0].ref] | unique | length) == $n and
		all(.[]; .applied)'
	sluice audit "${repos[@]}"
}

@test "two pushes race for one ref: one moves it, both are recorded" {
	commit ada one -S
	one=$(git rev-parse main)
	git reset -q --hard HEAD~1
	commit ada two -S
	two=$(git rev-parse main)
	accepted HEAD~1:refs/heads/signed/x
	before=$(size)
	interfere pause 0 git push -q origin "$one:refs/heads/signed/x" \
		>"$W/1" 2>&1 &
	a=$!
	interfere pause 0 git push -q origin "$two:refs/heads/signed/x" \
		>"$W/2" 2>&1 &
	b=$!
	sa=0
	sb=0
	wait $a || sa=$?
	wait $b || sb=$?
	[ $((sa == 0)) -ne $((sb == 0)) ] || fail "$(cat "$W/1" "$W/2")"
	sluice log verify
	sluice audit "$REPO"
}

@test "kill -9 at every step leaves a log that verifies and no ref moved" {
	for ((at = 1; at < 400; at++)); do
		commit ada "step $at" -S
		interfere kill "$at" git push -q origin +main:refs/heads/signed/x \
			>"$W/out" 2>&1 && pushed=yes || pushed=no
		run sluice log verify
		[ "$status" -eq 0 ] || fail "step $at: $output"
		if [ "$pushed" = no ]; then
			! server_has refs/heads/signed/x main ||
				fail "step $at: refused, but the ref moved"
		else
			has_evidence
		fi
		# All steps of pre-receive and post-receive are behind us.
		[ "$(wc -c <"$W/steps")" -ge "$at" ] || break
	done
	echo "# $at steps" >&3
	[ "$at" -gt 15 ]
	[ "$pushed" = yes ]
	commit ada 'as if nothing had been' -S
	accepted main:refs/heads/signed/x
	sluice log verify
}

@test "no space left at any step refuses, names the cause and harms nothing" {
	for ((at = 1; at < 400; at++)); do
		commit ada "step $at" -S
		interfere full "$at" git push origin +main:refs/heads/signed/x \
			>"$W/out" 2>&1 && pushed=yes || pushed=no
		run sluice log verify
		[ "$status" -eq 0 ] || fail "step $at: $output"
		if [ "$pushed" = no ]; then
			! server_has refs/heads/signed/x main ||
				fail "step $at: refused, but the ref moved"
			grep -q 'No space left' "$W/out" ||
				fail "step $at: $(cat "$W/out")"
		else
			has_evidence
		fi
		[ "$(wc -c <"$W/steps")" -ge "$at" ] || break
	done
	[ "$at" -gt 10 ]
	commit ada 'as if nothing had been' -S
	accepted main:refs/heads/signed/x
	sluice log verify
}

@test "a state folder on a disk that is really full" {
	full=$W/full
	mkdir "$full"
	# A file system of our own needs a mount namespace.
	unshare -m true 2>/dev/null || skip 'may not mount here'
	commit ada one -S
	run unshare -m bash -c '
		mount -t tmpfs -o size=16m none "$1" || exit 77
		cp -a "$2/." "$1" || exit 6
		mount --bind "$1" "$2"
		head -c 17m /dev/zero >"$2/fill" 2>/dev/null
		git push origin main:refs/heads/signed/x
		echo "status $?"
		rm "$2/fill"
		"$3" --state "$2" log verify || exit 3
		git push origin main:refs/heads/signed/x || exit 4
		"$3" --state "$2" log verify || exit 5
	' - "$full" "$STATE" "$SLUICE"
	[ "$status" -ne 77 ] || skip 'may not mount here'
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'No space left'* ]]
	[[ $output == *'status 1'* ]]
}

@test "the log's key gone, or readable by others: refused with the cause" {
	mv "$STATE/log.key" "$W"
	run git push origin main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *log.key* ]]
	harmless
	mv "$W/log.key" "$STATE"
	chmod 644 "$STATE/log.key"
	run git push origin main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *log.key* ]]
	chmod 600 "$STATE/log.key"
	accepted main:refs/heads/topic
}

@test "a state folder that is gone refuses" {
	mv "$STATE" "$STATE.gone"
	run git push origin main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *"$STATE"* ]]
	harmless
}

@test "a library that is missing refuses with one line" {
	mkdir "$W/lib"
	# A library of that name which is none, and which git does without.
	ldd "$(command -v git)" >"$W/git.libs"
	lib=$(ldd "$SLUICE" | sed -n 's/^[[:space:]]*\(lib[^ ]*\) => .*/\1/p' |
		while read -r name; do
			grep -qF "$name" "$W/git.libs" || echo "$name"
		done | head -n 1)
	[ -n "$lib" ]
	echo no >"$W/lib/$lib"
	run env LD_LIBRARY_PATH="$W/lib" GIT_EXEC_PATH= git push origin \
		main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *"$lib"* ]]
	[ "$(printf '%s\n' "$output" | grep -c "$lib")" = 1 ]
}

@test "the index gone or broken is built again from the log" {
	commit ada one -S
	accepted main:refs/heads/signed/x
	rm "$STATE/index.db"*
	accepted main:refs/heads/signed/y
	[ "$(record "$(evidence)" 'p.commits | length')" = 0 ]
	head -c 20000 /dev/urandom >"$STATE/index.db"
	accepted main:refs/heads/signed/z
	sluice audit "$REPO"
}

@test "a flipped bit, a missing tile, a truncated bundle are named" {
	accepted main:refs/heads/a
	accepted main:refs/heads/b
	cp -a "$STATE/log" "$W/log"
	bundle=$(cd "$STATE/log" && find tile/entries -type f | sort | tail -n 1)
	tile=$(cd "$STATE/log" && find tile/0 -type f | sort | tail -n 1)
	sluice log verify

	flip "$STATE/log/$bundle" 100
	tampered "$bundle"
	rm -r "$STATE/log" && cp -a "$W/log" "$STATE/log"
	flip "$STATE/log/$tile" 3
	tampered "$tile"
	rm -r "$STATE/log" && cp -a "$W/log" "$STATE/log"
	rm "$STATE/log/$tile"
	tampered "$tile"
	rm -r "$STATE/log" && cp -a "$W/log" "$STATE/log"
	rm "$STATE/log/$bundle"
	tampered "$bundle"
	rm -r "$STATE/log" && cp -a "$W/log" "$STATE/log"
	truncate -s -5 "$STATE/log/$bundle"
	tampered "$bundle"
	rm -r "$STATE/log" && cp -a "$W/log" "$STATE/log"
	flip "$STATE/log/checkpoint" -3
	tampered checkpoint
	rm -r "$STATE/log" && cp -a "$W/log" "$STATE/log"
	sluice log verify
}

@test "a checkpoint rolled back is named, and nothing more is signed" {
	accepted main:refs/heads/a
	cp -a "$STATE/log" "$W/log"
	accepted main:refs/heads/b
	rm -r "$STATE/log"
	cp -a "$W/log" "$STATE/log"
	tampered checkpoint
	run git push origin main:refs/heads/c
	[ "$status" -ne 0 ]
	[ -z "$(git --git-dir="$REPO" for-each-ref refs/heads/c)" ]
	harmless
}

@test "a proof needs the file and the key, and nothing else" {
	commit ada one -S
	approve bela main main
	accepted main
	mkdir "$W/elsewhere"
	sluice log prove "$(git rev-parse main)" >"$W/elsewhere/proof"
	key=$(sluice log key)
	cd "$W/elsewhere"
	run env -i PATH="$PATH" "$SLUICE" verify proof --vkey "$key"
	[ "$status" -eq 0 ]
	[[ $output == *"$(git --git-dir="$REPO" rev-parse main)"* ]]
	# Another key's word is not taken.
	STATE=$W/other
	rules_give "$STATE/cache"
	"$SLUICE" --state "$STATE" init --origin gate.example.org/e2e >/dev/null
	run env -i PATH="$PATH" "$SLUICE" verify proof \
		--vkey "$(sluice log key)"
	[ "$status" -eq 1 ]
}

@test "audit finds what went round the gate" {
	sluice audit "$REPO"
	commit mallory sneaky
	git --git-dir="$REPO" fetch -q "$WORK" main:refs/heads/sneaky
	run sluice audit "$REPO"
	[ "$status" -eq 1 ]
	[[ $output == *refs/heads/sneaky* ]]
}

@test "with a key in the policy, gpg alone can check every checkpoint" {
	key=$(gpg --batch --with-colons --list-secret-keys gus@example.org |
		sed -n 's/^fpr:*\([0-9A-F]*\):.*/\1/p' | head -n 1)
	# The server's account signs with its own keyring, wherever the
	# environment of a push may point.
	mkdir -m 700 "$HOME/.gnupg"
	gpg --batch --export-secret-keys gus@example.org |
		gpg --batch --quiet --homedir "$HOME/.gnupg" --import
	sed -i "1s/{/{\"log\": {\"openpgp_key\": \"$key\"},/" \
		"$STATE/policy.json"
	sluice policy check
	accepted main:refs/heads/a
	gpg --batch --verify "$STATE/log/checkpoint.asc" "$STATE/log/checkpoint"
	# A refusal moves the log as well.
	commit ada unsigned
	refused signature.missing main
	gpg --batch --verify "$STATE/log/checkpoint.asc" "$STATE/log/checkpoint"
	sed -i '2s/^./9/' "$STATE/log/checkpoint"
	not gpg --batch --verify "$STATE/log/checkpoint.asc" \
		"$STATE/log/checkpoint"
}

@test "a checkpoint that gpg cannot sign is told, and the push goes on" {
	key=0123456789ABCDEF0123456789ABCDEF01234567
	sed -i "1s/{/{\"log\": {\"openpgp_key\": \"$key\"},/" \
		"$STATE/policy.json"
	accepted main:refs/heads/a
	[[ $output == *checkpoint.asc* ]]
	sluice log verify
}
