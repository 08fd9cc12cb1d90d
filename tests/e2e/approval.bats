# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Approvals: who counts, for what, and what cannot be reused.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
}

# by_hand WHO COMMIT MESSAGE-LINE...: as a reviewer without sluice would.
by_hand() {
	local who=$1 commit=$2 id
	shift 2
	as "$who" git tag -f -s -m 'looks good' -m "$(printf '%s\n' "$@")" \
		by-hand "$commit"
	id=$(git rev-parse by-hand)
	git push origin "$id:refs/sluice/approvals/$(git rev-parse \
		"$commit^{commit}")/$id"
}

@test "made by git tag alone it counts" {
	commit ada one -S
	by_hand bela main 'Sluice: approval' 'Repository: team/app' \
		'For: refs/heads/main'
	accepted main
}

@test "pushed together with what it approves it counts" {
	commit ada one -S
	id=$(as bela "$SLUICE" --json --quiet approve main --for main \
		--repository team/app 2>/dev/null | json 'd.approval')
	accepted main "$id:refs/sluice/approvals/$(git rev-parse main)/1"
}

@test "approve names the push that brings it, and the name of the repository" {
	commit ada one -S
	run --separate-stderr as bela "$SLUICE" approve HEAD --for main
	[ "$status" -eq 0 ]
	[[ $stderr == *'author ada <ada@example.org>'* ]]
	[[ $stderr == *'refs/heads/main'* ]]
	[[ $output == "git push origin "*":refs/sluice/approvals/$(git \
		rev-parse HEAD)/"* ]]
	$output
	accepted main
	[ -z "$(git tag)" ]
}

@test "one approval covers every commit it reaches, and none above" {
	commit ada one -S
	commit ada two -S
	approve bela main refs/heads/main
	commit ada three -S
	refused approval.too_few main
	accepted main~1:main
	refused approval.too_few main
	# In a file, and who did not approve, and what was not, is not in it.
	local key commit
	key=$(sluice log key) commit=$(git rev-parse main~1)
	sluice log prove --approved-by bela "$commit" >"$W/proof"
	run "$SLUICE" verify "$W/proof" --vkey "$key" --approved-by bela
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'approved by bela: shown, by the tag '* ]]
	run "$SLUICE" verify "$W/proof" --vkey "$key" --approved-by ada
	[ "$status" -eq 1 ]
	[[ $output == *'approved by ada: not shown'* ]]
	run sluice log prove --approved-by ada "$commit"
	[ "$status" -eq 1 ]
	[[ $output == *'nothing to prove' ]]
	run sluice log prove --approved-by bela "$(git rev-parse main~2)"
	[ "$status" -eq 1 ]
}

@test "by the author it does not count" {
	commit ada one -S
	approve ada main refs/heads/main
	refused approval.too_few main
	approve bela main refs/heads/main
	accepted main
}

@test "by the committer it does not count, nor by who signed" {
	commit ada one
	# Committed by bela, signed by ada.
	as ada env GIT_COMMITTER_NAME=bela GIT_COMMITTER_EMAIL=bela@example.org \
		git commit -q --amend --no-edit -S
	approve bela main refs/heads/main
	refused approval.too_few main
	# Committed by ada, signed by bela, whom only bela's key betrays.
	as bela env GIT_COMMITTER_NAME=ada GIT_COMMITTER_EMAIL=ada@example.org \
		git commit -q --amend --no-edit -S
	approve bela main refs/heads/main
	refused approval.too_few main
	as ada git commit -q --amend --no-edit -S
	approve bela main refs/heads/main
	accepted main
}

@test "by a co-author it does not count" {
	commit ada $'one\n\nCo-authored-by: bela <bela@example.org>' -S
	approve bela main refs/heads/main
	refused approval.too_few main
	approve gus main refs/heads/main
	accepted main
}

@test "by the pusher it does not count" {
	commit ada one -S
	approve bela main refs/heads/main
	export REMOTE_USER=bela
	refused approval.too_few main
	export REMOTE_USER=ada
	accepted main
}

@test "by a robot it does not count" {
	commit ada one -S
	approve ci main refs/heads/main || true
	refused approval.too_few main
}

@test "by a stranger it is refused on arrival and does not count" {
	commit ada one -S
	run by_hand mallory main 'Sluice: approval' 'Repository: team/app' \
		'For: refs/heads/main'
	[ "$status" -ne 0 ]
	[[ $output == *approval.invalid* ]]
	refused approval.too_few main
}

@test "unsigned it is refused on arrival" {
	commit ada one -S
	as bela git tag -a -m one -m $'Sluice: approval\nRepository: team/app\nFor: refs/heads/main' bare main
	id=$(git rev-parse bare)
	refused approval.invalid \
		"$id:refs/sluice/approvals/$(git rev-parse main)/1"
	refused approval.too_few main
}

@test "for another ref it does not count" {
	commit ada one -S
	approve bela main refs/heads/release || true
	refused approval.too_few main
}

@test "for another repository it does not count" {
	commit ada one -S
	by_hand bela main 'Sluice: approval' 'Repository: team/other' \
		'For: refs/heads/main' || true
	refused approval.too_few main
}

@test "for another commit it does not count, wherever it is put" {
	commit ada one -S
	as bela git tag -s -m one -m $'Sluice: approval\nRepository: team/app\nFor: refs/heads/main' other main~1
	id=$(git rev-parse other)
	run git push origin \
		"$id:refs/sluice/approvals/$(git rev-parse main)/$id"
	refused approval.too_few main
}

@test "two by one person are one" {
	sed -i 's/"count": 1/"count": 2/' "$STATE/policy.json"
	commit ada one -S
	approve bela main refs/heads/main
	sleep 1
	approve bela main refs/heads/main
	refused approval.too_few main
	approve gus main refs/heads/main
	accepted main
}

@test "replayed after the branch moved it covers nothing new" {
	commit ada one -S
	approve bela main refs/heads/main
	accepted main
	approved=$(git rev-parse main)
	tag=$(git --git-dir="$REPO" for-each-ref --format='%(objectname)' \
		refs/sluice/approvals | head -n 1)
	commit ada two -S
	git fetch -q origin 'refs/sluice/*:refs/sluice/*'
	run git push origin \
		"$tag:refs/sluice/approvals/$(git rev-parse main)/again"
	run git push origin "$tag:refs/sluice/approvals/$approved/again"
	refused approval.too_few main
}

@test "of commits made in one second the same is named, however merged" {
	policy_edit 'refs[0].approval.clean_merges = true'
	base=$(git rev-parse main)
	export GIT_COMMITTER_DATE='2026-01-02T03:04:05Z'
	for i in ada bela; do
		git checkout -q -B "$i" "$base"
		commit "$i" one -S
	done
	for i in 'ada bela' 'bela ada'; do
		git checkout -q -B merged "${i% *}"
		as ada git merge -q --no-ff -S -m merge "${i#* }"
		refused approval.too_few merged:main
		first=$(git rev-parse ada bela | sort | head -n 1)
		[[ $output == *"    ${first:0:10}: 2 of 2 new commits"* ]]
	done
}

@test "an amended commit needs a new one" {
	commit ada one -S
	approve bela main refs/heads/main
	as ada git commit -q --amend -m 'one, amended' -S
	refused approval.too_few main
}

@test "approve says what is wrong: no clone, no commit, no such ref name" {
	run as bela "$SLUICE" approve nothing --for main
	[ "$status" -eq 64 ]
	[[ $output == *"no commit 'nothing'"* ]]
	run as bela "$SLUICE" approve HEAD --for 'bad..name'
	[ "$status" -eq 64 ]
	run as bela "$SLUICE" approve HEAD
	[ "$status" -eq 64 ]
	cd "$W/srv"
	run as bela "$SLUICE" approve HEAD --for main
	[ "$status" -eq 64 ]
}

@test "approve without a signing key says how to get one" {
	commit ada one -S
	run env GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@example.org \
		GNUPGHOME="$W" "$SLUICE" --quiet approve HEAD --for main \
		--repository team/app
	[ "$status" -eq 2 ]
	[[ $output == *user.signingKey* ]]
	[ -z "$(git tag)" ]
}

@test "approve shows all that it covers, also for a ref that is new" {
	for i in {1..12}; do commit ada "step $i"; done
	git fetch -q
	run as bela "$SLUICE" approve main --for refs/heads/main \
		--repository team/app
	[ "$status" -eq 0 ]
	[[ $output == *'commits since refs/remotes/origin/main:'*' step 12'* ]]
	[[ $output == *' step 1'$'\n'*' 1 file changed, 12 insertions'* ]]
	run as bela "$SLUICE" approve main --for refs/heads/new \
		--repository team/app
	[ "$status" -eq 0 ]
	[[ $output == *'commits that no remote has: 12'$'\n'*' step 12'* ]]
	[[ $output == *' step 3'$'\n'*'… and 6 more lines'* ]]
	# What lies on another branch there is of that branch.
	git update-ref refs/remotes/origin/topic main
	run as bela "$SLUICE" approve main --for refs/heads/new \
		--repository team/app
	[[ $output == *' step 12'*'1 file changed'* ]]
	[[ $output != *' step 11'* ]]
}

@test "approve shows hostile text harmlessly" {
	commit ada $'evil \e]0;title\a \e[2J subject' -S
	run as bela "$SLUICE" approve HEAD --for main --repository team/app
	[ "$status" -eq 0 ]
	harmless
}

# groups APPROVAL: the section of main is the one given.
groups() {
	policy_edit 'refs |= [{match: ["refs/heads/main"], approval: $it}] + .' \
		--argjson it "$1"
	sluice --quiet policy check
}

@test "one of the maintainers and one of a group are two people" {
	groups '{"count": 1, "by": ["@maintainers"],
		"groups": [{"count": 1, "by": ["bela"]}]}'
	commit ada one -S
	approve bela main refs/heads/main
	refused approval.group main
	[[ $output == *"1 of the 2 people that approval.by and approval.groups[0]"* ]]
	[[ $output != *approval.too_few* ]]
	approve bela main refs/heads/main || true
	refused approval.group main
	approve gus main refs/heads/main
	accepted main
}

@test "where it is shared one person may stand for both" {
	groups '{"count": 1, "by": ["@maintainers"], "shared": true,
		"groups": [{"count": 1, "by": ["bela"]}]}'
	commit ada one -S
	approve gus main refs/heads/main
	refused approval.group main
	[[ $output == *'ask bela to run'* ]]
	approve bela main refs/heads/main
	accepted main
	commit ada two -S
	approve bela main refs/heads/main
	accepted main
}

@test "of two groups the one that lacks its person is named" {
	groups '{"count": 1, "by": ["@maintainers"], "shared": true,
		"groups": [{"count": 1, "by": ["bela"]},
			{"count": 1, "by": ["gus"]}]}'
	commit ada one -S
	approve bela main refs/heads/main
	refused approval.group main
	[[ $output == *'approval.groups[1] asks for'* ]]
	approve gus main refs/heads/main
	accepted main
}
