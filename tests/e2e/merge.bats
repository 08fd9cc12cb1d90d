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
	# A squash is another change.
	git fetch -q origin
	git checkout -q -B topic origin/main
	edit ada 1 one
	edit ada 2 two
	approve bela topic refs/heads/main
	git checkout -q --detach origin/main
	git merge -q --squash topic >/dev/null
	as ci git commit -q -S -m squashed --author='ada <ada@example.org>'
	refused signature.limited HEAD:main
	[[ $output == *approval.too_few* ]]
}
