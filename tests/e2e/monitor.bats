#!/usr/bin/env bats
# sluice log monitor: what it tells of a log, once each, and how it ends.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0
load lib/e2e
load lib/servers

setup_file() {
	people_make
	program skew.so -shared -fPIC
}

teardown() {
	[ -z "${WEB-}" ] || kill "$WEB"
	servers_end
}

teardown_file() {
	people_end
}

setup() {
	world_make
	KEY=$(sluice log key)
}

# told STATUS [OPTION...]: a turn at $FROM ends so. What it told is in $output,
# a line each: kind, whether it is over, entry.
told() {
	local want=$1
	shift
	run --separate-stderr sluice log monitor "${FROM:-$STATE/log}" --once \
		--vkey "$KEY" --state-dir "${MEMORY:-$W/m}" --json "$@"
	[ "$status" -eq "$want" ] || fail "status $status: $output $stderr"
	TEXT=$output
	output=$(jq -rc '[.alert, .over, .entry]' <<<"$output")
}

@test "movement outside the gate, pushes never applied; each told once" {
	commit ada one
	accepted HEAD:refs/heads/free/a
	told 0 --silence 1h
	[ -z "$output" ]
	[ "$(sed -n 1p "$W/m/state")" = "size $(sed -n 2p "$STATE/log/checkpoint")" ]
	git --git-dir="$REPO" update-ref refs/heads/evil "$(git rev-parse HEAD)"
	run sluice audit --record "$REPO"
	[ "$status" -eq 1 ]
	evil=$(sluice --json log list --kind observed | jq -s '.[0].entry')
	mv "$REPO/hooks/post-receive" "$W/kept"
	commit ada two
	accepted HEAD:refs/heads/free/b
	n=$(evidence)
	mv "$W/kept" "$REPO/hooks/post-receive"

	# A program that fails has told nobody.
	printf '#!/bin/sh\ncat >>%s\necho "$1" >>%s\n' "$W/got" "$W/kinds" \
		>"$W/page"
	told 1 --exec "$W/page"
	[[ $stderr == *page* ]]
	chmod 755 "$W/page"
	told 1 --exec "$W/page"
	[ "$output" = "[\"ungated\",false,$evil]" ]
	[[ $TEXT == *'of team/app moved outside the gate, 000000000000..'*': refs/heads/evil'* ]]
	cmp "$W/got" - <<<"$TEXT"
	[ "$(cat "$W/kinds")" = ungated ]
	told 0
	[ -z "$output" ]

	# The push has had its time.
	sleep 1.1
	told 1 --settle 1s
	[ "$output" = "[\"unapplied\",false,$n]" ]
	told 0 --settle 1s
	[ -z "$output" ]
	# As text; and an address, a key, times that are none.
	rm "$W/m/state"
	run sluice log monitor "$STATE/log" --once --vkey "$KEY" \
		--state-dir "$W/m" --settle 1s
	[ "$status" -eq 1 ]
	harmless
	[[ $output == *Z' ALERT ungated: entry '*Z' ALERT unapplied: entry '* ]]
	for bad in '--every 0s' '--silence soon' '--settle 3'; do
		# shellcheck disable=SC2086
		run sluice log monitor "$STATE/log" --once --vkey "$KEY" $bad
		[ "$status" -eq 64 ]
		[[ $output == *"${bad%% *} takes a time"* ]]
	done
	# No key is no alert.
	KEY=a+b+c told 2
	[ -z "$output" ]
	echo 'size 1' >"$W/m/state"
	told 2
	[[ $stderr == *'remembered is damaged'* ]]
}

@test "a clock that was set back is told, by the monitor and by doctor" {
	# later DAYS: a push by a clock that is so far ahead.
	later() {
		commit ada "$1"
		LD_PRELOAD=$BATS_FILE_TMPDIR/skew.so SKEW=$(($1 * 86400)) \
			accepted HEAD:refs/heads/free/a
	}
	later 0
	told 0
	later -40
	n=$(evidence)
	told 1
	[ "$output" = "[\"clock\",false,$n]" ]
	[[ $TEXT == *"the gate's clock was set back"* ]]
	told 0
	sluice doctor --no-push
	later 40
	n=$(evidence)
	run sluice doctor --no-push
	[ "$status" -eq 1 ]
	[[ $output == *'BAD '*clock*'and the newest entry is of '* ]]
	told 1
	[[ $output == "[\"clock\",false,$n]"* ]]
	[[ $TEXT == *'which is yet to come'* ]]
}

@test "rollback, fork, damage, silence: told once, over when it is over" {
	cp -a "$STATE" "$W/before"
	commit ada one
	accepted HEAD:refs/heads/free/a
	told 0
	FROM=$W/before/log told 1
	[ "$output" = '["rollback",false,null]' ]
	FROM=$W/before/log told 1
	[ -z "$output" ]

	# Damage in what was read long ago; the same again is not told.
	cp -a "$STATE/log" "$W/bad"
	bundle=$W/bad/tile/entries/000.p/$(sed -n 2p "$W/bad/checkpoint")
	flip "$bundle" 30
	FROM=$W/bad told 1
	[ "$output" = '["damage",false,null]' ]
	FROM=$W/bad told 1
	[ -z "$output" ]
	rm "$bundle"
	FROM=$W/bad told 1
	[ "$output" = '["damage",false,null]' ]
	[[ $TEXT == *'is missing'* ]]
	told 0
	[ "$output" = $'["rollback",true,null]\n["damage",true,null]' ]

	# Nobody there: not an alert, but silence in the end.
	sleep 1.1
	FROM=http://127.0.0.1:1 told 2
	[ -z "$output" ]
	[[ $stderr == *'127.0.0.1'* ]]
	FROM=http://127.0.0.1:1 told 1 --silence 1s
	[ "$output" = '["silence",false,null]' ]
	told 0
	[ "$output" = '["silence",true,null]' ]

	# The old copy goes on: a second history, and the proof of it stays.
	sed -i "s|$STATE|$W/before|g" "$REPO"/hooks/*-receive
	commit bela two
	accepted HEAD:refs/heads/free/c
	FROM=$W/before/log told 1
	[ "$output" = '["fork",false,null]' ]
	told 1
	[ -z "$output" ]
	[ "$(grep -c '^— gate.example.org/e2e ' "$W/m/copy/fork")" -eq 2 ]
	# Nothing is forgotten with the copy alone.
	mv "$W/m/copy/fork" "$W/fork"
	told 0
	[ "$output" = '["fork",true,null]' ]
	mv "$W/m/copy" "$W/kept"
	FROM=$W/before/log told 1
	[ -n "$output" ]
	rm -r "$W/m/copy"
	mv "$W/kept" "$W/m/copy"

	# The loop, ended by a signal in the middle of its wait.
	"$SLUICE" log monitor "$W/bad" --vkey "$KEY" --state-dir "$W/n" \
		--every 1h >"$W/out" 2>&1 3>&- &
	for _ in {1..600}; do
		[ ! -s "$W/out" ] || break
		sleep 0.05
	done
	kill "$!"
	wait "$!"
	[[ $(cat "$W/out") == *' ALERT damage: '* ]]
}

# web_and_ssh: $W/served by three ways, whose addresses are in WAYS.
web_and_ssh() {
	local key=$BATS_FILE_TMPDIR/keys/bela
	PORT=$(free_port)
	cat >"$W/log.conf" <<-END
	server.document-root = "$W/served"
	server.stat-cache-engine = "disable"
	server.bind = "127.0.0.1"
	server.port = $PORT
	server.errorlog = "$W/server.log"
	END
	/usr/sbin/lighttpd -D -f "$W/log.conf" >>"$W/server.log" 2>&1 3>&- &
	WEB=$!
	wait_for_port
	WAYS=("$W/served" "http://127.0.0.1:$PORT/")
	ssh_start
	WAYS+=("ssh://$(id -un)@127.0.0.1:$PORT$W/served")
	mkdir "$W/bin"
	cat >"$W/bin/ssh" <<-END
	#!/bin/sh
	exec /usr/bin/ssh -F none -i $key -o IdentitiesOnly=yes \
		-o IdentityAgent=none -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "\$@"
	END
	chmod 755 "$W/bin/ssh"
	PATH=$W/bin:$PATH
}

# all_ways STATUS TOLD [OPTION...]: a turn by each of the three ways.
all_ways() {
	local i want=$1 what=$2
	shift 2
	for i in 0 1 2; do
		MEMORY=$W/m$i FROM=${WAYS[i]} told "$want" "$@"
		[ "$output" = "$what" ] || fail "${WAYS[i]}: $output"
	done
}

@test "rollback, fork, silence, ungated movement: by folder, http and ssh" {
	local one evil
	web_and_ssh
	ln -s "$STATE/log" "$W/served"
	commit ada one
	accepted HEAD:refs/heads/free/a
	# So many that they are lists beside the entries, and then one of them.
	for i in {1..230}; do echo "create refs/heads/free/l$i HEAD"; done |
		git update-ref --stdin
	git push -q origin 'refs/heads/free/l*'
	commit ada next
	accepted HEAD:refs/heads/free/l7
	sleep 1.1
	all_ways 0 '' --settle 1s
	cp -a "$STATE" "$W/before"
	one=$(git rev-parse HEAD^)
	git --git-dir="$REPO" update-ref refs/heads/evil "$one"
	run sluice audit --record "$REPO"
	[ "$status" -eq 1 ]
	evil=$(sluice --json log list --kind observed | jq -s '.[0].entry')
	all_ways 1 "[\"ungated\",false,$evil]"

	# A ref that was moved, and pushed on to before any audit saw it there.
	commit ada two
	git push -q "$REPO" HEAD:refs/heads/free/b
	git --git-dir="$REPO" update-ref refs/heads/free/a \
		"$(git rev-parse HEAD)" "$one"
	commit ada three
	accepted HEAD:refs/heads/free/a
	run sluice audit "$REPO"
	[[ $output == *'free/a moved outside the gate earlier: '* ]]
	sleep 1.1
	all_ways 1 "[\"broken\",false,$(($(sed -n 2p "$STATE/log/checkpoint") - 1))]" \
		--settle 1s
	all_ways 0 '' --settle 1s

	ln -sfn "$W/before/log" "$W/served"
	all_ways 1 '["rollback",false,null]'
	ln -sfn "$STATE/log" "$W/served"
	all_ways 0 '["rollback",true,null]'
	sleep 1.1
	all_ways 1 '["silence",false,null]' --silence 1s
	all_ways 0 '["silence",true,null]'

	# The old copy goes on, past what was seen.
	sed -i "s|$STATE|$W/before|g" "$REPO"/hooks/*-receive
	for i in 1 2 3 4 5; do
		commit bela "other $i"
		accepted HEAD:refs/heads/free/c
	done
	ln -sfn "$W/before/log" "$W/served"
	all_ways 1 '["fork",false,null]'
}

@test "a log behind ssh" {
	mkdir "$W/bin"
	# What stands for the other machine.
	cat >"$W/bin/ssh" <<-'END'
	#!/bin/sh
	echo "$*" >>"${0%/*}/asked"
	while [ "$1" != -- ]; do shift; done
	[ "$2" = ssh://log@git.example.org:2222 ] || exit 255
	exec sh -c "$3"
	END
	chmod 755 "$W/bin/ssh"
	PATH=$W/bin:$PATH
	FROM=ssh://log@git.example.org:2222$STATE/log/ told 0
	cmp "$W/m/copy/checkpoint" "$STATE/log/checkpoint"
	grep -q -- '-o BatchMode=yes .* -- ssh://log@git' "$W/bin/asked"
	sluice log verify --dir "$W/m/copy" --vkey "$KEY"
	# No such folder; no such machine.
	FROM=ssh://log@git.example.org:2222/none told 1
	[ "$output" = '["damage",false,null]' ]
	FROM=ssh://other.example.org$STATE/log told 1
	[ -z "$output" ]
	[[ $stderr == *'ssh ended with exit status 255'* ]]
	FROM=ssh://log@git.example.org:2222$STATE/log told 0
	rm "$W/bin/asked"
	for bad in ssh://-oProxyCommand=x/y ssh://a@-b/y 'ssh://a;b/y' \
		"ssh://a/y'z" ssh://a ssh:///y; do
		FROM=$bad told 64
	done
	[ ! -e "$W/bin/asked" ]
}
