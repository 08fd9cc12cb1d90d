# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Signatures with X.509 certificates, made by git and gpgsm.
load lib/e2e

# An authority; certificates of it for xena and yuri, whom the policy knows by
# their addresses.
setup_file() {
	people_make
	cd "$BATS_FILE_TMPDIR/keys" || return
	export OPENSSL_CONF=/dev/null
	openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -days 9 \
		-subj '/CN=Test Root' -out root.crt -config <(echo '[req]
distinguished_name=d
[d]') -addext 'keyUsage=critical,keyCertSign,cRLSign' \
		-addext basicConstraints=critical,CA:TRUE 2>/dev/null
	serial=1
	for who in xena yuri; do
		openssl genrsa -out "$who.key" 2048 2>/dev/null
		openssl pkey -in "$who.key" -pubout -out "$who.public"
		printf '%s\n' "subjectAltName=email:$who@example.org" \
			'keyUsage=critical,digitalSignature' >ext
		openssl x509 -new -force_pubkey "$who.public" -subj "/CN=$who" \
			-CA root.crt -CAkey root.key -set_serial "$((++serial))" \
			-days 9 -extfile ext -out "$who.crt"
		openssl pkcs12 -export -keypbe PBE-SHA1-3DES \
			-certpbe PBE-SHA1-3DES -macalg sha1 -in "$who.crt" \
			-inkey "$who.key" -certfile root.crt -passout pass: \
			-out "$who.p12"
		echo | gpgsm --batch --quiet --disable-dirmngr \
			--passphrase-fd 0 --pinentry-mode loopback \
			--import "$who.p12" 2>/dev/null
	done
	openssl x509 -in root.crt -noout -fingerprint -sha1 |
		sed 's/.*=//; s/$/ S relax/' >"$GNUPGHOME/trustlist.txt"
	printf '%s\n' disable-crl-checks disable-dirmngr \
		>"$GNUPGHOME/gpgsm.conf"
	gpgconf --kill gpg-agent
}

teardown_file() {
	people_end
}

setup() {
	world_make
	rm -f "$STATE/keys/xena".* "$STATE/keys/yuri".*
	cp "$BATS_FILE_TMPDIR/keys/root.crt" "$STATE/keys"
	chmod 644 "$STATE/keys"/*
	policy_edit '.people += {"xena": {"email": ["xena@example.org"]},
		"yuri": {"email": ["yuri@example.org"]}} |
		.groups.maintainers += ["xena", "yuri"] |
		.x509 = {"roots": ["keys/root.crt"]}'
}

# with WHO COMMAND...: as that person, signing with their certificate.
with() {
	local who=$1
	shift
	GIT_CONFIG_PARAMETERS="'gpg.format=x509' 'user.signingKey=$who@example.org'" \
		as "$who" "$@"
}

change() {
	echo "$2 $RANDOM" >>"$1.txt"
	git add "$1.txt"
	with "$1" git commit -q -S -m "$2"
}

@test "commits, tags and approvals by certificate, and git agrees" {
	change xena one
	[[ $(git cat-file commit main) == *'BEGIN SIGNED MESSAGE'* ]]
	git verify-commit main
	refused approval.too_few main
	with yuri "$SLUICE" --quiet approve main --for refs/heads/main \
		--repository team/app --push origin
	accepted main
	n=$(evidence)
	[ "$(record "$n" 'p.commits[0].signature.person')" = xena ]
	[ "$(record "$n" 'p.commits[0].signature.kind')" = x509 ]
	[ "$(record "$n" 'p.commits[0].signature.key')" = \
		"$(openssl x509 -in "$BATS_FILE_TMPDIR/keys/xena.crt" -outform \
			DER | sha256sum | cut -d' ' -f1)" ]
	[ "$(record "$n" 'p.approvals[0].person')" = yuri ]
	with xena git tag -s -m v1 v1
	accepted v1
	# A rule that does not list the kind; a policy without the root.
	policy_edit 'refs[1].signature.kinds = ["ssh"]'
	refused signature.kind main:signed/a
	policy_edit 'del(refs[1].signature.kinds) |
		.x509.roots = ["keys/other.crt"]'
	cp "$BATS_FILE_TMPDIR/keys/xena.crt" "$STATE/keys/other.crt"
	change yuri two
	refused signature.unknown_key main:signed/a
}

@test "a certificate of one's own, a signed push, and one that is stolen" {
	cp "$BATS_FILE_TMPDIR/keys/xena.crt" "$STATE/keys/xena.crt"
	policy_edit '.people.xena.x509 = ["keys/xena.crt"] | del(.x509)'
	run sluice policy check "$STATE/policy.json"
	[ "$status" -eq 0 ] || fail "$output"
	git --git-dir="$REPO" config receive.certNonceSeed seed
	change xena one
	run with xena git push --signed origin main:signed/a
	[ "$status" -eq 0 ] || fail "$output"
	[ "$(record "$(evidence)" \
		'p.push_certificate.signature.person')" = xena ]
	change yuri two
	refused signature.unknown_key main:signed/a
	git reset -q --hard main~1
	policy_edit '.x509 = {"compromised": ["keys/xena.crt"]}'
	run sluice policy check "$STATE/policy.json"
	[[ $output == *"'xena'"*'sluice log recheck'* ]] || fail "$output"
	refused signature.compromised main:signed/b
	run --separate-stderr sluice --json log recheck
	[ "$status" -eq 1 ]
	[ "$(json '[d[] | .what, .kind]' <<<"$output")" = \
		'["commit","x509","push certificate","x509"]' ] ||
		fail "$output"
}
