# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Secrets in text that is encoded, as other programs encode it.
load lib/e2e

# The word FAKE with check digits that are right: no token of anybody.
token=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

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
}

percent() {
	printf %s "$1" | xxd -p -c1 | sed 's/^/%/' | tr -d '\n'
}

# found FILE LINE:COLUMN ENCODING
found() {
	run sluice --quiet scan "$1"
	[ "$status" -eq 1 ]
	[[ $output == "$1:$2: error: secret.github_pat: "*": ghp_…lp, which passes its own check, in $3"* ]]
	[[ $output != *"$token"* ]]
}

@test "what base64, xxd, iconv and printf write is read" {
	printf 'a: %s\n' "$(printf 'token %s' $token | base64 -w0)" >b64
	found b64 1:12 base64
	{ echo "data: |"; printf 'first a line of text, then %s here' $token |
		base64 -w 40 | sed 's/^/    /'; } >wrapped
	found wrapped 2:41 base64
	printf 'some text, then %s' "$token" | base64 -w0 |
		tr +/ -_ | tr -d = >url
	found url 1:22 base64
	printf 'key=%s' "$(printf %s $token | xxd -p -c 100)" >hex
	found hex 1:5 hex
	printf 'GET /?t=%s HTTP' "$(percent $token)" >percent
	found percent 1:9 percent
	printf 'x = "%s";' "$(printf %s $token | xxd -p -c1 |
		sed 's/^/\\u00/' | tr -d '\n')" >escapes
	found escapes 1:6 escapes
	for e in UTF-16LE UTF-16BE UTF-32LE UTF-32BE; do
		printf 'line one\nkey %s\n' "$token" |
			iconv -f UTF-8 -t $e >wide
		name=$(echo $e | tr '[:upper:]' '[:lower:]')
		run sluice --quiet scan wide
		[ "$status" -eq 1 ]
		[[ $output == *", in $name"* ]]
	done
	printf 'key %s\n' "$token" | iconv -f UTF-8 -t UTF-16 >mark
	found mark 1:11 utf-16le
	printf 'powershell -enc %s\n' "$(printf 'echo %s' $token |
		iconv -f UTF-8 -t UTF-16LE | base64 -w0)" >enc
	found enc 1:30 'base64, utf-16le'
}

@test "as deep as asked, and no deeper" {
	printf 'the token %s' $token | base64 -w0 | base64 -w0 |
		base64 -w0 >three
	run sluice --quiet scan three
	[ "$status" -eq 0 ]
	run sluice --quiet scan --decode-depth 3 three
	[ "$status" -eq 1 ]
	[[ $output == *', in base64, base64, base64'* ]]
	printf 'the token %s' $token | base64 -w0 >one
	run sluice --quiet scan --decode-depth 0 one
	[ "$status" -eq 0 ]
	for n in 6 -1 x ''; do
		run sluice --quiet scan --decode-depth "$n" one
		[ "$status" -eq 64 ]
	done
}

@test "every format names the encoding" {
	printf 'the token %s' $token | base64 -w0 >one
	for format in text json sarif junit; do
		run sluice --quiet scan --format $format one
		[ "$status" -eq 1 ]
		[[ $output == *base64* ]]
		[[ $output != *"$token"* ]]
	done
	run sluice --quiet scan --format json one
	[ "$(jq -r '[.encoding, .line, .column, .offset, .length] | join(" ")' \
		<<<"$output")" = 'base64 1 14 13 54' ]
}

@test "the rules of a gitleaks.toml read what is encoded too" {
	cat >leaks.toml <<-'EOF'
		[[rules]]
		id = "mine"
		regex = '''mine_[a-z]{16}'''
	EOF
	printf 'x %s\n' "$(printf 'and mine_abcdefghijklmnop' | base64 -w0)" >one
	run sluice --quiet scan --gitleaks-config leaks.toml one
	[ "$status" -eq 1 ]
	[[ $output == one:1:8:*secret.mine*', in base64'* ]]
	sed -i 's/$/ # gitleaks:allow/' one
	run sluice --quiet scan --gitleaks-config leaks.toml one
	[ "$status" -eq 1 ]
	run sluice --quiet scan --gitleaks-config leaks.toml \
		--obey-allow-comments one
	[ "$status" -eq 0 ]
}

# refused_for NAME ENCODING
refused_for() {
	git add "$1"
	as ada git commit -q -m 'more configuration' -S
	run git push origin main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *'sluice: refused'* ]]
	[[ $output == *secret.github_pat* ]]
	[[ $output == *"$1:"* ]]
	[[ $output == *", in $2"* ]]
	[[ $output != *"$token"* ]]
	not server_has refs/heads/topic main
}

@test "a push with a base64-encoded secret is refused" {
	printf 'kind: Secret\ndata:\n  key: %s\n' \
		"$(printf 'token=%s\n' "$token" | base64 -w0)" >secret.yaml
	refused_for secret.yaml base64
	not grep -rF "$token" "$STATE"
}

@test "a push with a secret in a UTF-16 file is refused" {
	printf 'key = %s\r\n' "$token" | iconv -f UTF-8 -t UTF-16 >config.ini
	refused_for config.ini utf-16le
}

@test "a push with a percent-encoded secret is refused" {
	echo "https://host/?next=%2Fin%3Ftoken%3D$token%26a" >link.txt
	refused_for link.txt percent
}

@test "what the history holds encoded is found where it came in" {
	for i in 1 2 3 4 5 6 7 8; do
		seq 1 400 >long.txt
		[ "$i" -lt 4 ] || printf 'k %s\n' \
			"$(printf 'the %s' $token | base64 -w0)" >>long.txt
		seq 1 "$i" >>long.txt
		git add long.txt
		as ada git commit -q -m "version $i"
		[ "$i" -ne 4 ] || first=$(git rev-parse HEAD)
	done
	git gc -q --aggressive
	run --separate-stderr sluice scan --format json --git .
	[ "$(jq -r 'select(.encoding) | "\(.commit) \(.line)"' \
		<<<"$output")" = "$first 401" ]
	# And in each of the other versions.
	[[ $stderr == *" 4 more are the same"* ]]
}
