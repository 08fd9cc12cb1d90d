# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Keys that no person's entry lists: those of an allowed_signers file, those
# that an authority certified; and keys that are revoked.
load lib/e2e

# An authority, and beside each key of ada and bela a certificate of it.
setup_file() {
	people_make
	keys=$BATS_FILE_TMPDIR/keys
	ssh-keygen -q -t ed25519 -N '' -C authority -f "$keys/authority"
	certify ada 1 -n ada@example.org,ada
	certify bela 2 -n bela@example.org
	certify mallory 3 -n mallory@example.org
}

teardown_file() {
	people_end
}

# certify WHO SERIAL OPTION...: keys/WHO-cert.pub.
certify() {
	local who=$1 serial=$2
	shift 2
	ssh-keygen -q -s "$BATS_FILE_TMPDIR/keys/authority" -I "$who's key" \
		-z "$serial" "$@" "$BATS_FILE_TMPDIR/keys/$who.pub"
}

key() {
	cat "$BATS_FILE_TMPDIR/keys/$1.pub"
}

setup() {
	world_make
	policy_edit 'del(.people[("ada", "bela")].ssh) |
		.allowed_signers = ["keys/allowed_signers"] |
		.ssh_revoked = ["keys/revoked"]'
	signers "*@example.org cert-authority,namespaces=\"git\" $(key authority)"
	echo '# none' >"$STATE/keys/revoked"
}

# signers LINE...: the allowed_signers file, for the gate and for git.
signers() {
	printf '%s\n' "$@" >"$STATE/keys/allowed_signers"
	git -C "$WORK" config gpg.ssh.allowedSignersFile \
		"$STATE/keys/allowed_signers"
}

# certified WHO COMMAND...: as that person, signing with the certificate.
certified() {
	local who=$1
	shift
	GIT_CONFIG_PARAMETERS="'user.signingKey=$BATS_FILE_TMPDIR/keys/$who-cert.pub'" \
		as "$who" "$@"
}

# change WHO MESSAGE: a commit that is signed with the certificate.
change() {
	echo "$2" >>"$1.txt"
	git add "$1.txt"
	certified "$1" git commit -q -S -m "$2"
}

@test "a certificate says who signed, and git agrees" {
	change ada 'add a feature'
	git verify-commit main
	refused approval.too_few main
	certified bela "$SLUICE" --quiet approve main --for refs/heads/main \
		--repository team/app --push origin
	accepted main
	server_has refs/heads/main main
	n=$(evidence)
	[ "$(record "$n" 'p["commits"][0]["signature"]["person"]')" = ada ]
	[ "$(record "$n" 'p["approvals"][0]["person"]')" = bela ]
}

@test "nobody approves their own change with a second certificate" {
	change ada 'add a feature'
	certified ada "$SLUICE" --quiet approve main --for refs/heads/main \
		--repository team/app --push origin
	refused approval.too_few main
	not server_has refs/heads/main main
}

@test "a refusal names the certificate" {
	signers "ada@example.org,ci@example.org cert-authority $(key authority)"
	policy_edit '(refs[].signature | values).by = ["@maintainers"]'
	certify ci 9 -n ci@example.org
	change ci 'add a feature'
	refused signature.not_allowed main:refs/heads/signed/x
	[[ $output == *"certified by SHA256:"*" as 'ci's key', serial 9"* ]]
}

@test "a certificate does not make a stranger somebody" {
	change mallory 'add a feature'
	git verify-commit main
	refused signature.unknown_key main:refs/heads/signed/x
	[[ $output == *'names nobody'* ]]
	# The key without its certificate is no key of the policy.
	git reset -q --hard origin/main
	commit ada 'without it' -S
	refused signature.unknown_key main:refs/heads/signed/x
}

@test "the time of the push counts, whatever the commit says" {
	certify ada 1 -n ada@example.org -V 20200101000000Z:20210101000000Z
	echo late >>ada.txt
	git add ada.txt
	GIT_AUTHOR_DATE='1590000000 +0000' GIT_COMMITTER_DATE='1590000000 +0000' \
		certified ada git commit -q -S -m 'add a feature'
	git verify-commit main
	refused signature.expired main:refs/heads/signed/x
	[[ $output == *'certificate has expired'* ]]
	certify ada 1 -n ada@example.org,ada
}

@test "lines of keys, with their times" {
	signers "ada@example.org $(key ada)" \
		"bela@example.org valid-before=\"20200101Z\" $(key bela)"
	commit ada 'by ada' -S
	git verify-commit main
	accepted main:refs/heads/signed/x
	n=$(evidence)
	[ "$(record "$n" 'p["commits"][0]["signature"]["person"]')" = ada ]
	commit bela 'by bela' -S
	refused signature.expired main:refs/heads/signed/x
}

@test "revoked: a key, a certificate, an authority" {
	change ada 'add a feature'
	key ada >"$STATE/keys/revoked"
	refused signature.revoked main:refs/heads/signed/x
	[[ $output == *"is revoked in 'keys/revoked'"* ]]
	n=$(evidence)
	[ "$(record "$n" 'p["commits"][0]["signature"]["status"]')" = revoked ]
	[ "$(record "$n" 'p["commits"][0]["signature"]["person"]')" = ada ]
	echo 'serial: 1' >"$W/spec"
	ssh-keygen -q -k -s "$BATS_FILE_TMPDIR/keys/authority.pub" \
		-f "$STATE/keys/revoked" "$W/spec"
	refused signature.revoked main:refs/heads/signed/x
	ssh-keygen -q -k -f "$STATE/keys/revoked" \
		"$BATS_FILE_TMPDIR/keys/authority.pub"
	refused signature.revoked main:refs/heads/signed/x
	# Other serials.
	echo 'serial: 2-9' >"$W/spec"
	ssh-keygen -q -k -s "$BATS_FILE_TMPDIR/keys/authority.pub" \
		-f "$STATE/keys/revoked" "$W/spec"
	accepted main:refs/heads/signed/x
}

@test "a push is signed with a certificate as well" {
	policy_edit '(refs[].signature | values).push_certificate = "required"'
	sluice --quiet install --push-certificates "$REPO"
	change ada 'add a feature'
	refused push_certificate.missing main:refs/heads/signed/x
	git config gpg.format ssh
	git config user.name ada
	git config user.email ada@example.org
	git config user.signingKey "$BATS_FILE_TMPDIR/keys/mallory-cert.pub"
	refused push_certificate.unknown_key --signed main:refs/heads/signed/x
	git config user.signingKey "$BATS_FILE_TMPDIR/keys/ada-cert.pub"
	key ada >"$STATE/keys/revoked"
	refused signature.revoked --signed main:refs/heads/signed/x
	[[ $output == *'push_certificate.revoked'* ]]
	echo '# none' >"$STATE/keys/revoked"
	accepted --signed main:refs/heads/signed/x
	n=$(evidence)
	[ "$(record "$n" 'p["push_certificate"]["signature"]["status"]')" = good ]
	[ "$(record "$n" 'p["push_certificate"]["signature"]["person"]')" = ada ]
}

@test "what cannot be taken whole lets nothing pass, and says where" {
	change ada 'add a feature'
	signers '# who may sign' \
		"*@example.org cert-authority,restrict $(key authority)"
	undecided "allowed signers 'keys/allowed_signers': line 2: " \
		main:refs/heads/signed/x
	signers "*@example.org cert-authority $(key authority)" \
		"eve@example.org $(key mallory)"
	undecided "line 2: the principal 'eve@example.org'" \
		main:refs/heads/signed/x
	signers "*@example.org $(key authority)"
	undecided "expected one owner" main:refs/heads/signed/x
	run sluice policy check
	[ "$status" -eq 2 ]
	[[ $output == *"line 1: the principals '*@example.org'"* ]]
	signers "*@example.org cert-authority $(key authority)"
	: >"$STATE/keys/revoked"
	undecided "revoked keys 'keys/revoked': the file is empty" \
		main:refs/heads/signed/x
	chmod 666 "$STATE/keys/revoked"
	undecided "can be written" main:refs/heads/signed/x
	rm "$STATE/keys/revoked"
	undecided "keys/revoked" main:refs/heads/signed/x
	not server_has refs/heads/signed/x main
}

@test "policy check tells of keys that are revoked" {
	key authority >"$STATE/keys/revoked"
	run sluice policy check
	[ "$status" -eq 0 ]
	[[ $output == *"the key in line 1 of 'keys/allowed_signers' is revoked"* ]]
	run sluice policy show
	[[ $output == *'allowed_signers: keys/allowed_signers'* ]]
	[[ $output == *'ssh_revoked: keys/revoked'* ]]
}
