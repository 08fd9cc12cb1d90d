#!/usr/bin/env bats
# shellcheck disable=SC2154 # run --separate-stderr sets stderr
# sluice scan as people and other programs use it.

bats_require_minimum_version 1.5.0

# The word FAKE with check digits that are right: no token of anybody.
token=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

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sluice=${SLUICE:-$top/build/sluice}
	cd "$BATS_TEST_TMPDIR"
	export HOME=$PWD XDG_STATE_HOME=$PWD/state XDG_CACHE_HOME=$PWD/cache
	export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c
	export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c
	mkdir tree
	echo "nothing here" >tree/clean
}

scan() {
	run --separate-stderr "$sluice" --state "$PWD/state" scan "$@"
}

@test "clean, found, not scanned, badly asked: 0, 1, 2, 64" {
	scan tree
	[ "$status" -eq 0 ] && [ -z "$output" ]
	echo "x = $token" >tree/bad
	scan tree
	[ "$status" -eq 1 ]
	[[ $output == *"tree/bad:1:5: error: secret.github_pat: "* ]]
	[[ $output == *"hint: secret.github_pat: Revoke"* ]]
	scan tree/absent
	[ "$status" -eq 2 ]
	[[ $output == *"tree/absent: error: secret.not_scanned: "* ]]
	for args in "" "--format xml tree" "--git" "--git a b c" "--frob"; do
		# shellcheck disable=SC2086
		scan $args
		[ "$status" -eq 64 ]
	done
}

@test "no format shows the secret itself" {
	echo "x = $token" >tree/bad
	for format in text json sarif; do
		scan --format $format tree
		[ "$status" -eq 1 ]
		[[ $output == *"ghp_…lp"* ]]
		[[ $output$stderr != *"$token"* ]]
	done
}

@test "standard input, and a file named by a link" {
	run --separate-stderr sh -c "echo $token | '$sluice' scan -"
	[ "$status" -eq 1 ]
	[[ $output == "-:1:1: error: secret.github_pat"* ]]
	echo "$token" >kept
	ln -s ../kept tree/link
	scan tree
	[ "$status" -eq 0 ]
	scan tree/link
	[ "$status" -eq 1 ]
}

@test "folders: all the way down, not into .git, names in order" {
	mkdir -p tree/b/c tree/.git tree/a
	echo "$token" | tee tree/b/c/two tree/.git/no >tree/a/one
	scan --format json tree
	[ "$(jq -r .path <<<"$output")" = $'tree/a/one\ntree/b/c/two' ]
}

@test "names that could fool a terminal or a reader of URIs" {
	name=$(printf 'tree/e\033[31m \377#%%.txt')
	echo "$token" >"$name"
	scan tree
	[[ $output == *'tree/e\x1b[31m \xff#%.txt:1:1:'* ]]
	scan --format sarif tree
	[ "$(jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri' <<<"$output")" \
		= 'tree/e%1B%5B31m%20%FF%23%25.txt' ]
}

@test "JSON Lines: the keys that are documented" {
	printf '\n a = %s\n' "$token" >tree/bad
	scan --json tree
	[ "$(jq -r '[.id, .severity, .confidence, .validity, .line, .column, .offset, .length] | join(" ")' \
		<<<"$output")" = "secret.github_pat block high proven 2 6 6 40" ]
}

@test "SARIF: levels, rules, places, and what was not scanned" {
	echo "x = $token" >tree/bad
	echo 'password = "Fak3-Pa55w0rd-01"' >tree/maybe
	scan --format sarif tree
	[ "$status" -eq 1 ]
	jq -e '.version == "2.1.0" and (.runs | length) == 1 and
		.runs[0].tool.driver.name == "sluice" and
		.runs[0].invocations[0].executionSuccessful and
		([.runs[0].results[] | .level] == ["error", "warning"]) and
		(.runs[0] as $r | all($r.results[];
			$r.tool.driver.rules[.ruleIndex].id == .ruleId)) and
		.runs[0].results[0].locations[0].physicalLocation.region.startLine == 1 and
		.runs[0].results[0].locations[0].physicalLocation.region.snippet.text == "ghp_…lp"' \
		<<<"$output" >/dev/null
	scan --format sarif tree/absent
	[ "$status" -eq 2 ]
	jq -e '.runs[0].invocations[0] | (.executionSuccessful | not) and
		.toolExecutionNotifications[0].level == "error"' \
		<<<"$output" >/dev/null
}

@test "history: what was taken out again, merges, messages, ranges" {
	git init -q -b main r
	echo "$token" >r/gone
	git -C r add . && git -C r commit -qm one
	git -C r rm -q gone && git -C r commit -qm two
	scan --format json --git r
	[ "$status" -eq 1 ]
	[ "$(jq -r '[.path, .what, .commit] | join(" ")' <<<"$output")" \
		= "gone blob $(git -C r rev-parse HEAD~1)" ]
	scan --git r HEAD~1..HEAD
	[ "$status" -eq 0 ]
	git -C r commit -q --allow-empty -m "see $token"
	scan --format json --git r HEAD~1..
	[ "$(jq -r .what <<<"$output")" = "commit message" ]
	git -C r checkout -q -b side HEAD~1
	git -C r commit -q --allow-empty -m side
	git -C r checkout -q main
	git -C r merge -q --no-commit side 2>/dev/null || true
	echo "$token merged" >r/evil
	git -C r add . && git -C r commit -qm merge
	scan --format json --git r main~1..main
	[[ $(jq -r .path <<<"$output") == *evil* ]]
	scan --git r no-such-thing
	[ "$status" -eq 64 ]
	scan --git r --version
	[ "$status" -eq 64 ]
	scan --git tree
	[ "$status" -eq 2 ]
}

@test "own rules: read strictly" {
	cat >own.json <<-'EOF'
	{"name": "own", "rules": [{"id": "badge", "description": "a badge",
	 "regex": "BADGE-[0-9]{6}", "confidence": "low", "remediation": "ask",
	 "examples": {"match": ["BADGE-123456"]}}]}
	EOF
	echo "BADGE-123456 $token" >tree/x
	scan --rules "$PWD/own.json" tree
	[ "$status" -eq 1 ]
	[[ $output == *"tree/x:1:1: warning: secret.badge: a badge"* ]]
	[[ $output != *github* ]]
	scan --rules builtin --rules "$PWD/own.json" tree
	[[ $output == *secret.badge* && $output == *github_pat* ]]
	scan --rules builtin --rules builtin tree
	[ "$status" -eq 2 ]
	echo '{"name": "own", "rule": []}' >own.json
	scan --rules "$PWD/own.json" tree
	[ "$status" -eq 2 ]
	[[ $stderr == *"rule: unknown key"* ]]
}

@test "the compiled rules are kept, and a spoilt copy does not matter" {
	scan tree
	db=$(ls cache/sluice/hs-*.db)
	[ "$(stat -c %a "$db")" = 644 ]
	echo garbage >"$db"
	echo "$token" >tree/bad
	scan tree
	[ "$status" -eq 1 ]
	[ "$(stat -c %s "$db")" -gt 100000 ]
}

# The same bytes each time: AES in counter mode over nothing. Certificates,
# images and archives look like that, in base64 too.
@test "what merely looks random does not block a push" {
	key=000102030405060708090a0b0c0d0e0f
	head -c 6000000 /dev/zero |
		openssl enc -aes-128-ctr -K "$key" -iv "$key" >noise
	base64 -w 76 noise >lines
	base64 -w 0 noise >one-line
	for file in noise lines one-line; do
		run "$SLUICE" scan "$file"
		[[ $output == *": 0 secrets that would block"* ]]
	done
}
