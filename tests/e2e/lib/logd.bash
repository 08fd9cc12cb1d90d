# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031,SC2034
# A log under an account of its own: a gate whose hooks run as one user, and
# logd as another. That takes root, to become them.

# The accounts bin and daemon, which every system has.
GATE=2
KEEPER=1

as_uid() {
	local uid=$1
	shift
	setpriv --reuid="$uid" --regid="$uid" --clear-groups \
		env HOME="$D/home" "$@"
}

gate() {
	as_uid "$GATE" "$@"
}

keeper() {
	as_uid "$KEEPER" "$@"
}

logd_world() {
	clean_environment
	# Where both accounts can reach it.
	D=$(mktemp -d /tmp/logd-XXXXXX)
	STATE=$D/state
	KEPT=$D/kept
	SOCKET=$D/run/logd.sock
	chmod 755 "$D"
	mkdir "$D/home" "$D/srv"
	install -d -o "$KEEPER" "$D/run"
	cp "${SLUICE%/*}/sluice" "${SLUICE%/*}"/sluice-* "$D"
	SLUICE=$D/sluice
	rules_give "$STATE/cache"
	chown -R "$GATE:$GATE" "$STATE" "$D/home" "$D/srv"
	gate "$SLUICE" --state "$STATE" --quiet init \
		--origin gate.example.org/e2e >/dev/null
	jq -n '{people: {}, repositories: [{match: ["team/*"], refs: [
		{match: ["**"], ref: {force_push: "deny"}}]}]}' |
		gate tee "$STATE/policy.json" >/dev/null
	git init -q "$D/work"
	cd "$D/work" || return
	# Root pushes, and git runs as the gate's account on the other side.
	git config remote.pushDefault none
	git config core.fsync none
	RECEIVE="setpriv --reuid=$GATE --regid=$GATE --clear-groups"
	RECEIVE="$RECEIVE env HOME=$D/home git-receive-pack"
	echo first >README
	git add README
	as ada git commit -q -m first
}

logd_end() {
	[ -z "${LOGD:-}" ] || kill -9 "$LOGD" 2>/dev/null || true
	rm -rf "$D"
}

# gated NAME: a new repository behind the gate.
gated() {
	gate git init -q --bare "$D/srv/$1.git"
	gate "$SLUICE" --state "$STATE" --quiet install --name "team/$1" \
		"$D/srv/$1.git"
}

# push NAME REFSPEC...
push() {
	local name=$1
	shift
	git push -q --receive-pack="$RECEIVE" "$D/srv/$name.git" "$@"
}

# The steps of docs/logd.md.
move_log() {
	install -d -o "$KEEPER" -g "$KEEPER" -m 755 "$KEPT"
	mv "$STATE/log.key" "$KEPT"
	flock "$STATE/lock" true
	mv "$STATE/log" "$STATE/vault" "$STATE/highwater" "$KEPT"
	[ ! -e "$STATE/journal" ] || mv "$STATE/journal" "$KEPT"
	cp "$STATE/log.vkey" "$KEPT"
	chown -R "$KEEPER:$KEEPER" "$KEPT"
	chgrp -R "$GATE" "$KEPT/vault"
	find "$KEPT/vault" -type d -exec chmod 2750 {} +
	find "$KEPT/vault" -type f -exec chmod 640 {} +
	gate ln -s "$KEPT/log" "$KEPT/vault" "$STATE"
	jq -n '{peers: [{user: "bin",
		append: ["adopt", "decision", "outcome"]}]}' |
		keeper tee "$KEPT/logd.json" >/dev/null
	jq -n --arg s "$SOCKET" '{socket: $s, user: "daemon", seconds: 20}' |
		gate tee "$STATE/socket.json" >/dev/null
}

start_logd() {
	local i=0
	# Not through a function: $! has to be logd itself.
	setpriv --reuid="$KEEPER" --regid="$KEEPER" --clear-groups \
		"$SLUICE" --state "$KEPT" logd --socket "$SOCKET" \
		2>>"$D/said" 3>&- &
	LOGD=$!
	until grep -q 'serves the log' "$D/said" 2>/dev/null; do
		kill -0 "$LOGD" || fail "logd ended: $(cat "$D/said")"
		[ $((i += 1)) -lt 100000 ] || fail 'logd does not begin'
	done
}

# stop_logd [SIGNAL]: and what it said is in $said.
stop_logd() {
	local end=0
	kill "-${1:-TERM}" "$LOGD"
	wait "$LOGD" || end=$?
	LOGD=
	[ -n "${1:-}" ] || [ "$end" -eq 0 ] || fail "logd: $end"
	said=$(cat "$D/said")
	rm "$D/said"
}

not_pushing() {
	[ "$(jobs -pr | wc -l)" -le 1 ]
}

size() {
	sed -n 2p "$KEPT/log/checkpoint"
}

# whole SIZE: the log verifies for both, and has that many entries.
whole() {
	keeper "$SLUICE" --state "$KEPT" log verify >/dev/null
	gate "$SLUICE" --state "$STATE" log verify >/dev/null
	[ "$(size)" -eq "$1" ] || fail "size $(size), not $1"
}
