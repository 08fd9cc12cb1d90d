# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Merges that add nothing, and keys that may sign nothing else.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

# The forge is "ci": it signs merges, and rebases of what was approved.
setup() {
	world_make
	sed -i -e 's/"approval": {"count": 1,/& "clean_merges": true,/' \
		-e 's/"robot": true/&, "signs": "merges"/' \
		"$STATE/policy.json"
	sluice --quiet policy check
	seq 1 40 >text
	git add text
	as ada git commit -q -S -m text
	approve bela main refs/heads/main
	accepted main
	git checkout -q -b topic
	edit ada 10 ten
	git checkout -q main
	edit bela 30 thirty
	approve gus main refs/heads/main
	accepted main
	git checkout -q topic
}

# edit WHO LINE TEXT: a commit to the file "text".
edit() {
	sed -i "s/^$2\$/$3/" text
	as "$1" git commit -q -S -a -m "$3"
}

# merged WHO [OPTION...]: main with topic merged into it, at HEAD.
merged() {
	local who=$1
	shift
	git checkout -q --detach main
	as "$who" git merge -q -S --no-ff --no-edit "$@" topic
}

@test "a clean merge of what was approved needs no more; anything else does" {
	# What it merges has to be approved all the same.
	merged ci
	refused approval.too_few HEAD:main
	[[ $output == *'1 of 1 new commits'* ]]
	approve bela topic refs/heads/main
	# With a line more, or one side thrown away, it is no clean merge.
	merged ci --no-commit
	sed -i 's/^40$/forty/' text
	as ci git commit -q -S -a --no-edit
	refused approval.too_few HEAD:main
	[[ $output == *'not a clean merge: merging its parents gives another'* ]]
	[[ $output == *' signature.limited '* ]]
	merged ci -s ours
	refused approval.too_few HEAD:main
	# No merge at all, by the forge's key.
	git checkout -q --detach main
	edit ci 20 twenty
	refused signature.limited HEAD:main
	merged ci
	accepted HEAD:main

	# Without the rule a merge is approved like anything else.
	git checkout -q -B topic main
	edit ada 15 fifteen
	approve bela topic refs/heads/main
	git fetch -q origin
	git branch -q -f main origin/main
	sed -i 's/ "clean_merges": true,//' "$STATE/policy.json"
	merged ci
	refused approval.too_few HEAD:main
	approve gus HEAD refs/heads/main
	accepted HEAD:main
}

@test "the forge may rebase what was approved, where approvals bind to patches" {
	sed -i -e 's/"signs": "merges"/"signs": "unchanged"/' \
		-e 's/"approval": {"count": 1,/& "binds": "patch",/' \
		"$STATE/policy.json"
	sluice --quiet policy check
	git checkout -q --detach topic
	as ci git rebase -q --force-rebase -S main
	refused signature.limited HEAD:main
	approve bela topic refs/heads/main
	accepted HEAD:main
}

# put MODE PATH TEXT: into the index alone.
put() {
	git update-index --add --cacheinfo \
		"$1,$(printf '%b' "$3" | git hash-object -w --stdin),$2"
}

# squash TREE [AUTHOR [PARENT]]: as one commit by the forge, or $BY; its name.
squash() {
	local who=${2:-ada}
	as "${BY:-ci}" env GIT_AUTHOR_NAME="$who" GIT_AUTHOR_EMAIL="$who@example.org" \
		git commit-tree -S -p "${3:-origin/main}" -m 'as one (#12)' "$1"
}

# land WHO LINE TEXT: somebody's change comes to main.
land() {
	git fetch -q origin
	git checkout -q -f -B next origin/main
	edit "$1" "$2" "$3"
	approve gus next refs/heads/main
	accepted next:main
	git fetch -q origin
}

@test "the forge may squash what was approved: as it is, in its place, once" {
	local same='a\nb\nc\nd\nstop\ne\nf\ng\n' evil tree
	sed -i -e 's/"signs": "merges"/"signs": "unchanged"/' \
		-e 's/"approval": {"count": 1,/& "binds": "patch",/' \
		"$STATE/policy.json"
	sluice --quiet policy check
	git checkout -q -B topic main
	put 100644 same "1$same$same$same"
	put 100644 bin '\0one'
	put 100755 tool run
	as ada git commit -q -S -m ground
	git reset -q --hard
	approve bela topic refs/heads/main
	accepted topic:main
	put 100644 same "1a\nb\nc\nd\ne\nf\ng\n$same$same"
	put 100644 bin '\0two'
	as ada git commit -q -S -m half
	git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),sub"
	put 120000 link text
	as ada git commit -q -S -m whole
	approve bela topic refs/heads/main
	# The ref goes on meanwhile.
	land bela 35 later
	tree=$(git merge-tree --write-tree origin/main topic)

	# A line more, a line less, a mode, another binary, link, name or
	# module, and the same hunk where it only reads the same.
	for evil in "put 100644 text evil" "put 100644 more x" \
		"git update-index --force-remove sub" \
		"git update-index --chmod=-x tool" "put 100644 bin '\0tow'" \
		"put 120000 link same" "put 100644 same '1$same$same$same'" \
		"put 100644 same '1${same}a\nb\nc\nd\ne\nf\ng\n$same'" \
		"git update-index --cacheinfo 160000,$tree,sub" \
		"git update-index --force-remove link; put 120000 lunk text"; do
		git read-tree "$tree"
		eval "$evil"
		refused approval.too_few "$(squash "$(git write-tree)"):main"
		[[ $output == *' signature.limited '* ]]
	done
	# Under a name that had no hand in it; on top of something new; twice.
	refused approval.too_few "$(squash "$tree" gus):main"
	git checkout -q -f --detach origin/main
	edit ci 20 twenty
	refused approval.too_few "$(squash "$(git merge-tree --write-tree \
		HEAD topic)" ada HEAD):main"
	[[ $output == *'1 of 2 new commits'* ]]
	good=$(squash "$tree")
	back=$(BY=ada squash "origin/main^{tree}" ada "$good")
	refused approval.too_few "$(squash "$tree" ada "$back"):main"
	[[ $output == *'3 of 3 new commits'* ]]
	# Somebody objects to a part of it.
	policy_edit 'refs[0].approval.objections = ["gus"]'
	as gus "$SLUICE" --quiet approve topic~1 --for refs/heads/main \
		--object --repository team/app --push origin >/dev/null 2>&1
	refused approval.objection "$good:main"
	policy_edit 'del(refs[0].approval.objections)'
	accepted "$good:main"
	# Taken back, it does not come in again.
	approve bela "$back" refs/heads/main
	accepted "$back:main"
	git fetch -q origin
	refused approval.too_few "$(squash "$tree"):main"
}
