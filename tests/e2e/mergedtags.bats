# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Merges of signed tags, as git makes them.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
	sed -i 's|"by": \["@maintainers", "ci"\]|&, "merged_tags": "required"|' \
		"$STATE/policy.json"
	sluice policy check "$STATE/policy.json"
}

# offer WHO TAG: a commit of ada's beside main, and a tag of it by WHO.
offer() {
	git checkout -q --detach "${3:-main}"
	commit ada "work for $2" -S
	as "$1" git tag -s -m "please merge $2" "$2"
	git checkout -q main
}

# merge TAG...: by ada, signed.
merge() {
	as ada git merge -q --no-ff -S -m "merge $*" "$@"
}

@test "a merge of a signed tag is let in, of a branch or a stranger's tag not" {
	offer bela t1
	offer mallory t2
	merge t1
	accepted main:refs/heads/signed/a
	n=$(evidence)
	git cat-file commit main | grep -q '^mergetag object '
	# Somebody else may have had bela's key: no other ref takes it on trust.
	cp "$STATE/policy.json" "$W/before"
	cp "$STATE/keys/bela.pub" "$STATE/keys/stolen"
	policy_edit '.ssh_compromised = ["keys/stolen"]'
	refused signature.merged_tag main:refs/heads/signed/other
	[[ $output == *"tag 't1': compromised"* ]]
	# And what came in by it is listed, until it is cleared.
	[ "$(record "$n" 'p.mergetags | map([.commit, .name, .target,
		.signature.status, .signature.person])')" = \
		"[[\"$(git rev-parse main)\",\"t1\",\"$(git rev-parse \
			't1^{}')\",\"good\",\"bela\"]]" ]
	run sluice log show "$n"
	[[ $output == *'merged tags'*"tag: t1  signature: good ssh bela"* ]]
	run --separate-stderr sluice --json log recheck
	[ "$status" -eq 1 ]
	[ "$(json '[d[] | .what, .name, .object, .entry, .ref, .person,
		.cleared]' <<<"$output")" = "[\"merged tag\",\"t1\",\"$(
		git rev-parse main)\",$n,\"refs/heads/signed/a\",\"bela\",false]" ] ||
		fail "$output"
	run sluice log recheck
	[[ $output == *"DOUBT"*"merged tag 't1' in $(git rev-parse main) by "*\
"bela with ssh key"* ]]
	policy_edit 'refs[1].waiver = {findings: ["signature.compromised"],
		by: ["gus"], max_days: 30}'
	as gus "$SLUICE" --quiet waive signature.compromised --for main \
		--ref refs/heads/signed/a --repository team/app \
		--fingerprint "$(sluice --json log recheck 2>/dev/null |
			json 'd[0].fingerprint')" \
		--reason 'looked at it' --until 5d --push origin
	run sluice log recheck
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *cleared* ]]
	cp "$W/before" "$STATE/policy.json"
	accepted main:refs/heads/signed/other
	# The same commit without a tag of it.
	git reset -q --hard HEAD^
	merge 't1^{commit}'
	refused signature.merged_tag main:refs/heads/signed/b
	[[ $output == *'which it merges'* ]]
	[[ $output == *'git merge --no-ff -S <tag>'* ]]
	git reset -q --hard HEAD^
	merge t2
	refused signature.merged_tag main:refs/heads/signed/c
	[[ $output == *"tag 't2'"* ]]
	[[ $output == *unknown_key* ]]
}

@test "a tag that was changed, or is of another commit, is no good" {
	offer bela t1
	offer bela t2
	merge t1
	git cat-file commit HEAD >"$W/merge"
	sed '/^gpgsig/,/^ -----END/d; s/^ please merge t1/ please merge t9/' \
		"$W/merge" >"$W/changed"
	cmp "$W/merge" "$W/changed" && fail 'nothing was changed'
	signed_again "$W/changed"
	refused signature.merged_tag "$commit:refs/heads/signed/a"
	[[ $output == *"tag 't1': bad"* ]]
	{
		sed '/^mergetag/,$d' "$W/merge"
		git cat-file tag t2 | sed '1s/^/mergetag /; 2,$s/^/ /'
		printf '\nmerge\n'
	} >"$W/changed"
	signed_again "$W/changed"
	refused signature.merged_tag "$commit:refs/heads/signed/b"
	[[ $output == *"tag 't2': it is of no commit"* ]]
	{
		sed '/^mergetag/,$d' "$W/merge"
		printf 'mergetag garbage\n\nmerge\n'
	} >"$W/changed"
	signed_again "$W/changed"
	refused signature.merged_tag "$commit:refs/heads/signed/b"
	[ "$(record "$(evidence)" 'p.mergetags | map([.name, .target,
		.signature.status])')" = '[["",null,"malformed"]]' ]
}

# signed_again FILE: the commit in it, signed by ada; its name in $commit.
signed_again() {
	ssh-keygen -q -Y sign -n git -f "$BATS_FILE_TMPDIR/keys/ada" \
		<"$1" >"$W/signature" 2>/dev/null
	commit=$({
		sed '/^$/,$d' "$1"
		sed '1s/^/gpgsig /; 2,$s/^/ /' "$W/signature"
		sed -n '/^$/,$p' "$1"
	} | git hash-object -w -t commit --stdin)
}
