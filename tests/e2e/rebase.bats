# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Approvals bound to patches: what a pure rebase keeps, and what is none.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
	sed -i 's/"approval": {"count": 1,/& "binds": "patch",/' \
		"$STATE/policy.json"
	sluice --quiet policy check
	seq 1 40 >text
	git add text
	as ada git commit -q -S -m text
	approve bela main refs/heads/main
	accepted main
}

# edit LINE TEXT: a commit by ada to the file "text".
edit() {
	sed -i "s/^$1\$/$2/" text
	as ada git commit -q -S -a -m "$2"
}

# anew REF: the commits of this branch upon that one, committed by ada.
anew() {
	as ada git rebase -q --force-rebase -S --committer-date-is-author-date \
		"$@" 2>/dev/null || as ada git rebase -q --force-rebase -S "$@"
}

# advance: somebody else's commit lands on main meanwhile.
advance() {
	git checkout -q -b other main
	sed -i "s/^$1\$/$1 other/" text
	as bela git commit -q -S -a -m "other $1"
	approve gus other refs/heads/main
	accepted other:main
	git branch -q -f main other
	git checkout -q topic
	git branch -q -D other
}

@test "a series keeps its approval when it is rebased, whole, and once" {
	git checkout -q -b topic
	edit 10 ten
	edit 30 thirty
	approve bela topic refs/heads/main
	# For another branch it was not given, nor for a new one.
	git branch first
	advance 20
	anew main
	[ "$(git rev-parse first)" != "$(git rev-parse topic)" ]
	git branch good
	# A part of it, another order, something between: not what was approved.
	refused approval.too_few topic~1:main
	git checkout -q --detach main
	as ada git cherry-pick -S topic topic~1 >/dev/null 2>&1
	refused approval.too_few HEAD:main
	git checkout -q --detach good~1
	edit 35 between
	as ada git cherry-pick -S good >/dev/null 2>&1
	refused approval.too_few HEAD:main
	# By another author, with another message, with other white space.
	git checkout -q topic
	as ada git commit -q -S --amend -m 'thirty, really'
	refused approval.too_few topic:main
	git reset -q --hard good
	as ada git commit -q -S --amend --no-edit --author='x <x@example.org>'
	refused approval.too_few topic:main
	git reset -q --hard good
	sed -i 's/^thirty$/thirty /' text
	as ada git commit -q -S -a --amend --no-edit
	refused approval.too_few topic:main
	# On top something new, which has to be approved.
	git reset -q --hard good
	edit 40 forty
	refused approval.too_few topic:main
	[[ $output == *'1 of 3 new commits'* ]]
	accepted topic~1:main
	# Taken back; the approval does not bring it in a second time.
	git checkout -q -B topic good
	as ada git revert --no-edit HEAD~1 HEAD >/dev/null
	as ada git rebase -q --force-rebase -S good
	approve bela topic refs/heads/main
	accepted topic:main
	as ada git cherry-pick -S good~1 good >/dev/null 2>&1
	refused approval.too_few topic:main
}

@test "who made it before the rebase is still who made it" {
	git checkout -q -b topic
	edit 10 ten
	# Signed and committed by bela, then washed clean.
	as bela git commit -q -S --amend --no-edit
	approve bela topic refs/heads/main
	advance 20
	anew main
	refused approval.too_few topic:main
	[[ $output == *'bela: the signer of '*', before it was rebased'* ]]
	approve gus topic refs/heads/main
	accepted topic:main
}

@test "where approvals bind to commits nothing is kept" {
	sed -i 's/"binds": "patch"/"binds": "commit"/' "$STATE/policy.json"
	git checkout -q -b topic
	edit 10 ten
	approve bela topic refs/heads/main
	advance 20
	anew main
	refused approval.too_few topic:main
}
