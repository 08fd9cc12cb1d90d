#!/usr/bin/env bats
# shellcheck disable=SC2154 # run --separate-stderr sets stderr
# A gitleaks.toml as it is, with sluice scan and at the gate.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	clean_environment
	cd "$BATS_TEST_TMPDIR"
	export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
	mkdir tree
	cat >gitleaks.toml <<-'END'
	title = "ours"
	[[rules]]
	id = "badge-number"
	description = "the number of a badge"
	regex = '''(?i)badge[ :=]+"?([0-9a-f]{8})"?'''
	secretGroup = 1
	entropy = 2.0
	keywords = ["Badge"]
	[[rules.allowlists]]
	condition = "AND"
	regexTarget = "line"
	regexes = ['''# example''']
	paths = ['''^(tree/)?docs/''']
	[[rules]]
	id = "key-file"
	description = "a key"
	path = '''\.key$'''
	[[allowlists]]
	stopwords = ["dead"]
	commits = ["0000000000000000000000000000000000000000"]
	END
}

scan() {
	run --separate-stderr "$SLUICE" --state "$PWD/state" scan "$@"
}

told() {
	jq -r '[.id[7:], .path, .line // 0, .redacted // ""] | join(" ")' \
		<<<"$output"
}

@test "rules, allow-lists, entropy, paths" {
	mkdir -p tree/docs
	printf 'badge = 12ab34cd # example\n' | tee tree/docs/a >tree/a
	printf 'badge = 11111111\nbadge = 12dead34\nBADGE: "98fe76dc"\n' >tree/b
	: >tree/c.key
	scan --json --gitleaks-config gitleaks.toml tree
	[ "$status" -eq 1 ]
	[ "$(told)" = "badge-number tree/a 1 12…
	badge-number tree/b 3 98…
	key-file tree/c.key 0 " ] || [ "$(told)" = $'badge-number tree/a 1 12…\nbadge-number tree/b 3 98…\nkey-file tree/c.key 0 ' ]
	[[ $output != *98fe76dc* ]]
	scan --json --rules gitleaks:gitleaks.toml tree
	[ "$(told | wc -l)" -eq 3 ]
	scan --json --rules builtin --gitleaks-config gitleaks.toml tree
	[ "$(told | wc -l)" -eq 3 ]
	scan --format sarif --gitleaks-config gitleaks.toml tree
	jq -e '.runs[0].results[0].ruleId == "secret.badge-number"' \
		<<<"$output" >/dev/null
}

@test "what cannot be carried is named: file, line, rule" {
	sed -i "s/(?i)badge/(?i)(?<!x)badge/" gitleaks.toml
	scan --gitleaks-config gitleaks.toml tree
	[ "$status" -eq 2 ]
	[[ $stderr == "sluice: gitleaks.toml: line 2: rule 'badge-number': regex: byte 4: RE2 has no group of this kind"* ]]
	scan --gitleaks-config absent.toml tree
	[ "$status" -eq 2 ]
	[[ $stderr == *absent.toml* ]]
	echo 'a = = 1' >bad.toml
	scan --gitleaks-config bad.toml tree
	[ "$status" -eq 2 ]
	[[ $stderr == *"bad.toml: line 1: "* ]]
	scan --gitleaks-default gitleaks.toml tree
	[ "$status" -eq 64 ]
}

@test "extended files, and the default rules where they are given" {
	echo 'badge 12ab34cd pin=1234' >tree/a
	: >tree/c.key
	cat >top.toml <<-'END'
	[extend]
	useDefault = true
	disabledRules = ["key-file"]
	[[rules]]
	id = "pin"
	regex = '''pin=(\d{4})'''
	END
	scan --gitleaks-config top.toml tree
	[ "$status" -eq 2 ]
	[[ $stderr == *"top.toml: extend.useDefault: "* ]]
	[[ $stderr == *"hint: give its config/gitleaks.toml with --gitleaks-default"* ]]
	scan --json --gitleaks-config top.toml --gitleaks-default gitleaks.toml \
		tree
	[ "$(jq -r .id <<<"$output")" = $'secret.badge-number\nsecret.pin' ]
	sed -i 's/useDefault = true/path = "gitleaks.toml"/' top.toml
	scan --json --gitleaks-config top.toml tree
	[ "$(jq -r .id <<<"$output")" = $'secret.badge-number\nsecret.pin' ]
	sed -i 's/12ab/(/; s/9a-f/9a-/; s/{8}/{9999}/' gitleaks.toml
	scan --gitleaks-config top.toml tree
	[ "$status" -eq 2 ]
	[[ $stderr == *"top.toml: extended: gitleaks.toml: line 2: rule 'badge-number'"* ]]
}

@test "nothing in the tree is obeyed, but comments when told" {
	cp gitleaks.toml tree/.gitleaks.toml
	echo 'badge 12ab34cd # gitleaks:allow' >tree/a
	echo 'tree/a:badge-number:1' >tree/.gitleaksignore
	scan --gitleaks-config gitleaks.toml tree
	[ "$status" -eq 1 ]
	[[ $output == *tree/a* ]]
	scan --gitleaks-config gitleaks.toml --obey-allow-comments tree
	[ "$status" -eq 0 ]
	scan --gitleaks-config gitleaks.toml \
		--gitleaks-ignore tree/.gitleaksignore tree
	[ "$status" -eq 0 ]
	[[ $stderr == *"1 more are known and left out"* ]]
}

@test "ignore files and reports of gitleaks" {
	git init -q -b main r
	printf 'x\nbadge 12ab34cd\n' >r/a
	git -C r add .
	as ada git -C r commit -qm one
	commit=$(git -C r rev-parse HEAD)
	printf '# known\n\n%s:a:badge-number:2\nnot one\n' "$commit" >ignore
	scan --git r --gitleaks-config gitleaks.toml --gitleaks-ignore ignore
	[ "$status" -eq 0 ]
	[[ $stderr == *"ignore: 1 lines are no fingerprints"* ]]
	scan --gitleaks-config gitleaks.toml --gitleaks-ignore ignore r
	[ "$status" -eq 1 ]
	printf 'r\\a:badge-number:2\n' >ignore
	scan --gitleaks-config gitleaks.toml --gitleaks-ignore ignore r
	[ "$status" -eq 0 ]
	printf '[{"RuleID": "badge-number", "File": "r/a", "StartLine": 2,
	 "Commit": "", "Secret": "REDACTED"}]' >report.json
	scan --gitleaks-config gitleaks.toml --baseline report.json r
	[ "$status" -eq 0 ]
	sed -i 's/: 2/: 3/' report.json
	scan --gitleaks-config gitleaks.toml --baseline report.json r
	[ "$status" -eq 1 ]
	echo '[{"RuleID": 1}]' >report.json
	scan --gitleaks-config gitleaks.toml --baseline report.json r
	[ "$status" -eq 2 ]
	[[ $stderr == *"report.json: entry 1 is no finding of gitleaks"* ]]
}

@test "history: commits and paths of allow-lists" {
	git init -q -b main r
	mkdir r/docs
	echo 'badge 12ab34cd # example' >r/docs/a
	git -C r add .
	as ada git -C r commit -qm one
	scan --json --git r --gitleaks-config gitleaks.toml
	[ "$status" -eq 0 ]
	# The same blob where the list does not mean it.
	cp r/docs/a r/b
	git -C r add .
	as ada git -C r commit -qm two
	scan --json --git r --gitleaks-config gitleaks.toml
	[ "$status" -eq 1 ]
	[ "$(told)" = 'badge-number b 1 12…' ]
	sed -i "s/0\{40\}/$(git -C r rev-parse HEAD)/" gitleaks.toml
	scan --git r --gitleaks-config gitleaks.toml
	[ "$status" -eq 0 ]
}

@test "at the gate: rules from a gitleaks.toml beside the policy" {
	world_make
	cp "$BATS_TEST_TMPDIR/gitleaks.toml" "$STATE/gitleaks.toml"
	sed -i 's|"secret": {"rules": \["builtin"\]}}$|"secret": {"rules": ["gitleaks:gitleaks.toml"]}}|' \
		"$STATE/policy.json"
	grep -q gitleaks: "$STATE/policy.json"
	git checkout -q -b topic
	echo 'badge 12ab34cd' >a
	git add a
	as ada git commit -qm 'a badge'
	refused secret.badge-number topic
	[[ $output != *12ab34cd* ]]
	n=$(evidence)
	[[ $(record "$n" 'p["findings"][0]["id"]') == secret.badge-number ]]
	sluice log verify
	chmod g+w "$STATE/gitleaks.toml"
	run git push origin topic
	[ "$status" -ne 0 ]
	[[ $output == *"gitleaks.toml"* ]]
	chmod g-w "$STATE/gitleaks.toml"
	git reset -q --hard main
	echo 'badge 12dead34' >a
	git add a
	as ada git commit -qm 'an allowed badge'
	accepted topic
}
