# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# The log under an account of its own: real pushes whose hooks run as one user,
# and logd as another. That takes root, to become them.
load lib/e2e
load lib/logd

setup_file() {
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to become two other users'
	people_make
}

teardown_file() {
	[ "$(id -u)" -ne 0 ] || people_end
}

setup() {
	logd_world
}

teardown() {
	logd_end
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
