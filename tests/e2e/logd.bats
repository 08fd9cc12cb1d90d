# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# The log under an account of its own: real pushes whose hooks run as one user,
# and logd as another. That takes root, to become them.
load lib/e2e

# The accounts bin and daemon, which every system has.
GATE=2
KEEPER=1

setup_file() {
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to become two other users'
	people_make
}

teardown_file() {
	[ "$(id -u)" -ne 0 ] || people_end
}

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

setup() {
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

teardown() {
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

@test "the gate's account can neither write the log nor sign" {
	gated a
	push a HEAD:refs/heads/embedded
	whole_before=$(sed -n 2p "$STATE/log/checkpoint")
	move_log
	# Named, but not there: refused, and what to do.
	run push a HEAD:refs/heads/x
	[ "$status" -ne 0 ]
	[[ $output == *'cannot connect'*'hint: '*'is it up?'* ]] ||
		fail "$output"
	run gate "$SLUICE" --state "$STATE" doctor
	[ "$status" -eq 1 ]
	[[ $output == *logd*'No such file'* ]] || fail "$output"

	start_logd
	push a HEAD:refs/heads/x
	[ "$(git --git-dir="$D/srv/a.git" rev-parse refs/heads/x)" = \
		"$(git rev-parse HEAD)" ]
	# Decision and outcome.
	whole $((whole_before + 2))
	gate "$SLUICE" --state "$STATE" --json log show \
		"$((whole_before))" | json '[d.record.predicate.verdict,
		d.record.predicate.repository]' | grep -q accept
	# A later install adopts through it as well.
	gated b
	whole $((whole_before + 3))
	run gate "$SLUICE" --state "$STATE" doctor
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'out of reach'* ]] || fail "$output"
	run "$SLUICE" --state "$STATE" doctor
	[ "$status" -eq 0 ] || fail "$output"
	# Each asked both gates by a push, of whose refusal there is an entry.
	whole_before=$((whole_before + 4))

	# None of the log's files, but reading what hooks and people read.
	for f in "$KEPT/log.key" "$KEPT/highwater" "$KEPT/journal" \
		"$KEPT/logd.json"; do
		not gate sh -c ": >>'$f'" 2>/dev/null
	done
	not gate cat "$KEPT/log.key" 2>/dev/null
	not gate touch "$KEPT/new" "$KEPT/log/new" "$KEPT/vault/new" 2>/dev/null
	not gate mv "$KEPT/log" "$KEPT/aside" 2>/dev/null
	not gate rm -rf "$KEPT/vault" 2>/dev/null
	not gate mv "$KEPT" "$D/aside" 2>/dev/null
	whole $((whole_before + 3))
	[ -z "$(find "$KEPT" -user "$GATE")" ]

	# Somebody else, and what this one may not.
	run gate sh -c "rm '$STATE/socket.json' &&
		'$SLUICE' --state '$STATE' install --adopt --name team/a \
		'$D/srv/a.git'"
	[ "$status" -eq 2 ]
	[[ $output == *'log key'* ]] || fail "$output"
	jq -n --arg s "$SOCKET" '{socket: $s, user: "sys"}' |
		gate tee "$STATE/socket.json" >/dev/null
	run push a HEAD:refs/heads/y
	[[ $output == *"user 1 answers at"*"not 'sys'"* ]] || fail "$output"
	whole $((whole_before + 3))
	jq -n --arg s "$SOCKET" '{socket: $s, user: "daemon"}' |
		gate tee "$STATE/socket.json" >/dev/null
	stop_logd
	[[ $said == *'7 entries for 7 syncs'* ]] || fail "$said"

	# Only decisions, of other repositories.
	keeper sh -c "jq '.peers[0] += {append: [\"decision\"],
		repositories: [\"other/*\"]}' <'$KEPT/logd.json' >'$KEPT/new' &&
		mv '$KEPT/new' '$KEPT/logd.json'"
	start_logd
	run gate "$SLUICE" --state "$STATE" install --adopt --name team/a \
		"$D/srv/a.git"
	[[ $output == *"may not append 'adopt'"* ]] || fail "$output"
	run push a HEAD:refs/heads/y
	[[ $output == *"does not gate 'team/a'"* ]] || fail "$output"
	whole $((whole_before + 3))
	# Two for one log do not get on.
	run keeper "$SLUICE" --state "$KEPT" logd --socket "$SOCKET.2"
	[[ $output == *'another logd serves'* ]] || fail "$output"
	stop_logd
	[ ! -e "$SOCKET" ]
}

@test "many pushes at a time, and a logd that is killed meanwhile" {
	for n in 1 2 3 4 5; do
		gated "r$n"
	done
	move_log
	before=$(size)
	start_logd
	pids=
	for i in $(seq 50); do
		push "r$((i % 5 + 1))" "HEAD:refs/heads/b$i" 3>&- &
		pids="$pids $!"
	done
	for p in $pids; do
		wait "$p" || fail "a push failed"
	done
	whole $((before + 100))
	stop_logd
	[[ $said == *'100 entries for '* ]] || fail "$said"
	syncs=$(sed -n 's/.*entries for \([0-9]*\) syncs.*/\1/p' <<<"$said")
	echo "100 entries, $syncs syncs" >&3
	[ "$syncs" -lt 100 ] || fail "not one was shared"
	# Each outcome after its decision, each decision once.
	gate "$SLUICE" --state "$STATE" --json log list >"$D/list"
	jq -se 'flatten | map(select(.kind == "decision")) | length == 50' \
		"$D/list" >/dev/null || fail "$(head -c 600 "$D/list")"

	# Killed again and again; what was said to be in is in.
	for i in $(seq 30); do
		(push "r$((i % 5 + 1))" "HEAD:refs/heads/k$i" 2>/dev/null &&
			: >"$D/in.$i") 3>&- &
	done
	for n in 1 2 3 4; do
		start_logd
		# Some way on, or no push is left.
		until [ "$(size)" -ge $((before + 100 + 8 * n)) ] ||
			not_pushing; do
			:
		done
		stop_logd KILL
	done
	start_logd
	# All but logd.
	jobs -pr | grep -vx "$LOGD" | while read -r p; do
		tail --pid="$p" -f /dev/null
	done
	keeper "$SLUICE" --state "$KEPT" log verify >/dev/null
	for f in "$D"/in.*; do
		[ -e "$f" ] || continue
		i=${f##*.}
		[ "$(git --git-dir="$D/srv/r$((i % 5 + 1)).git" rev-parse \
			"refs/heads/k$i")" = "$(git rev-parse HEAD)" ]
	done
	push r1 HEAD:refs/heads/after
	whole "$(size)"
	stop_logd
}

@test "logd with an encrypted key, and over to another key behind the gate's back" {
	gated a
	push a HEAD:refs/heads/embedded
	move_log
	install -d -o "$KEEPER" -m 700 "$D/credentials"
	(umask 077 && echo 'correct horse' >"$D/credentials/log.passphrase")
	chown "$KEEPER" "$D/credentials/log.passphrase"
	export CREDENTIALS_DIRECTORY=$D/credentials
	keeper "$SLUICE" --state "$KEPT" log key encrypt
	start_logd
	push a HEAD:refs/heads/x
	# Found out once: what opens it is not looked at again.
	mv "$D/credentials/log.passphrase" "$D/kept-passphrase"
	push a HEAD:refs/heads/y
	mv "$D/kept-passphrase" "$D/credentials/log.passphrase"
	# None of those who take in what clients send has it.
	keeper "$SLUICE" --state "$KEPT" log rotate-key >/dev/null
	push a HEAD:refs/heads/z
	keeper "$SLUICE" --state "$KEPT" log verify
	# The gate trusts the old one, and follows.
	run gate "$SLUICE" --state "$STATE" log verify
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'follows from it'* ]] || fail "$output"
	run gate "$SLUICE" --state "$STATE" doctor
	[ "$status" -eq 1 ]
	[[ $output == *'log key --follow'* ]] || fail "$output"
	run gate "$SLUICE" --state "$STATE" log rotate-key
	[ "$status" -ne 0 ]
	[[ $output == *'is with logd'* ]] || fail "$output"
	[ "$(gate "$SLUICE" --state "$STATE" log key --follow)" = \
		"$(keeper "$SLUICE" --state "$KEPT" log key)" ]
	run gate "$SLUICE" --state "$STATE" doctor
	[ "$status" -eq 0 ] || fail "$output"
	push a HEAD:refs/heads/w
	stop_logd
	# Without the passphrase it does not begin.
	rm "$D/credentials/log.passphrase"
	run keeper "$SLUICE" --state "$KEPT" logd --socket "$SOCKET"
	[ "$status" -ne 0 ]
	[[ $output == *passphrase* ]] || fail "$output"
}

@test "logd with its key in a PKCS#11 token" {
	module=/usr/lib/softhsm/libsofthsm2.so
	[ -e "$module" ] || skip 'no SoftHSM (softhsm2) here'
	command -v pkcs11-tool >/dev/null || skip 'no pkcs11-tool (opensc) here'
	gated a
	push a HEAD:refs/heads/embedded
	move_log
	install -d -o "$KEEPER" -m 700 "$D/credentials" "$D/tokens"
	(umask 077 && echo 1234 >"$D/credentials/log.passphrase")
	chown "$KEEPER" "$D/credentials/log.passphrase"
	printf 'directories.tokendir = %s\nobjectstore.backend = file\n' \
		"$D/tokens" >"$D/softhsm2.conf"
	export CREDENTIALS_DIRECTORY=$D/credentials
	export SOFTHSM2_CONF=$D/softhsm2.conf
	keeper softhsm2-util --init-token --free --label log \
		--so-pin 12345678 --pin 1234
	keeper pkcs11-tool --module "$module" --token-label log --login \
		--pin 1234 --keypairgen --key-type EC:edwards25519 --id 01
	keeper "$SLUICE" --state "$KEPT" log token-key --module "$module" \
		--token log --id 01 "$KEPT/token-key"
	keeper "$SLUICE" --state "$KEPT" log rotate-key \
		--key "$KEPT/token-key" >/dev/null
	not grep -rq 'PRIVATE+KEY' "$KEPT"
	start_logd
	for i in 1 2 3; do
		push a "HEAD:refs/heads/x$i"
	done
	keeper "$SLUICE" --state "$KEPT" log verify
	gate "$SLUICE" --state "$STATE" log verify
	stop_logd
}

@test "checkpoint.asc is made by logd's account" {
	gated a
	move_log
	install -d -o "$KEEPER" -m 700 "$D/keeper" "$D/keeper/.gnupg"
	gpg --batch --export-secret-keys gus@example.org >"$D/gus"
	as_uid "$KEEPER" env HOME="$D/keeper" GNUPGHOME="$D/keeper/.gnupg" \
		gpg --batch --quiet --import "$D/gus" 2>/dev/null
	key=$(gpg --batch --with-colons --list-keys gus@example.org |
		sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p' | head -n 1)
	start_logd
	push a HEAD:refs/heads/x
	unset GNUPGHOME
	as_uid "$KEEPER" env HOME="$D/keeper" "$SLUICE" --state "$KEPT" \
		log countersign --key "$key"
	export GNUPGHOME=$BATS_FILE_TMPDIR/gnupg
	gpg --batch --verify "$KEPT/log/checkpoint.asc" "$KEPT/log/checkpoint"
	push a HEAD:refs/heads/y
	not gpg --batch --verify "$KEPT/log/checkpoint.asc" \
		"$KEPT/log/checkpoint"
	unset GNUPGHOME
	as_uid "$KEEPER" env HOME="$D/keeper" "$SLUICE" --state "$KEPT" \
		log countersign --key "$key"
	export GNUPGHOME=$BATS_FILE_TMPDIR/gnupg
	gpg --batch --verify "$KEPT/log/checkpoint.asc" "$KEPT/log/checkpoint"
	run gate "$SLUICE" --state "$STATE" log countersign --key "$key"
	[ "$status" -ne 0 ]
	[[ $output == *'is with logd'* ]] || fail "$output"
	run keeper "$SLUICE" --state "$KEPT" log countersign --key 0123456789ABCDEF
	[ "$status" -ne 0 ]
	as_uid "$KEEPER" env GNUPGHOME="$D/keeper/.gnupg" \
		gpgconf --kill all 2>/dev/null || true
	stop_logd
}
