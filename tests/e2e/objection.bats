# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# What speaks against a change: objections, and approvals taken back.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
	sed -i 's/"approval": {"count": 1,/& "objections": ["gus", "bela"],/' \
		"$STATE/policy.json"
	sluice --quiet policy check
}

# signs WHO OPTION...: about the tip of main, for main, pushed; the tag's id.
signs() {
	local who=$1
	shift
	as "$who" "$SLUICE" --quiet --json approve main --for main "$@" \
		--repository team/app --push origin 2>/dev/null |
		sed -n 's/^.*"\(approval\|objection\|withdrawal\)": *"\(.*\)".*/\2/p'
}

@test "an objection stands until who made it withdraws it" {
	commit ada one -S
	signs bela >/dev/null
	tag=$(signs gus --object --message 'not on a friday')
	[ "${#tag}" -eq 40 ]
	refused approval.objection main
	[[ $output == *"gus objects to"*"--withdraw $tag"* ]]
	# Others can neither withdraw it nor take it away, nor push it elsewhere
	# so that it is looked at there first.
	signs ada --withdraw "$tag" >/dev/null
	refused approval.objection main
	where=$(git ls-remote origin 'refs/sluice/*' | grep "^$tag" | cut -f 2)
	refused approval.kept ":$where"
	refused approval.kept "+$(git rev-parse main):$where"
	refused approval.objection main ":$where"
	git fetch -q origin "$where"
	refused approval.objection main \
		"$tag:refs/sluice/approvals/$(git rev-parse main~1)/x"
	taken=$(signs gus --withdraw "$tag")
	[ "${#taken}" -eq 40 ]
	where=$(git ls-remote origin 'refs/sluice/*' | grep "^$taken" | cut -f 2)
	refused approval.kept ":$where"
	accepted main
	# Of somebody whom the policy does not name, and of a commit that is no
	# more.
	commit ada two -S
	signs ada --object >/dev/null
	signs bela >/dev/null
	accepted main
	commit ada three -S
	signs gus --object >/dev/null
	as ada git commit -q --amend -S -m 'three, mended'
	signs bela >/dev/null
	accepted main
}

@test "an approval that was withdrawn is void, under any name; a new one is not" {
	commit ada one -S
	tag=$(signs bela)
	# Nobody else can.
	signs gus --withdraw "$tag" >/dev/null
	signs bela --withdraw "$tag" >/dev/null
	refused approval.too_few main
	[[ $output == *'bela: withdrawn by who signed it'* ]]
	git fetch -q origin 'refs/sluice/*:refs/sluice/*'
	git push -q origin \
		"$tag:refs/sluice/approvals/$(git rev-parse main)/again"
	refused approval.too_few main
	signs bela --message again >/dev/null
	accepted main
}

@test "on a terminal approve shows what is asked and waits for a yes" {
	commit ada one -S
	export WHAT="$SLUICE --policy $STATE/policy.json approve main --for main \
		--repository team/app"
	run as bela script -qec "$WHAT" /dev/null <<<'n'
	[ "$status" -eq 1 ]
	[[ $output == *'commit '*'author ada'*'ada.txt'* ]]
	[[ $output == *'Every new commit needs 1 approval'* ]]
	[[ $output == *'sign this approval'*'[y/N]'*'nothing was signed'* ]]
	run as bela script -qec "$WHAT" /dev/null <<<'y'
	[ "$status" -eq 0 ]
	[[ $output == *'git push origin '* ]]
	run as bela script -qec "$WHAT --yes --object" /dev/null </dev/null
	[ "$status" -eq 0 ]
	[[ $output == *'objection for refs/heads/main'* ]]
	[[ $output != *'[y/N]'* ]]
	run as bela "$SLUICE" approve main --for main --withdraw nothing \
		--repository team/app
	[ "$status" -eq 64 ]
	[[ $output == *"no tag 'nothing'"* ]]
}
