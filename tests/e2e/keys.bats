#!/usr/bin/env bats
# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# The keys of a log: going over to another one, for everybody who trusted the
# old; lost and stolen ones.

load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
	commit ada one -S
	git push -q origin HEAD:refs/heads/signed/one
	sluice log key >"$W/old"
}

# changed: over to another key, and a push under it.
changed() {
	sluice log rotate-key "$@" >"$W/said"
	sluice log key >"$W/new"
	not cmp -s "$W/old" "$W/new"
	sluice log key --chain >"$W/chain"
	commit ada two -S
	git push -q origin HEAD:refs/heads/signed/one
}

# key_der VKEY-FILE: for openssl, at standard output.
key_der() {
	local key
	key=$(head -n 1 "$1")
	key=${key#*+}
	printf '\060\052\060\005\006\003\053\145\160\003\041\000'
	printf '%s' "${key#*+}" | base64 -d | tail -c 32
}

@test "a log goes over to another key, and everybody who had the old follows" {
	changed
	grep -q 'entry 3: the log.s key was changed' "$W/said"
	sluice log verify
	sluice doctor "$REPO"
	sluice audit
	for key in old new chain; do
		run "$SLUICE" log verify --dir "$STATE/log" --vkey "$W/$key"
		[ "$status" -eq 0 ]
		[[ $output == *'entry 3: the log'\''s key was changed, signed by'* ]]
	done
	run "$SLUICE" log verify --dir "$STATE/log" --vkey "$W/old"
	[[ $output == *'follows from it by entry 3'* ]]
	run sluice log show 3
	[[ $output == *"old key     $(cat "$W/old")"* ]]
	[[ $output == *"new key     $(cat "$W/new")"* ]]
	sluice log list --kind key | grep -q '^ *3 .* key'
	# The old secret key is no more.
	[ "$(find "$STATE" -name 'log.key*' | wc -l)" -eq 1 ]
}

@test "openssl takes both signatures of the statement, which is an entry" {
	changed
	cd "$W"
	sed '/^$/,$d' "$STATE/log/keys" >text
	[ "$(sed -n 3p text)" = "$(cat old)" ]
	[ "$(sed -n 4p text)" = "$(cat new)" ]
	grep '^— ' "$STATE/log/keys" | sed 's/.* //' >lines
	head -n 1 lines | base64 -d | tail -c 64 >old.sig
	tail -n 1 lines | base64 -d | tail -c 64 >new.sig
	for key in old new; do
		key_der "$key" >"$key.der"
		openssl pkeyutl -verify -rawin -pubin -keyform DER \
			-inkey "$key.der" -in text -sigfile "$key.sig"
		echo >>text
		not openssl pkeyutl -verify -rawin -pubin -keyform DER \
			-inkey "$key.der" -in text -sigfile "$key.sig"
		sed -i '$d' text
	done
	sluice --json log show 3 | jq -j .entry.predicate.rotation |
		cmp - "$STATE/log/keys"
}

@test "proofs of after it are verified by the old key, and those of before by the new" {
	sluice log prove "$(git rev-parse HEAD)" >"$W/before"
	changed
	sluice log prove "$(git rev-parse HEAD)" >"$W/after"
	run "$SLUICE" verify "$W/after" --vkey "$W/old"
	[ "$status" -eq 0 ]
	[[ $output == *'retired in entry 3, by itself and its successor'* ]]
	"$SLUICE" verify "$W/after" --vkey "$W/new"
	run "$SLUICE" --json verify "$W/after" --vkey "$W/old"
	[ "$(json d.key <<<"$output")" = "$(cat "$W/new")" ]
	[ "$(json d.retired <<<"$output")" = 3 ]
	# What proves the change is in the proof, or comes with the key.
	"$SLUICE" verify "$W/before" --vkey "$W/old"
	run "$SLUICE" verify "$W/before" --vkey "$W/new"
	[ "$status" -eq 1 ]
	[[ $output == *'not signed by the key'* ]]
	run "$SLUICE" verify "$W/before" --vkey "$W/chain"
	[ "$status" -eq 0 ]
	[[ $output == *'one before the one that was given signed this'* ]]
	# Without the statement the old key knows nothing of the new one, and
	# with a forged one neither.
	jq 'del(.keys)' "$W/after" >"$W/bare"
	run "$SLUICE" verify "$W/bare" --vkey "$W/old"
	[ "$status" -eq 1 ]
	jq '.keys |= sub("\nretired\n"; "\ncompromised\n")' "$W/after" \
		>"$W/forged"
	run "$SLUICE" verify "$W/forged" --vkey "$W/old"
	[ "$status" -eq 1 ]
	[[ $output == *'did not sign the change'* ]]
	# The same for a proof that a ref was gated without a gap.
	sluice log prove --continuous refs/heads/signed/one \
		--repository team/app --from "$(sluice --json log show 2 |
			jq -r .entry.predicate.time)" \
		>"$W/span"
	run "$SLUICE" verify "$W/span" --vkey "$W/old"
	[[ $output == *'retired in entry 3'* ]]
}

@test "proofs in a clone answer to the old key and to the new" {
	jq '.log = {proofs: true}' "$STATE/policy.json" >"$W/p"
	cat "$W/p" >"$STATE/policy.json"
	sluice log publish "$REPO"
	first=$(git rev-parse HEAD)
	changed
	git clone -q "$REPO" "$W/clone"
	cd "$W/clone"
	git fetch -q origin refs/sluice/proofs:refs/sluice/proofs \
		refs/heads/signed/one
	for key in old new; do
		"$SLUICE" verify FETCH_HEAD --revision --vkey "$W/$key" ||
			"$SLUICE" verify origin/signed/one --vkey "$W/$key"
	done
	"$SLUICE" verify "$first" --vkey "$W/old"
	not "$SLUICE" verify "$first" --vkey "$W/new"
	"$SLUICE" verify "$first" --vkey "$W/chain"
}

@test "mirror and monitor go on, with the old key and with the new" {
	"$SLUICE" log mirror "$STATE/log" "$W/mirror" --vkey "$W/old"
	"$SLUICE" log monitor "$STATE/log" --vkey "$W/old" --once \
		--state-dir "$W/monitor"
	changed
	"$SLUICE" log mirror "$STATE/log" "$W/mirror" --vkey "$W/old"
	"$SLUICE" log monitor "$STATE/log" --vkey "$W/old" --once \
		--state-dir "$W/monitor"
	cmp "$STATE/log/keys" "$W/mirror/keys"
	"$SLUICE" log verify --dir "$W/mirror" --vkey "$W/old"
	"$SLUICE" log mirror "$STATE/log" "$W/mirror" --vkey "$W/new"
	# A copy that was signed by the old key, and a reader of the new.
	"$SLUICE" log mirror "$STATE/log" "$W/other" --vkey "$W/old"
	changed_again=$(sluice --json log rotate-key | json d.entry)
	sluice log key >"$W/newest"
	commit ada three -S
	git push -q origin HEAD:refs/heads/signed/one
	"$SLUICE" log mirror "$STATE/log" "$W/other" --vkey "$W/newest"
	"$SLUICE" log monitor "$STATE/log" --vkey "$W/newest" --once \
		--state-dir "$W/monitor"
	[ "$changed_again" -gt 3 ]
}

@test "an export has the key that signed, at whatever place it ends" {
	for when in at after; do
		if [ "$when" = at ]; then
			sluice log rotate-key >/dev/null
		else
			commit ada two -S
			git push -q origin HEAD:refs/heads/signed/one
		fi
		sluice log export "$W/$when" --from 0
		cd "$W/$when"
		sed -n 's/^[$>] //p' README >"$W/check"
		sh -eu "$W/check"
		cmp keys "$STATE/log/keys"
		cd "$WORK"
	done
}

@test "a witness goes over when it is told how" {
	sluice witness --dir "$W/w" init --name w.example.org/w >"$W/w.vkey"
	sluice witness --dir "$W/w" trust "$W/old"
	echo "witness w $(cat "$W/w.vkey")" >"$STATE/witnesses"
	echo 'quorum w' >>"$STATE/witnesses"
	sluice log witness --request --old 0 >"$W/ask"
	sluice witness --dir "$W/w" add "$W/ask" >"$W/lines"
	sluice log witness --take "$W/lines"
	size=$(sed -n 2p "$STATE/log/witnessed")
	# The checkpoint of the change is signed by both: no witness is lost
	# before it has gone over.
	sluice log rotate-key >/dev/null
	sluice log witness --request --old "$size" >"$W/ask"
	sluice witness --dir "$W/w" add "$W/ask" >"$W/lines"
	sluice log witness --take "$W/lines"
	size=$(sed -n 2p "$STATE/log/witnessed")
	sluice log key >"$W/new"
	sluice log key --chain >"$W/chain"
	commit ada two -S
	git push -q origin HEAD:refs/heads/signed/one
	sluice log witness --request --old "$size" >"$W/ask"
	run sluice witness --dir "$W/w" add "$W/ask"
	[ "$status" -eq 1 ]
	[[ $output == *"not signed by the log's key"* ]]
	run sluice witness --dir "$W/w" trust "$W/new"
	[ "$status" -ne 0 ]
	[[ $output == *'--chain'* ]]
	sluice witness --dir "$W/w" trust "$W/chain"
	sluice witness --dir "$W/w" add "$W/ask" >"$W/lines"
	sluice log witness --take "$W/lines"
	sluice log prove --witnessed "$(git rev-parse HEAD)" >"$W/proof"
	chmod 644 "$STATE/witnesses"
	"$SLUICE" verify "$W/proof" --vkey "$W/old" \
		--witnesses "$STATE/witnesses"
}

@test "a stolen key is given up: nobody is led on by it" {
	sluice log prove "$(git rev-parse HEAD)" >"$W/before"
	cp "$STATE/log.key" "$W/stolen"
	"$SLUICE" log mirror "$STATE/log" "$W/mirror" --vkey "$W/old"
	sluice witness --dir "$W/w" init --name w.example.org/w >/dev/null
	sluice witness --dir "$W/w" trust "$W/old"
	changed --compromised
	sluice log verify
	run "$SLUICE" log verify --dir "$STATE/log" --vkey "$W/old"
	[ "$status" -ne 0 ]
	[[ $output == *'given up as compromised, in entry 3'* ]]
	"$SLUICE" log verify --dir "$STATE/log" --vkey "$W/new"
	# What the thief could have signed as well counts no more; what the new
	# key signs has all that came before.
	run "$SLUICE" verify "$W/before" --vkey "$W/chain"
	[ "$status" -eq 1 ]
	sluice log prove "$(git rev-parse HEAD^)" >"$W/anew"
	"$SLUICE" verify "$W/anew" --vkey "$W/new"
	# A mirror goes on with its own copy, once it is told the new key.
	not "$SLUICE" log mirror "$STATE/log" "$W/mirror" --vkey "$W/old"
	"$SLUICE" log mirror "$STATE/log" "$W/mirror" --vkey "$W/new"
	run sluice witness --dir "$W/w" trust "$W/chain"
	[ "$status" -ne 0 ]
	[[ $output == *--compromised* ]]
	sluice witness --dir "$W/w" --compromised trust "$W/chain"
	# The thief signs on where it was stolen.
	cp -a "$STATE" "$W/thief"
	cp "$W/stolen" "$W/thief/log.key"
	run "$SLUICE" --state "$W/thief" log verify
	[ "$status" -ne 0 ]
}

@test "the key of another log is not gone over to, nor somebody else's" {
	sluice --state "$W/other" --quiet init --origin other.example.org/log \
		>/dev/null
	run sluice log rotate-key --key "$W/other/log.key"
	[ "$status" -ne 0 ]
	[[ $output == *"the new key is called 'other.example.org/log'"* ]]
	chmod 644 "$W/other/log.key"
	run sluice log rotate-key --key "$W/other/log.key"
	[ "$status" -ne 0 ]
	[[ $output == *'open to others'* ]]
	run sluice log rotate-key --key "$STATE/log.key"
	[ "$status" -ne 0 ]
	[[ $output == *'same key'* ]]
	rm -f "$STATE/log.key.next"
	sluice log verify
	git push -q origin HEAD:refs/heads/free/x
	[ ! -e "$STATE/log/keys" ]
}

@test "checkpoint.asc is made of the checkpoint that both keys signed" {
	key=$(gpg --batch --with-colons --list-keys gus@example.org |
		sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p' | head -n 1)
	mkdir -m 700 "$HOME/.gnupg"
	gpg --batch --export-secret-keys gus@example.org |
		gpg --batch --quiet --homedir "$HOME/.gnupg" --import
	sed -i "1s/{/{\"log\": {\"openpgp_key\": \"$key\"},/" \
		"$STATE/policy.json"
	sluice log rotate-key >/dev/null
	[ "$(grep -c '^— ' "$STATE/log/checkpoint")" -eq 2 ]
	gpg --batch --verify "$STATE/log/checkpoint.asc" "$STATE/log/checkpoint"
}

# passphrase FILE TEXT
passphrase() {
	(umask 077 && printf '%s\n' "$2" >"$1")
}

@test "an encrypted key: pushes go through with the passphrase, and not without" {
	run sluice log key encrypt
	[ "$status" -ne 0 ]
	[[ $output == *log.passphrase* ]]
	passphrase "$STATE/log.passphrase" 'correct horse'
	sluice log key encrypt
	not grep -q PRIVATE "$STATE/log.key"
	[ "$(stat -c %a "$STATE/log.key")" = 600 ]
	commit ada two -S
	accepted HEAD:refs/heads/signed/one
	sluice log verify
	sluice doctor "$REPO"
	sluice log prove --statement "$(git rev-parse HEAD)" >/dev/null
	# The next key is as this one.
	changed
	not grep -q PRIVATE "$STATE/log.key"
	mv "$STATE/log.passphrase" "$W/kept"
	commit ada three -S
	undecided 'passphrase' HEAD:refs/heads/signed/one
	passphrase "$STATE/log.passphrase" 'wrong horse'
	undecided 'passphrase is another' HEAD:refs/heads/signed/one
	[[ $output != *horse* ]]
	# What a pusher's environment says is nothing to a hook.
	mkdir "$W/c"
	mv "$W/kept" "$W/c/log.passphrase"
	run env CREDENTIALS_DIRECTORY="$W/c" git push origin \
		HEAD:refs/heads/signed/one
	[ "$status" -ne 0 ]
	# To another passphrase, and back to none.
	passphrase "$W/new-one" 'another horse'
	CREDENTIALS_DIRECTORY=$W/c sluice log key encrypt \
		--passphrase "$W/new-one"
	not env CREDENTIALS_DIRECTORY="$W/c" "$SLUICE" --state "$STATE" \
		log key decrypt
	mv "$W/new-one" "$STATE/log.passphrase"
	sluice log key decrypt
	rm "$STATE/log.passphrase"
	grep -q PRIVATE "$STATE/log.key"
	accepted HEAD:refs/heads/signed/one
	sluice log verify
}

MODULE=/usr/lib/softhsm/libsofthsm2.so

# pkcs11 OPTION...: the independent tool, at the token, logged in.
pkcs11() {
	pkcs11-tool --module "$MODULE" --token-label sluice --login --pin 1234 \
		"$@"
}

@test "a key in a PKCS#11 token signs the log, and openssl takes it" {
	[ -e "$MODULE" ] || skip 'no SoftHSM (softhsm2) here'
	command -v pkcs11-tool >/dev/null || skip 'no pkcs11-tool (opensc) here'
	mkdir -p "$W/tokens"
	export SOFTHSM2_CONF=$W/softhsm2.conf
	printf 'directories.tokendir = %s\nobjectstore.backend = file\n' \
		"$W/tokens" >"$SOFTHSM2_CONF"
	softhsm2-util --init-token --free --label sluice --so-pin 12345678 \
		--pin 1234
	pkcs11 --keypairgen --key-type EC:edwards25519 --label log --id 0a01
	token=(--module "$MODULE" --token sluice --id 0a01)
	run sluice log token-key "${token[@]}" "$W/key"
	[ "$status" -ne 0 ]
	[[ $output == *log.passphrase* ]]
	passphrase "$STATE/log.passphrase" 1234
	sluice log token-key "${token[@]}" "$W/key" >"$W/vkey"
	[ "$(stat -c %a "$W/key")" = 600 ]
	not grep -q 1234 "$W/key"
	# It is the token's key, as another program reads it.
	pkcs11 --read-object --type pubkey --id 0a01 -o "$W/pub"
	key_der "$W/vkey" >"$W/vkey.der"
	openssl pkey -pubin -in "$W/pub" -pubout -outform DER |
		cmp - "$W/vkey.der"
	sluice log rotate-key --key "$W/key"
	[ "$(sluice log key)" = "$(cat "$W/vkey")" ]
	sluice log verify
	sluice log export "$W/at" --from 0
	(cd "$W/at" && sed -n 's/^[$>] //p' README >"$W/check" &&
		sh -eu "$W/check")
	# Ed25519 is deterministic: pkcs11-tool makes the very signature.
	cd "$W"
	sed '/^$/,$d' "$STATE/log/checkpoint" >text
	grep '^— ' "$STATE/log/checkpoint" | tail -n 1 | sed 's/.* //' |
		base64 -d | tail -c 64 >sig
	pkcs11 --sign --mechanism EDDSA --id 0a01 -i text -o theirs
	cmp sig theirs
	openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey vkey.der \
		-in text -sigfile sig
	# Nothing can be made of it in a file, and no next one beside it.
	run sluice log key decrypt
	[ "$status" -ne 0 ]
	[[ $output == *'in a token'* ]]
	run sluice log rotate-key
	[ "$status" -ne 0 ]
	[[ $output == *'give the next one'* ]]
	# With a wrong PIN, no token, another key there.
	passphrase "$STATE/log.passphrase" 4321
	run sluice log rotate-key --key "$W/key"
	[ "$status" -ne 0 ]
	[[ $output == *'refuses the PIN'* ]]
	passphrase "$STATE/log.passphrase" 1234
	pkcs11 --delete-object --type privkey --id 0a01
	run sluice log rotate-key --key "$W/key"
	[ "$status" -ne 0 ]
	[[ $output == *'no Ed25519 key of that id'* ]]
	pkcs11 --keypairgen --key-type EC:edwards25519 --label x --id 0a01
	run sluice log rotate-key --key "$W/key"
	[ "$status" -ne 0 ]
	[[ $output == *'not by the key of the log'* ]] || fail "$output"
	sluice log verify
}

@test "a token's library that others may change is not loaded" {
	passphrase "$STATE/log.passphrase" 1234
	: >"$W/module.so"
	chmod 666 "$W/module.so"
	run sluice log token-key --module "$W/module.so" --token t --id 01 "$W/k"
	[ "$status" -ne 0 ]
	[[ $output == *'root alone may change'* ]]
	# Nor one that others may put something in the place of.
	mkdir "$W/open"
	install -m 644 "$W/module.so" "$W/open/module.so"
	chmod 777 "$W/open"
	run sluice log token-key --module "$W/open/module.so" --token t --id 01 \
		"$W/k"
	[ "$status" -ne 0 ]
	[[ $output == *"'$W/open'"* ]] || fail "$output"
	run sluice log token-key --module module.so --token t --id 01 "$W/k"
	[ "$status" -eq 64 ]
	[ ! -e "$W/k" ]
}

@test "a log whose key is lost is read on, and a new one adopts" {
	sluice log prove "$(git rev-parse HEAD)" >"$W/proof"
	rm "$STATE/log.key"
	commit ada two -S
	undecided 'log.key' HEAD:refs/heads/signed/one
	# docs/keys.md, "The log's key is lost".
	mv "$STATE" "$W/state-old"
	rules_give "$STATE/cache"
	sluice --quiet init --origin gate.example.org/e2e-2 >/dev/null
	cp -p "$W/state-old/policy.json" "$STATE/"
	cp -pr "$W/state-old/keys" "$STATE/"
	sluice --quiet install --adopt --name team/app "$REPO"
	sluice doctor "$REPO"
	accepted HEAD:refs/heads/signed/one
	sluice log verify
	sluice audit
	"$SLUICE" log verify --dir "$W/state-old/log" --vkey "$W/old"
	"$SLUICE" verify "$W/proof" --vkey "$W/old"
	# Neither key says anything of the other log.
	sluice log key >"$W/new"
	not "$SLUICE" verify "$W/proof" --vkey "$W/new"
	not "$SLUICE" log verify --dir "$STATE/log" --vkey "$W/old"
}
