# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Signed pushes: what a certificate must be, and what is made of forged ones.
load lib/e2e
load lib/servers

setup_file() {
	people_make
	program raw-push
}

teardown_file() {
	people_end
}

setup() {
	world_make
	demand required
	sluice --quiet install --push-certificates "$REPO"
	zero=0000000000000000000000000000000000000000
	# The rules of cert/ judge the whole history.
	as ada git commit -q --amend --no-edit -S
}

teardown() {
	servers_end
}

# demand WORD [MEMBERS]: of push certificates on cert/, with more of the rule.
demand() {
	policy_text >"$STATE/policy.json"
	policy_edit 'refs |= [{match: ["refs/heads/cert/**"], signature: ({
		by: ["@maintainers"], identity: "off",
		push_certificate: $word} + $more)}] + .' \
		--arg word "$1" --argjson more "${2:-{\}}"
}

# signer WHO: whose key signs pushes of the clone from now on.
signer() {
	local key=$BATS_FILE_TMPDIR/keys/$1 format=ssh
	if [ "$1" = gus ]; then
		key=gus@example.org
		format=openpgp
	fi
	git config user.signingKey "$key"
	git config gpg.format "$format"
	git config user.name "$1"
	git config user.email "$1@example.org"
}

# certified N: entry N keeps a certificate, and what is kept is what is named.
certified() {
	sluice log show --certificate "$1" >"$W/cert"
	[ "$(sha256sum <"$W/cert" | cut -c1-64)" = \
		"$(record "$1" 'p["push_certificate"]["sha256"]')" ]
	# The name that git has for it.
	[ "$(git hash-object "$W/cert")" = \
		"$(record "$1" 'p["push_certificate"]["blob"]')" ]
	sed '/^-----BEGIN/,$d' "$W/cert" >"$W/payload"
	sed -n '/^-----BEGIN/,$p' "$W/cert" >"$W/signature"
}

# certificate [LINE...]: the head of one for $REPO, without signature.
certificate() {
	printf 'certificate version 0.1\npusher ada 1700000000 +0000\n'
	printf 'pushee %s\nnonce NONCE\n\n' "${PUSHEE-$REPO}"
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

# forged FINDING OPTION...: a raw push that is refused for that reason.
forged() {
	local finding=$1
	shift
	run "$BATS_FILE_TMPDIR/raw-push" "$@" "$REPO"
	[ "$status" -ne 0 ] || fail "went through: $output"
	[[ $output == *"sluice: refused"* ]] || fail "not judged: $output"
	[[ $output == *" $finding "* ]] || fail "no $finding: $output"
}

@test "a signed push is accepted where one is demanded, an unsigned refused" {
	commit ada one -S
	refused push_certificate.missing main:refs/heads/cert/x
	[[ $output == *'git push --signed=if-asked'* ]]
	[[ $output == *'sluice install --push-certificates'* ]]
	signer ada
	accepted --signed main:refs/heads/cert/x
	server_has refs/heads/cert/x main
	n=$(evidence)
	[ "$(record "$n" 'p["push_certificate"]["signature"]["status"]')" = good ]
	[ "$(record "$n" 'p["push_certificate"]["signature"]["person"]')" = ada ]
	[ "$(record "$n" 'p["push_certificate"]["nonce_status"]')" = ok ]
	[ "$(record "$n" 'p["push_certificate"]["faults"]')" = '[]' ]
	[ "$(record "$n" 'p["push_certificate"]["pushee"]')" = "$REPO" ]
	# Elsewhere nobody asks.
	accepted main:refs/heads/signed/x
	[ "$(record "$(evidence)" 'p | has("push_certificate")')" = false ]
	# What deletes is a push as well.
	refused push_certificate.missing :refs/heads/cert/x
	accepted --signed :refs/heads/cert/x
	sluice log verify
}

@test "what is kept is what ssh-keygen and gpg verify" {
	signer ada
	accepted --signed main:refs/heads/cert/x
	certified "$(evidence)"
	echo "ada $(cat "$BATS_FILE_TMPDIR/keys/ada.pub")" >"$W/allowed"
	ssh-keygen -Y verify -f "$W/allowed" -I ada -n git \
		-s "$W/signature" <"$W/payload"
	run sluice log show "$(evidence)"
	[[ $output == *'signature: good ssh ada SHA256:'* ]]
	[[ $output == *'nonce: ok'* ]]
	signer gus
	accepted --signed main:refs/heads/cert/y
	n=$(evidence)
	certified "$n"
	gpg --batch --verify "$W/signature" "$W/payload"
	[ "$(record "$n" 'p["push_certificate"]["signature"]["kind"]')" = openpgp ]
	# git's own copy goes with the garbage; ours stays.
	git --git-dir="$REPO" gc -q --prune=now
	not git --git-dir="$REPO" cat-file -e "$(git hash-object "$W/cert")"
	certified "$n"
	sluice log prove "$n" >"$W/proof"
	sluice verify "$W/proof" --vkey "$(cat "$STATE/log.vkey")"
	run sluice log show --certificate 0
	[ "$status" -ne 0 ]
	[[ $output == *'holds no push certificate'* ]]
	sluice log verify
}

@test "forbidden, and optional" {
	signer ada
	demand forbidden
	refused push_certificate.forbidden --signed main:refs/heads/cert/x
	[[ $output == *'git push --no-signed'* ]]
	accepted main:refs/heads/cert/x
	demand optional
	accepted main:refs/heads/cert/y
	accepted --signed main:refs/heads/cert/z
	[[ $output != *warning:* ]]
	# One that is of no use is told, and passes as if it were not there.
	signer mallory
	accepted --signed main:refs/heads/cert/w
	[[ $output == *'warning: push_certificate.unknown_key'* ]]
	demand optional
	policy_edit 'refs[0].severity = {"push_certificate.*": "block"}'
	refused push_certificate.unknown_key --signed main:refs/heads/cert/v
}

@test "whose signature counts" {
	signer mallory
	refused push_certificate.unknown_key --signed main:refs/heads/cert/x
	# Known, but not allowed to sign here.
	signer ci
	refused push_certificate.not_allowed --signed main:refs/heads/cert/x
	demand required '{"kinds": ["openpgp"]}'
	signer ada
	refused push_certificate.kind --signed main:refs/heads/cert/x
	signer gus
	as gus git commit -q --amend --no-edit -S
	accepted --signed main:refs/heads/cert/x
	# What the server's account trusts, and git calls good, is no matter.
	demand required
	echo "mallory $(cat "$BATS_FILE_TMPDIR/keys/mallory.pub")" >"$W/allowed"
	git --git-dir="$REPO" config gpg.ssh.allowedSignersFile "$W/allowed"
	signer mallory
	refused push_certificate.unknown_key --signed main:refs/heads/cert/y
}

@test "the server knows somebody else" {
	signer ada
	export REMOTE_USER=bela
	refused push_certificate.pusher --signed main:refs/heads/cert/x
	[[ $output == *"'bela' pushes, ada signed"* ]]
	REMOTE_USER=ada
	accepted --signed main:refs/heads/cert/x
}

@test "by a key that has expired, is not good yet, or was revoked" {
	as gus git commit -q --amend --no-edit -S
	signer ada
	for option in valid-before=\"20200101Z\" valid-after=\"20990101Z\"; do
		echo "$option $(cat "$BATS_FILE_TMPDIR/keys/ada.pub")" \
			>"$STATE/keys/limited.pub"
		policy_edit '.people.ada.ssh = ["keys/limited.pub"]'
		refused push_certificate.expired --signed \
			main:refs/heads/cert/x
	done
	policy_edit '.people.ada.ssh = ["keys/ada.pub"]'
	for list in ssh_revoked ssh_compromised; do
		cp "$BATS_FILE_TMPDIR/keys/ada.pub" "$STATE/keys/taken"
		policy_edit 'del(.ssh_revoked) | .[$list] = ["keys/taken"]' \
			--arg list "$list"
		refused push_certificate.revoked --signed \
			main:refs/heads/cert/x
		[[ $output != *' signature.'* ]]
	done
	signer gus
	accepted --signed main:refs/heads/cert/x
}

@test "one push to refs that ask for a certificate and refs that forbid it" {
	policy_edit 'refs |= [{match: ["refs/heads/plain/**"], signature: {
		by: ["@maintainers"], push_certificate: "forbidden"}}] + .'
	signer ada
	both=(main:refs/heads/cert/x main:refs/heads/plain/x)
	refused push_certificate.forbidden --signed "${both[@]}"
	[[ $output == *"push_certificate.forbidden on refs/heads/plain/x"* ]]
	refused push_certificate.missing "${both[@]}"
	[[ $output == *"push_certificate.missing on refs/heads/cert/x"* ]]
	not git --git-dir="$REPO" rev-parse -q --verify refs/heads/cert/x
	accepted --signed main:refs/heads/cert/x
	accepted main:refs/heads/plain/x
}

@test "who has taken a certificate from the record can do nothing with it" {
	signer ada
	one=$(git rev-parse main)
	accepted --signed main:refs/heads/cert/x
	certified "$(evidence)"
	commit ada two -S
	accepted --signed main:refs/heads/cert/x
	# Back to what the certificate said, which is not what is there now.
	export REMOTE_USER=bela
	not "$BATS_FILE_TMPDIR/raw-push" --certificate "$W/cert" --tip "$one" \
		"$REPO"
	server_has refs/heads/cert/x main
	git --git-dir="$REPO" update-ref -d refs/heads/cert/x
	forged push_certificate.used --certificate "$W/cert" --tip "$one"
	[[ $output == *"push_certificate.pusher"* ]]
	[[ $output == *"'bela' pushes, ada signed"* ]]
	# To another ref, beside it.
	forged push_certificate.commands --certificate "$W/cert" --tip "$one" \
		--command "$zero $one refs/heads/cert/z"
	not git --git-dir="$REPO" rev-parse -q --verify refs/heads/cert/x
	not git --git-dir="$REPO" rev-parse -q --verify refs/heads/cert/z
	sluice log verify
}

@test "several refs and push options are signed together" {
	git --git-dir="$REPO" config receive.advertisePushOptions true
	signer ada
	accepted --signed -o ci.skip -o 'a b' -o '' \
		main:refs/heads/cert/x main:refs/heads/cert/y
	[ "$(record "$(evidence)" 'p["push_options"]')" = '["ci.skip","a b",""]' ]
	# More and longer ones than a record keeps.
	options=()
	for i in {1..80}; do
		options+=(-o "$i-$(printf 'x%.0s' {1..1200})")
	done
	accepted --signed "${options[@]}" main:refs/heads/cert/z
}

@test "a certificate that is made by hand is taken" {
	new=$(git rev-parse main)
	certificate "$zero $new refs/heads/cert/x" >"$W/c"
	"$BATS_FILE_TMPDIR/raw-push" --certificate "$W/c" \
		--sign "$BATS_FILE_TMPDIR/keys/ada" --tip "$new" "$REPO"
	server_has refs/heads/cert/x main
}

@test "other commands than were signed" {
	new=$(git rev-parse main)
	raw=("--sign" "$BATS_FILE_TMPDIR/keys/ada" --certificate "$W/c" --tip "$new")
	# git takes a command beside the certificate, signed by nobody.
	certificate "$zero $new refs/heads/cert/x" >"$W/c"
	forged push_certificate.commands "${raw[@]}" \
		--command "$zero $new refs/heads/cert/y"
	[[ $output == *"says nothing of 'refs/heads/cert/y'"* ]]
	not git --git-dir="$REPO" rev-parse -q --verify refs/heads/cert/y
	not git --git-dir="$REPO" rev-parse -q --verify refs/heads/cert/x
	# A second nonce, of which git reads the first.
	certificate "$zero $new refs/heads/cert/x" |
		sed '/^nonce/{p;s/.*/nonce 1-00/}' >"$W/c"
	forged push_certificate.malformed "${raw[@]}"
	[[ $output == *'line 5: is unknown, doubled or out of order'* ]]
	# Two certificates, of which git joins the bytes.
	certificate "$zero $new refs/heads/cert/x" >"$W/one"
	cat "$W/one" "$W/one" >"$W/c"
	not "$BATS_FILE_TMPDIR/raw-push" "${raw[@]}" "$REPO"
	not git --git-dir="$REPO" rev-parse -q --verify refs/heads/cert/x
}

@test "a certificate for another repository" {
	new=$(git rev-parse main)
	raw=("--sign" "$BATS_FILE_TMPDIR/keys/ada" --certificate "$W/c" --tip "$new")
	PUSHEE=https://git.example.org/team/api.git \
		certificate "$zero $new refs/heads/cert/x" >"$W/c"
	forged push_certificate.repository "${raw[@]}"
	[[ $output == *"no address of 'team/app'"* ]]
	certificate "$zero $new refs/heads/cert/x" | sed /^pushee/d >"$W/c"
	forged push_certificate.repository "${raw[@]}"
	# Without a list, the host is left to the nonce; with one it is not.
	PUSHEE=https://other.example.org/team/app.git \
		certificate "$zero $new refs/heads/cert/x" >"$W/c"
	"$BATS_FILE_TMPDIR/raw-push" "${raw[@]}" "$REPO"
	policy_edit '.repositories[0].urls =
		["https://git.example.org/{repository}", $here]' \
		--arg here "$W/srv/{repository}.git"
	PUSHEE=https://other.example.org/team/app.git \
		certificate "$zero $new refs/heads/cert/y" >"$W/c"
	forged push_certificate.repository "${raw[@]}"
	signer ada
	accepted --signed main:refs/heads/cert/y
}

@test "an old certificate, and one with no nonce of ours" {
	signer ada
	commit ada one -S
	accepted --signed main:refs/heads/cert/x
	certified "$(evidence)"
	new=$(git rev-parse main)
	git --git-dir="$REPO" update-ref -d refs/heads/cert/x
	# As it was, when the ref is gone again. git counts nonces in seconds.
	forged push_certificate.used --certificate "$W/cert" --tip "$new"
	sleep 1.1
	forged push_certificate.nonce --certificate "$W/cert" --tip "$new"
	not git --git-dir="$REPO" rev-parse -q --verify refs/heads/cert/x
	# In another repository, which the same people push to.
	other=$W/srv/team/other.git
	git init -q --bare "$other"
	sluice --quiet install --push-certificates "$other"
	[ "$(git --git-dir="$other" config receive.certNonceSeed)" != \
		"$(git --git-dir="$REPO" config receive.certNonceSeed)" ]
	REPO=$other forged push_certificate.repository \
		--certificate "$W/cert" --tip "$new"
	[[ $output == *' push_certificate.nonce '* ]]
	# None, and one that was made up.
	raw=("--sign" "$BATS_FILE_TMPDIR/keys/ada" --certificate "$W/c" --tip "$new")
	certificate "$zero $new refs/heads/cert/x" | sed /^nonce/d >"$W/c"
	forged push_certificate.nonce "${raw[@]}"
	[[ $output == *'it has no nonce'* ]]
	certificate "$zero $new refs/heads/cert/x" |
		sed "s/^nonce.*/nonce $(date +%s)-00ff/" >"$W/c"
	forged push_certificate.nonce "${raw[@]}"
	# A repository that asks for none takes one all the same, unchecked.
	git --git-dir="$REPO" config --unset receive.certNonceSeed
	forged push_certificate.nonce "${raw[@]}"
	[[ $output == *certNonceSeed* ]]
	run git push --signed origin main:refs/heads/cert/x
	[ "$status" -ne 0 ]
	[[ $output == *'does not support --signed'* ]]
}

@test "over http a nonce lasts for minutes, and a certificate for one push" {
	new=$(git rev-parse main)
	raw=(--http --certificate "$W/c" --tip "$new")
	certificate "$zero $new refs/heads/cert/x" >"$W/c"
	"$BATS_FILE_TMPDIR/raw-push" "${raw[@]}" \
		--sign "$BATS_FILE_TMPDIR/keys/ada" "$REPO" >"$W/said"
	certified "$(sed -n 's/.*evidence: \([0-9]*\).*/\1/p' "$W/said")"
	git --git-dir="$REPO" update-ref -d refs/heads/cert/x
	sleep 1.1
	cp "$W/cert" "$W/c"
	forged push_certificate.used "${raw[@]}"
	[[ $output != *push_certificate.nonce* ]]
	[ "$(record "$(evidence)" 'p["push_certificate"]["nonce_status"]')" = ok ]
	# In another form: what was signed is the same.
	{
		cat "$W/payload"
		sed -n '1p' "$W/signature"
		sed '1d;$d' "$W/signature" | tr -d '\n' | fold -w 50
		echo
		sed -n '$p' "$W/signature"
	} >"$W/c"
	not cmp -s "$W/c" "$W/cert"
	forged push_certificate.used "${raw[@]}"
	# Two repositories with one seed take each other's nonces.
	other=$W/srv/team/other.git
	git init -q --bare "$other"
	git --git-dir="$other" config receive.certNonceSeed \
		"$(git --git-dir="$REPO" config receive.certNonceSeed)"
	sluice --quiet install --push-certificates "$other"
	cp "$W/cert" "$W/c"
	REPO=$other forged push_certificate.repository "${raw[@]}"
	[[ $output != *push_certificate.nonce* ]]
}

@test "a certificate that was changed, cut, or is not signed" {
	new=$(git rev-parse main)
	raw=(--certificate "$W/c" --tip "$new")
	certificate "$zero $new refs/heads/cert/x" >"$W/c"
	# Without a signature git itself gives up.
	not "$BATS_FILE_TMPDIR/raw-push" "${raw[@]}" "$REPO"
	not git --git-dir="$REPO" rev-parse -q --verify refs/heads/cert/x
	# Signed for another ref, sent for this one.
	signer ada
	git config push.gpgSign true
	accepted main:refs/heads/cert/x
	certified "$(evidence)"
	sed 's|cert/x|cert/y|' "$W/cert" >"$W/c"
	forged push_certificate.bad "${raw[@]}"
	# A signature over a file is none over a push.
	certificate "$zero $new refs/heads/cert/y" >"$W/c"
	ssh-keygen -q -Y sign -f "$BATS_FILE_TMPDIR/keys/ada" -n file "$W/c"
	cat "$W/c.sig" >>"$W/c"
	forged push_certificate.bad "${raw[@]}"
	[[ $output == *"made for 'file'"* ]]
	# Other options than were signed: git sees that too.
	git --git-dir="$REPO" config receive.advertisePushOptions true
	certificate "$zero $new refs/heads/cert/y" >"$W/c"
	forged push_certificate.options "${raw[@]}" --option ci.skip \
		--sign "$BATS_FILE_TMPDIR/keys/ada"
	sluice log verify
}

@test "who signed the push does not approve it" {
	policy_text >"$STATE/policy.json"
	policy_edit 'refs[0].signature.push_certificate = "required"'
	git reset -q --hard origin/main
	commit ada one -S
	approve bela main main
	# The account that the server knows is nobody of the policy.
	signer bela
	refused approval.too_few --signed main
	[[ $output == *'the pusher'* ]]
	signer ada
	accepted --signed main
}

@test "the signer is the pusher where the server names nobody" {
	policy_text >"$STATE/policy.json"
	policy_edit 'refs |= [{match: ["refs/heads/cert/**"],
		signature: {by: ["@maintainers"], push_certificate: "optional"},
		identity: {email: "off", committer: "pusher"}}] + .'
	commit ada one -S
	refused identity.committer main:refs/heads/cert/x
	signer bela
	refused identity.committer --signed main:refs/heads/cert/x
	signer ada
	accepted --signed main:refs/heads/cert/x
}

@test "over ssh" {
	ssh_start
	git remote set-url origin "ssh://$(id -un)@127.0.0.1:$PORT$REPO"
	as_key ada
	signer ada
	refused push_certificate.missing main:refs/heads/cert/x
	accepted --signed main:refs/heads/cert/x
	[ "$(record "$(evidence)" 'p["push_certificate"]["pushee"]')" = \
		"ssh://127.0.0.1:$PORT$REPO" ]
	signer bela
	refused push_certificate.pusher --signed main:refs/heads/cert/y
}

@test "over smart http, where the nonce is never quite fresh" {
	http_start "$W/srv"
	git remote set-url origin "http://ada:secret-ada@127.0.0.1:$PORT/git/team/app.git"
	signer ada
	refused push_certificate.missing main:refs/heads/cert/x
	accepted --signed main:refs/heads/cert/x
	n=$(evidence)
	[ "$(record "$n" 'p["push_certificate"]["nonce_status"]')" = ok ]
	[ "$(record "$n" 'p["push_certificate"]["pushee"]')" = \
		"http://127.0.0.1:$PORT/git/team/app.git/" ]
	# Somebody who takes time to type a passphrase.
	cat >"$W/slow" <<-'END'
	#!/bin/sh
	case $* in *sign*) sleep 2 ;; esac
	exec ssh-keygen "$@"
	END
	chmod 755 "$W/slow"
	git config gpg.ssh.program "$W/slow"
	accepted --signed main:refs/heads/cert/y
	git --git-dir="$REPO" config receive.certNonceSlop 0
	refused push_certificate.nonce --signed main:refs/heads/cert/z
	[ "$(record "$(evidence)" 'p["push_certificate"]["nonce_status"]')" = slop ]
	[ "$(record "$(evidence)" 'p["push_certificate"]["nonce_age"] >= 2')" = true ]
	demand required '{"nonce_slop": 60}'
	accepted --signed main:refs/heads/cert/z
	# A nonce of another repository with a seed of its own is no nonce.
	git --git-dir="$REPO" config receive.certNonceSlop 300
	other=$W/srv/team/other.git
	git init -q --bare "$other"
	sluice --quiet install --push-certificates "$other"
	git config gpg.ssh.program "$W/moved"
	cat >"$W/moved" <<-END
	#!/bin/sh
	git --git-dir=$REPO config receive.certNonceSeed \
		"\$(git --git-dir=$other config receive.certNonceSeed)"
	exec ssh-keygen "\$@"
	END
	chmod 755 "$W/moved"
	refused push_certificate.nonce --signed main:refs/heads/cert/w
	[ "$(record "$(evidence)" 'p["push_certificate"]["nonce_status"]')" = bad ]
}
