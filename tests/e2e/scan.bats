#!/usr/bin/env bats
# shellcheck disable=SC2154 # run --separate-stderr sets stderr
# sluice scan as people and other programs use it.

bats_require_minimum_version 1.5.0
load lib/e2e

# The word FAKE with check digits that are right: no token of anybody.
token=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

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sluice=${SLUICE:-$top/build/sluice}
	cd "$BATS_TEST_TMPDIR"
	export HOME=$PWD XDG_STATE_HOME=$PWD/state XDG_CACHE_HOME=$PWD/cache
	export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c
	export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c
	[[ $BATS_TEST_DESCRIPTION == *'compiled rules'* ]] ||
		rules_give "$XDG_CACHE_HOME/sluice"
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

@test "nor where it is the name of a file" {
	mkdir "tree/$token"
	echo "x = $token" >"tree/$token/f"
	git init -q r
	cp -r tree r/ && git -C r add .
	for format in text json sarif junit; do
		scan --format $format tree
		[ "$status" -eq 1 ]
		[[ $output == *tree/ghp_*lp/f* ]]
		[[ $output$stderr != *"$token"* ]]
		cd r
		scan --format $format --staged
		cd "$BATS_TEST_TMPDIR"
		[ "$status" -eq 1 ]
		[[ $output == *tree/ghp_*lp/f* ]]
		[[ $output$stderr != *"$token"* ]]
	done
	git -C r commit -qm one
	for range in "" HEAD; do
		scan --format sarif --git r $range
		[[ $output == *"tree/ghp_%E2%80%A6lp/f"* ]]
		[[ $output$stderr != *"$token"* ]]
	done
	# And it is known again by such a report.
	scan --format json --git r
	[ "$(jq -r .path <<<"$output")" = $'tree/ghp_…lp/f\ntree/ghp_…lp/f' ]
	echo "$output" >known
	scan --baseline known --git r
	[ "$status" -eq 0 ]
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

# own_rules: own.json, a pack of one rule.
own_rules() {
	cat >own.json <<-'EOF'
	{"name": "own", "rules": [{"id": "badge", "description": "a badge",
	 "regex": "BADGE-[0-9]{6}", "confidence": "low", "remediation": "ask",
	 "examples": {"match": ["BADGE-123456"]}}]}
	EOF
}

@test "own rules: read strictly" {
	own_rules
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
	own_rules
	scan --rules "$PWD/own.json" tree
	db=$(ls cache/sluice/hs-*.db)
	[ "$(stat -c %a "$db")" = 644 ]
	cp "$db" good
	echo garbage >"$db"
	echo 'BADGE-123456' >tree/bad
	scan --rules "$PWD/own.json" tree
	[ "$status" -eq 1 ]
	cmp "$db" good
	# Nor one that others may write.
	chmod 666 "$db"
	scan --rules "$PWD/own.json" tree
	[ "$status" -eq 1 ]
	[ "$(stat -c %a "$db")" = 644 ]
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

# junit TESTS FAILURES ERRORS: $output is JUnit XML as its readers take it.
junit() {
	xmllint --noout --xpath "
		count(/testsuites) = 1 and count(/testsuites/*) = 1 and
		count(//testcase) = $1 and //testsuite/@tests = $1 and
		count(//testcase/failure) = $2 and
		//testsuite/@failures = $2 and
		count(//testcase/error) = $3 and //testsuite/@errors = $3 and
		count(/testsuites/testsuite/testcase[
			string(@classname) and string(@name)]) = $1 and
		count(//testcase/*[string(@message) and string(@type)]) =
			$2 + $3" - <<<"$output" >junit
	[ "$(cat junit)" = true ]
}

@test "JUnit: well formed, counted, whatever the names" {
	scan --format junit tree
	[ "$status" -eq 0 ]
	junit 1 0 0
	mkdir 'tree/a<b>&"c'
	echo "x = $token" >'tree/a<b>&"c/'$'d\xff\x01\xef\xbf\xbf'
	echo 'password = "Fak3-Pa55w0rd-01"' >tree/maybe
	scan --format junit tree tree/absent
	[ "$status" -eq 2 ]
	[[ $output$stderr != *"$token"* ]]
	junit 3 2 1
}

@test "however many threads, the same output" {
	for i in $(seq 1 400); do
		echo "n$i = $token" >"tree/f$i"
		echo "nothing" >"tree/g$i"
	done
	scan --format json --threads 1 tree
	[ "$status" -eq 1 ]
	one=$output
	[ "$(jq -r .path <<<"$one" | wc -l)" -eq 400 ]
	for n in 2 7 64; do
		scan --format json --threads $n tree tree/absent
		[ "$status" -eq 2 ]
		[ "$(head -n 400 <<<"$output")" = "$one" ]
	done
	for n in 0 65 two; do
		scan --threads $n tree
		[ "$status" -eq 64 ]
	done
}

@test "exclusion by name and by path; what git ignores only when asked" {
	git init -q r
	mkdir -p r/keep/out r/out r/dist
	for f in r/keep/out/a r/out/b r/dist/c r/dist/forced r/d.log; do
		echo "$token" >$f
	done
	printf 'dist/\n*.log\n' >r/.gitignore
	git -C r add -f dist/forced
	names() { jq -r .path <<<"$output" | tr '\n' ' '; }
	scan --json r
	[ "$(names)" = 'r/d.log r/dist/c r/dist/forced r/keep/out/a r/out/b ' ]
	scan --json --exclude out --exclude '*.log' r
	[ "$(names)" = 'r/dist/c r/dist/forced ' ]
	scan --json --exclude 'r/out' --exclude '**/dist/*' ./r
	[ "$(names)" = './r/d.log ./r/keep/out/a ' ]
	scan --json --respect-gitignore r
	[ "$(names)" = 'r/dist/forced r/keep/out/a r/out/b ' ]
	scan --json --respect-gitignore r/d.log
	[ "$(names)" = 'r/d.log ' ]
	scan --respect-gitignore tree
	[ "$status" -eq 2 ]
	[[ $stderr == *"git cannot tell what is ignored in 'tree'"* ]]
}

@test "too large is not scanned, and that is no pass" {
	head -c 4096 /dev/zero >tree/zero
	scan --max-size 4K tree
	[ "$status" -eq 0 ]
	scan --max-size 4095 tree
	[ "$status" -eq 2 ]
	[[ $output == *"tree/zero: error: secret.not_scanned: "* ]]
	for size in 0 1X 2G 5KM; do
		scan --max-size $size tree
		[ "$status" -eq 64 ]
	done
}

@test "staged: what the index has, under a hook's own index too" {
	git init -q -b main r
	cd r
	run --separate-stderr "$sluice" --state s scan --staged
	[ "$status" -eq 0 ]
	echo "$token" >a
	git add a
	echo "clean now" >a
	echo "$token" >unstaged
	run --separate-stderr "$sluice" --state s scan --json --staged
	[ "$status" -eq 1 ]
	[ "$(jq -r '[.path, .object] | join(" ")' <<<"$output")" \
		= "a $(git rev-parse :a)" ]
	git commit -qm one
	run --separate-stderr "$sluice" --state s scan --staged
	[ "$status" -eq 0 ]
	git rm -q --cached a
	ln -s "$token" link
	git add link
	mkdir sub
	run --separate-stderr sh -c "cd sub && '$sluice' --state s scan --json --staged"
	[ "$(jq -r .path <<<"$output")" = link ]
	git reset -q
	git checkout -q a
	cat >.git/hooks/pre-commit <<-END
	#!/bin/sh
	exec "$sluice" --state s scan --staged
	END
	chmod +x .git/hooks/pre-commit
	echo "again $token" >>a
	run git commit -am two
	[ "$status" -ne 0 ]
	[[ $output == *"a:2:7: error: secret.github_pat"* ]]
	cd ../tree
	run --separate-stderr "$sluice" --state s scan --staged
	[ "$status" -eq 2 ]
	scan --staged tree
	[ "$status" -eq 64 ]
	scan --staged --git r
	[ "$status" -eq 64 ]
}

@test "baseline: what a report has is left out and counted" {
	echo "x = $token" >tree/old
	scan --json tree
	echo "$output" >known
	scan --baseline known tree
	[ "$status" -eq 0 ] && [ -z "$output" ]
	[[ $stderr == *"1 more are known and left out"* ]]
	scan --baseline known ./tree
	[ "$status" -eq 0 ]
	# Without an installation there is no fingerprint: it goes by line.
	printf '\nx = %s\n' "$token" >tree/old
	scan --baseline known tree
	[ "$status" -eq 1 ]
	rules_give state/cache
	"$sluice" --state "$PWD/state" init --origin example.org >/dev/null
	scan --json tree
	echo "$output" >known
	printf '\n\nx = %s\n' "$token" >tree/old
	cp tree/old tree/other
	scan --json --baseline known tree
	[ "$status" -eq 1 ]
	[ "$(jq -r .path <<<"$output")" = tree/other ]
	scan --json tree/absent || true
	echo "$output" >known
	scan --baseline known tree/absent
	[ "$status" -eq 2 ]
	echo '{"id": 3}' >known
	scan --baseline known tree
	[ "$status" -eq 2 ]
	[[ $stderr == *"known: line 1 is no finding"* ]]
	# Names that JSON cannot hold as they are.
	rm -r tree && mkdir tree
	echo "x = $token" >"tree/$(printf 'caf\351')"
	scan --format json tree
	[ "$status" -eq 1 ]
	echo "$output" >known
	sed -i '1i above' tree/caf*
	scan --baseline known tree
	[ "$status" -eq 0 ]
	[[ $stderr == *"1 more are known"* ]]
	mv tree/caf* "tree/$(printf 'caf\352')"
	scan --baseline known tree
	[ "$status" -eq 1 ]
}

@test "progress is for terminals" {
	echo "x = $token" >tree/bad
	scan tree
	[[ $stderr != *$'\r'* ]]
	run script -qec "'$sluice' --state state scan tree >found" /dev/null
	[[ $output == *$'\rsluice: '*' of 2 files'* ]]
	[[ $(cat found) == tree/bad* ]]
	run script -qec "'$sluice' --state state --quiet scan tree >found" \
		/dev/null
	[[ $output != *" of 2 files"* ]]
	# A history: by objects, all but the trees; a range by commits.
	git init -q r
	cp tree/bad r/bad && git -C r add bad && git -C r commit -qm one
	echo two >r/two && git -C r add two && git -C r commit -qm two
	git -C r repack -qadf
	run script -qec "'$sluice' --state state scan --threads 1 --git r \
		>found" /dev/null
	[[ $output == *$'\rsluice: '*' of 4 objects, '* ]]
	[[ $(cat found) == *bad:1* ]]
	run script -qec "'$sluice' --state state scan --git r HEAD >found" \
		/dev/null
	[[ $output == *$'\rsluice: '*' of 2 commits, '* ]]
	[[ $(cat found) == *bad:1* ]]
}

# Everything that a history can bring a secret by. A range is looked up commit by
# commit, the whole history is read from the packs: both must say the same.
history() {
	n=1700000000
	commit() {
		n=$((n + 60))
		git -C "$1" add -A
		GIT_AUTHOR_DATE="@$n +0000" GIT_COMMITTER_DATE="@$n +0000" \
			git -C "$1" commit -q --allow-empty -m "$2"
	}
	git init -q -b main "$1"
	git -C "$1" config gc.auto 0
	mkdir -p "$1/a/b" "$1/conf"
	seq 1 400 >"$1/a/long"
	echo "$token" >"$1/a/b/one"
	commit "$1" "first"
	for i in 1 2 3 4 5 6; do
		sed -i "$((i * 50))s/.*/line $i/" "$1/a/long"
		[ $i != 3 ] || sed -i "170s/.*/k = $token/" "$1/a/long"
		[ $i != 5 ] || sed -i "170s/.*/gone/" "$1/a/long"
		commit "$1" "edit $i"
	done
	commit "$1" "a message with $token in it"
	# The same content at a path its rule does not mean, and at one it does.
	printf 'kind: Secret\ndata:\n  key: %s\n' \
		"$(printf 'FAKE-%s' 0123456789abcdef | base64)" >"$1/conf/plain"
	commit "$1" "plain"
	cp "$1/conf/plain" "$1/conf/secret.yaml"
	cp -r "$1/a" "$1/copy"
	ln -s "$token" "$1/link"
	: >"$1/id_rsa"
	: >"$1/$token"
	commit "$1" "copies"
	git -C "$1" checkout -q -b side HEAD~4
	echo "on the side: $token" >"$1/side"
	commit "$1" "side"
	git -C "$1" checkout -q main
	git -C "$1" merge -q --no-commit side >/dev/null
	echo "only in the merge: $token" >"$1/evil"
	commit "$1" "merge"
	git -C "$1" rm -qr a link "$token"
	commit "$1" "clean"
}

@test "history: the author of what brought it" {
	git init -q r
	echo "$token" >r/f && git -C r add f
	git -C r commit -qm one --author='Ann <ann@x.y>'
	git -C r mv f g && git -C r commit -qm two --author='Bob <bob@x.y>'
	for range in "" HEAD; do
		scan --format json --git r $range
		[ "$(jq -r .author <<<"$output")" = 'Ann <ann@x.y>' ]
		scan --format sarif --git r $range
		[ "$(jq -r '.runs[0].results[0].properties.author' \
			<<<"$output")" = 'Ann <ann@x.y>' ]
	done
}

@test "history: a secret once for each path, of the commit that brought it" {
	git init -q r
	step() { git -C r add -A && git -C r commit -qm "$1" --author="$1 <$1>"; }
	seq 1 20 >r/f && step base
	sed -i "7s/.*/k = $token/" r/f && step ann
	for i in 1 2 3; do sed -i "1i line" r/f && step "edit$i"; done
	echo "token = '$token'" >>r/f && step twice
	mkdir r/d && echo "$token" >r/d/g && step copy
	sed -i '1i line' r/d/g && step editcopy
	git -C r rm -q f && step gone
	echo "again $token" >r/f && step back
	# Without an installation, and with one whose key fingerprints have.
	for key in false true; do
		for range in "" HEAD; do
			scan --format json --git r $range
			[ "$status" -eq 1 ]
			[ "$(jq -r '"\(.author) \(.path) \(.line)"' \
				<<<"$output")" = \
				$'ann <ann> f 7\ncopy <copy> d/g 1' ]
			[[ $stderr == *" 7 more are the same secrets in "* ]]
			echo "$output" >known
			scan --baseline known --git r $range
			[ "$status" -eq 0 ]
			[ "$(jq 'has("fingerprint")' known | sort -u)" = \
				$key ]
		done
		mkdir -p state
		head -c 32 /dev/urandom >state/fingerprint.key
		chmod 600 state/fingerprint.key
	done
	# Each place in the first version.
	printf '%s\nline\n%s\n' "$token" "$token" >r/two && step both
	scan --format json --git r HEAD~1..HEAD
	[ "$(jq -r .line <<<"$output")" = $'1\n3' ]
	git -C r reset -q --hard HEAD~1
	# A range that starts later tells what its own commits bring.
	scan --format json --git r HEAD~7..HEAD~5
	[ "$(jq -r .author <<<"$output")" = 'edit2 <edit2>' ]
}

said() {
	scan --format json --git "$@"
	[ "$status" -eq 1 ]
	jq -cS . <<<"$output" | sort
}

@test "history: from packs the same as commit by commit" {
	history r
	want=$(said r main)
	# A place each way in.
	for what in blob "commit message" path; do
		[[ $want == *"\"what\":\"$what\""* ]]
	done
	[[ $want == *'"path":"evil"'* && $want == *'"path":"side"'* ]]
	[[ $want == *kubernetes_secret*secret.yaml* ]]
	[[ $want == *'"path":"link"'* && $want == *private_key_file* ]]
	# All loose; one pack; deltas by name; another store; a pack and loose
	# ones; two packs that share objects.
	[ "$(said r)" = "$want" ]
	git -C r repack -qadf
	[ "$(said r)" = "$want" ]
	git -C r config repack.useDeltaBaseOffset false
	git -C r repack -qadf --depth=100
	[ "$(said r)" = "$want" ]
	git clone -qs --bare r shared.git
	[ "$(said shared.git)" = "$want" ]
	mkdir aside
	mv r/.git/objects/pack/* aside/
	git -C r unpack-objects -q <"$(echo aside/*.pack)"
	pack() {
		git -C r rev-list --objects --no-object-names "$1" |
			git -C r pack-objects -q .git/objects/pack/pack >packed
	}
	pack main~3
	git -C r prune-packed
	[ "$(said r)" = "$want" ]
	pack main
	[ "$(echo r/.git/objects/pack/*.pack | wc -w)" -eq 2 ]
	[ "$(said r)" = "$want" ]
}

@test "history: tags, trees and blobs that refs name; what no ref leads to" {
	git init -q r && git -C r commit -q --allow-empty -m one
	git -C r tag -m "a tag with $token" t
	git -C r repack -qad
	scan --format json --git r
	[ "$(jq -r .what <<<"$output")" = "tag message" ]
	git -C r tag -d t >/dev/null
	git init -q s && echo "$token" >s/f && git -C s add f
	tree=$(git -C s write-tree)
	git -C s update-ref refs/tags/tree "$tree"
	git -C s repack -qad
	scan --format json --git s
	[ "$(jq -r '[.path, .commit // ""] | join(" ")' <<<"$output")" = "f " ]
	git -C s update-ref refs/tags/tree "$(git -C s hash-object -w /dev/null)"
	scan --format json --git s
	[ "$status" -eq 0 ]
	git -C s update-ref refs/tags/tree "$(git -C s rev-parse "$tree:f")"
	scan --format json --git s
	[ "$(jq -r .what <<<"$output")" = blob ]
}

@test "history: a damaged pack is never a pass" {
	git init -q r
	seq 1 2000 >r/f && git -C r add f && git -C r commit -qm one
	echo "$token" >>r/f && git -C r commit -qam two
	git -C r repack -qadf
	pack=$(echo r/.git/objects/pack/*.pack)
	chmod u+w "$pack"
	blob=$(git -C r rev-parse HEAD:f)
	at=$(git -C r show-index <"${pack%.pack}.idx" |
		awk -v b="$blob" '$2 == b { print $1 }')
	printf '\377\377\377\377' |
		dd of="$pack" bs=1 seek=$((at + 20)) conv=notrunc 2>/dev/null
	scan --git r
	[ "$status" -eq 2 ]
	[[ $output == *secret.not_scanned* ]]
	# An index that says nothing.
	chmod u+w "${pack%.pack}.idx"
	: >"${pack%.pack}.idx"
	scan --git r
	[ "$status" -eq 2 ]
}

@test "history: a shallow clone is not whole, and says so" {
	git init -q r
	echo "$token" >r/f && git -C r add f && git -C r commit -qm one
	git -C r rm -q f && git -C r commit -q -m two
	git clone -q --depth 1 "file://$PWD/r" s
	for range in "" HEAD; do
		scan --git s $range
		[ "$status" -eq 2 ]
		[[ $stderr == *"not whole"*unshallow* ]]
		scan --git r $range
		[ "$status" -eq 1 ]
	done
}

@test "history: an index that leads out of its pack is refused" {
	git init -q r
	echo "$token" >r/f && git -C r add f && git -C r commit -qm one
	echo two >r/f && git -C r commit -qam two
	git -C r repack -qadf
	pack=$(echo r/.git/objects/pack/*.pack)
	idx=${pack%.pack}.idx
	n=$(git -C r show-index <"$idx" | wc -l)
	git -C r multi-pack-index write
	cp -a r multi
	# Sixteen MiB on, for each object in turn.
	for i in $(seq 0 $((n - 1))); do
		rm -rf bad && cp -a r bad
		rm bad/.git/objects/pack/multi-pack-index
		chmod u+w "bad${idx#r}"
		printf '\1' | dd of="bad${idx#r}" bs=1 conv=notrunc \
			seek=$((1032 + n * 24 + i * 4)) 2>/dev/null
		for range in "" HEAD; do
			scan --git bad $range
			[ "$status" -eq 2 ]
			[[ $stderr == *"outside the pack"*index-pack* ]]
		done
	done
	# An index of several packs, whose places are its last chunk.
	multi=multi/.git/objects/pack/multi-pack-index
	chmod u+w $multi
	size=$(stat -c %s $multi)
	printf '\1' | dd of=$multi bs=1 conv=notrunc \
		seek=$((size - 20 - n * 8 + 4)) 2>/dev/null
	scan --git multi
	[ "$status" -eq 2 ]
	[[ $stderr == *multi-pack-index*"outside the pack"* ]]
	# It was not the packs.
	scan --git r
	[ "$status" -eq 1 ]
}
