# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# The log's key in a PKCS#11 token, and no logd: the token's library runs below
# the hooks of a push. SoftHSM reads its settings where it does without an
# environment, which takes root and a name space of mounts.
load lib/e2e

MODULE=/usr/lib/softhsm/libsofthsm2.so
SETTINGS=/etc/softhsm

setup_file() {
	[ -e "$MODULE" ] || skip 'no SoftHSM (softhsm2) here'
	command -v pkcs11-tool >/dev/null || skip 'no pkcs11-tool (opensc) here'
	if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
		skip 'needs root, to give SoftHSM other settings'
	fi
	people_make
}

teardown_file() {
	[ ! -d "${GNUPGHOME:-}" ] || people_end
}

# in_place COMMAND...: where /etc/softhsm is the folder of this test.
in_place() {
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount --bind "$0" "$1" && shift && exec "$@"' \
		"$W/softhsm" "$SETTINGS" "$@"
}

# tokens FOLDER PIN: a token there, with a key; settings for it on stdout.
tokens() {
	mkdir -p "$1"
	printf 'directories.tokendir = %s\nobjectstore.backend = file\n' \
		"$1" >"$1.conf"
	SOFTHSM2_CONF=$1.conf softhsm2-util --init-token --free --label log \
		--so-pin 12345678 --pin "$2" >/dev/null
	SOFTHSM2_CONF=$1.conf pkcs11-tool --module "$MODULE" --token-label log \
		--login --pin "$2" --keypairgen --key-type EC:edwards25519 \
		--id 01 >/dev/null 2>&1
}

# passphrase TEXT
passphrase() {
	rm -f "$STATE/log.passphrase"
	(umask 077 && printf '%s\n' "$1" >"$STATE/log.passphrase")
}

# module PATH: the library of the key.
module() {
	sed "s|^module .*|module $1|" "$STATE/log.key" >"$W/log.key"
	cat "$W/log.key" >"$STATE/log.key"
}

setup() {
	world_make
	tokens "$W/tokens" 1234
	mkdir "$W/softhsm"
	cp "$W/tokens.conf" "$W/softhsm/softhsm2.conf"
	unset SOFTHSM2_CONF
	passphrase 1234
	in_place "$SLUICE" --state "$STATE" log token-key --module "$MODULE" \
		--token log --id 01 "$W/key"
	in_place "$SLUICE" --state "$STATE" log rotate-key --key "$W/key" \
		>/dev/null
	before=$(sluice log checkpoint | sed -n 2p)
	commit ada one -S
}

# grown N: so many entries since the setup, and all of it verifies.
grown() {
	[ "$(sluice log checkpoint | sed -n 2p)" -eq $((before + $1)) ] ||
		fail "$(sluice log checkpoint)"
	sluice log verify
}

# undecided_in_place TEXT: as undecided, of a push to main's branch.
undecided_in_place() {
	run in_place git push origin HEAD:refs/heads/signed/one
	[ "$status" -ne 0 ] || fail "went through: $output"
	[[ $output == *"$1"* ]] || fail "no '$1': $output"
	[[ $output != *1234* ]] || fail "the PIN: $output"
	harmless
	[ -z "$(git --git-dir="$REPO" for-each-ref refs/heads/signed)" ]
	grown 0
}

@test "a push is signed by the token, whatever the environment says" {
	run in_place git push origin HEAD:refs/heads/signed/one
	[ "$status" -eq 0 ] || fail "$output"
	grown 2
	not grep -rq 'PRIVATE+KEY' "$STATE"
	# Another token of that name, with that PIN and a key of that id, which
	# whoever pushes would like to have asked; and a library to talk to.
	tokens "$W/theirs" 1234
	commit ada two -S
	for variable in SOFTHSM2_CONF="$W/theirs.conf" HOME="$W" \
		XDG_CONFIG_HOME="$W" CREDENTIALS_DIRECTORY="$W" \
		P11_KIT_DEBUG=all; do
		mkdir -p "$W/.config/softhsm2"
		cp "$W/theirs.conf" "$W/.config/softhsm2/softhsm2.conf"
		cp "$W/theirs.conf" "$W/log.passphrase"
		run in_place env "$variable" GIT_CONFIG_GLOBAL="$HOME/.gitconfig" \
			git push origin "HEAD:refs/heads/signed/${variable%%=*}"
		[ "$status" -eq 0 ] || fail "$variable: $output"
		harmless
	done
	grown 12
	# Whoever asked for the log's key by hand has an environment of one's own.
	run env SOFTHSM2_CONF="$W/tokens.conf" "$SLUICE" --state "$STATE" \
		audit --record
	[ "$status" -eq 0 ] || fail "$output"
	grown 13
	run in_place "$SLUICE" --state "$STATE" doctor "$REPO"
	[ "$status" -eq 0 ] || fail "$output"
}

@test "no token, a wrong PIN, an open PIN file: refused, and it says what" {
	mv "$W/tokens" "$W/away"
	mkdir "$W/tokens"
	undecided_in_place "no token is called 'log'"
	rmdir "$W/tokens"
	undecided_in_place "token 'log'"
	mv "$W/away" "$W/tokens"
	passphrase 4321
	undecided_in_place 'refuses the PIN'
	[[ $output == *log.passphrase* ]] || fail "$output"
	[[ $output != *4321* ]] || fail "$output"
	passphrase 1234
	chmod 644 "$STATE/log.passphrase"
	undecided_in_place 'log.passphrase'
	[[ $output == *chmod* ]] || fail "$output"
	rm "$STATE/log.passphrase"
	undecided_in_place 'log.passphrase'
	passphrase 1234
	run in_place git push origin HEAD:refs/heads/signed/one
	[ "$status" -eq 0 ] || fail "$output"
	grown 2
}

@test "a library that dies, fails, lies or talks" {
	include=$(pkg-config --cflags p11-kit-1 2>/dev/null) ||
		skip 'no p11-kit-1 to build a library with'
	for how in 1 2 3 4; do
		# shellcheck disable=SC2086
		${CC:-cc} $include -shared -fPIC -DHOW=$how \
			-DSOFTHSM="\"$MODULE\"" -o "$W/bad$how.so" \
			"$E2E_ROOT/tests/e2e/lib/badtoken.c"
		chmod 755 "$W/bad$how.so"
	done
	module "$W/bad1.so"
	undecided_in_place 'the key holder died: signal 6'
	[[ $output == *'hint: '*'names a token, its library'* ]] ||
		fail "$output"
	module "$W/bad3.so"
	undecided_in_place 'the token cannot sign: 0x30'
	module "$W/bad4.so"
	undecided_in_place 'not by the key of the log'
	module "$W/none.so"
	undecided_in_place "cannot find the token's library"
	echo text >"$W/text.so"
	module "$W/text.so"
	undecided_in_place "cannot load '$W/text.so'"
	module "$W/bad2.so"
	chmod 775 "$W/bad2.so"
	undecided_in_place 'root alone may change'
	mkdir "$W/open"
	cp "$W/bad2.so" "$W/open/bad2.so"
	chmod 755 "$W/bad2.so" "$W/open/bad2.so"
	chmod 777 "$W/open"
	module "$W/open/bad2.so"
	undecided_in_place "'$W/open'"
	# What it says is nobody's business who pushes.
	module "$W/bad2.so"
	run in_place git push origin HEAD:refs/heads/signed/one
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output != *LIBRARY* ]] || fail "$output"
	# And the decision of the push whose signing died was promised.
	grown 3
	[ "$(sluice --json log list | jq -s "map(select(.kind == \"decision\" and
		.updates[0].new == \"$(git rev-parse HEAD)\")) | length")" -eq 2 ]
}
