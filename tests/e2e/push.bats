# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# The line from end to end: what a developer meets on an ordinary day.
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

@test "an unsigned commit is refused, with the command that mends it" {
	commit ada 'add a feature'
	refused signature.missing main
	[[ $output == *'git commit --amend --no-edit -S'* ]]
	[[ $output == *"$(git rev-parse --short=10 main)"* ]]
	not server_has refs/heads/main main
}

@test "a signed commit without approval is refused" {
	commit ada 'add a feature' -S
	refused approval.too_few main
	[[ $output == *'sluice approve'* ]]
	not server_has refs/heads/main main
}

@test "a signed and approved commit is accepted, and the log says so" {
	commit ada 'add a feature' -S
	refused approval.too_few main
	approve bela main refs/heads/main
	accepted main
	server_has refs/heads/main main
	n=$(evidence)
	[ "$(record "$n" 'p["verdict"]')" = accept ]
	[ "$(record "$n" 'p["updates"][0]["new"]')" = "$(git rev-parse main)" ]
	[ "$(record "$n" 'p["commits"][0]["signature"]["person"]')" = ada ]
	[ "$(record "$n" 'p["approvals"][0]["person"]')" = bela ]
	sluice log verify
	sluice log find "$(git rev-parse main)"
}

@test "an OpenPGP signature serves as well" {
	commit gus 'add a feature' -S
	approve bela main refs/heads/main
	accepted main
	commit ada 'and another' -S
	approve gus main refs/heads/main
	accepted main
}

@test "a commit with a secret is refused, whatever the branch" {
	cp "$BATS_FILE_TMPDIR/keys/mallory" deploy.key
	git add deploy.key
	as ada git commit -q -m 'deploy key' -S
	run git push origin main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *'sluice: refused'* ]]
	[[ $output == *' secret.'* ]]
	[[ $output == *'deploy.key:1'* ]]
	# Not a line of the key itself.
	[[ $output != *"$(sed -n 2p deploy.key)"* ]]
	n=$(evidence)
	sluice --json log show "$n" >"$W/shown"
	not grep -F "$(sed -n 3p deploy.key)" "$W/shown"
	not grep -rF "$(sed -n 3p deploy.key)" "$STATE"
	not server_has refs/heads/topic main
}

@test "a secret that a later commit removes is still refused" {
	cp "$BATS_FILE_TMPDIR/keys/mallory" oops
	git add oops
	as ada git commit -q -m 'oops' -S
	git rm -q oops
	as ada git commit -q -m 'gone' -S
	run git push origin main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *'oops:1'* ]]
}

@test "a secret from before the gate does not stop who edits its file" {
	sluice --quiet uninstall "$REPO"
	cp "$BATS_FILE_TMPDIR/keys/mallory" deploy.key
	git add deploy.key
	as ada git commit -q -m 'deploy key' -S
	git push -q origin main
	sluice --quiet install --name team/app "$REPO"
	echo '# to be rotated' >>deploy.key
	as ada git commit -q -a -m 'note' -S
	run git push origin main:refs/heads/topic
	[ "$status" -eq 0 ]
	[[ $output == *'which the repository had before'* ]]
	# Elsewhere it is another secret to look after.
	cp deploy.key other.key
	echo >>other.key
	git add other.key
	as ada git commit -q -m 'copy' -S
	run git push origin main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *'other.key:1'* ]]
}

@test "a force push is refused" {
	commit ada one -S
	approve bela main refs/heads/main
	accepted main
	git reset -q --hard HEAD~1
	commit ada other -S
	approve bela main refs/heads/main
	refused ref.force_push +main
	server_has refs/heads/main 'main@{2}'
}

@test "deleting a branch that may not be deleted is refused" {
	refused ref.delete :main
	server_has refs/heads/main main
}

@test "a push that deletes everything is refused whole" {
	accepted main:refs/heads/free/a main:refs/heads/free/b
	git tag free-1
	accepted free-1
	refused ref.delete :main :free/a :free/b :refs/tags/free-1
	server_has refs/heads/main main
	server_has refs/heads/free/a main
	server_has refs/tags/free-1 main
}

@test "an empty repository is refused nothing but what its rules refuse" {
	git init -q --bare "$W/srv/team/empty.git"
	sluice --quiet install "$W/srv/team/empty.git"
	run git push "$W/srv/team/empty.git" main
	[ "$status" -ne 0 ]
	[[ $output == *signature.missing* ]]
	[ -z "$(git --git-dir="$W/srv/team/empty.git" for-each-ref)" ]
}

@test "one bad ref refuses the whole push" {
	git branch good
	commit ada 'unsigned'
	refused signature.missing main good:refs/heads/free/good
	run git --git-dir="$REPO" rev-parse -q --verify refs/heads/free/good
	[ "$status" -ne 0 ]
}

@test "a commit parked on an ungated branch is judged when main reaches it" {
	commit mallory 'parked, unsigned'
	accepted main:refs/heads/free/parked
	refused signature.missing main
	# Through the server's own name for it as well.
	git fetch -q origin
	refused signature.missing origin/free/parked:refs/heads/main
	not server_has refs/heads/main main
}

@test "a commit parked where rules are weaker is judged again" {
	commit ada 'signed, not approved' -S
	accepted main:refs/heads/signed/topic
	refused approval.too_few main
}

@test "commits that came through the same rules are not judged twice" {
	commit ada one -S
	accepted main:refs/heads/signed/a
	accepted main:refs/heads/signed/b
	[ "$(record "$(evidence)" 'p.commits | length')" = 0 ]
}

@test "what went round the gate is judged with the next push on top of it" {
	commit ada good -S
	accepted main:refs/heads/signed/x
	commit mallory sneaky
	git --git-dir="$REPO" fetch -q "$WORK" main:refs/heads/signed/x
	commit ada 'on top' -S
	refused signature.missing main:refs/heads/signed/x
	[[ $output == *sneaky* ]]
}

@test "history from before the gate is not judged, what comes on top is" {
	accepted main:refs/heads/signed/from-adopted
	commit ada unsigned
	refused signature.missing main:refs/heads/signed/from-adopted
}

@test "refs/replace cannot stand in for a commit" {
	commit ada 'good' -S
	good=$(git rev-parse main)
	git reset -q --hard HEAD~1
	commit mallory 'evil'
	evil=$(git rev-parse main)
	git replace "$evil" "$good"
	refused ref.name "refs/replace/$evil"
	# There all the same, from before the gate.
	accepted "$good:refs/heads/free/good"
	git --git-dir="$REPO" update-ref "refs/replace/$evil" "$good"
	refused signature.missing "$evil:refs/heads/signed/x"
	git replace -d "$evil"
	refused signature.missing "$evil:refs/heads/signed/x"
}

@test "tags: signed accepted, unsigned refused, moved refused" {
	as ada git tag -s -m 'release' v1
	accepted v1
	as ada git tag -a -m 'release' v2
	refused signature.missing v2
	git tag v3
	refused signature.missing v3
	commit ada next -S
	as ada git tag -f -s -m 'release' v1
	refused ref.move +v1
	refused ref.delete :refs/tags/v1
}

@test "push options are recorded" {
	git --git-dir="$REPO" config receive.advertisePushOptions true
	accepted -o 'ci.skip' -o $'odd\e[31m "value"' main:refs/heads/topic
	n=$(evidence)
	[ "$(record "$n" 'p["push_options"][0]')" = ci.skip ]
	[ "$(record "$n" 'p["push_options"][1] | contains("\u001b")')" = false ]
}

@test "ten thousand refs in one push" {
	commit ada one -S
	# Packed and untracked here, for only the server's count.
	seq -f "$(git rev-parse main) refs/heads/free/n%05.0f" 0 9999 \
		>.git/packed-refs
	git config --unset remote.origin.fetch
	accepted 'refs/heads/free/*:refs/heads/free/*'
	n=$(evidence)
	[ "$(record "$n" 'p.updates | length')" = 10000 ]
	sluice log verify
	[ "$(git --git-dir="$REPO" for-each-ref refs/heads/free | wc -l)" = \
		10000 ]
}

@test "a push of many problems groups them on one screen" {
	for i in {1..40}; do
		commit ada "unsigned $i"
	done
	refused signature.missing main
	[ "$(printf '%s\n' "$output" | wc -l)" -lt 40 ]
	[[ $output == *'more'* ]]
	[ "$(record "$(evidence)" '[p.findings[].id |
		select(. == "signature.missing")] | length')" = 40 ]
}

@test "mode observe lets through and says so loudly" {
	sed -i '1s/{/{"mode": "observe",/' "$STATE/policy.json"
	commit ada unsigned
	accepted main
	[[ $output == *observe* ]]
	[[ $output == *signature.missing* ]]
	n=$(evidence)
	[ "$(record "$n" 'p["verdict"]')" = reject ]
	[ "$(record "$n" 'p["admitted"]')" = true ]
}

@test "what was only observed vouches for nothing once the gate enforces" {
	sed -i '1s/{/{"mode": "observe",/' "$STATE/policy.json"
	commit ada unsigned
	accepted main:refs/heads/signed/a
	sed -i '1s/"mode": "observe",//' "$STATE/policy.json"
	refused signature.missing main:refs/heads/signed/b
	refused signature.missing main
	# The branch itself goes on from where it stands.
	commit ada signed -S
	accepted main:refs/heads/signed/a
}

@test "names of branches, messages and files by the policy" {
	policy_edit 'refs |= [{match: ["refs/heads/ticket/**"],
		ref: {name: ["^refs/heads/ticket/[A-Z]+-[0-9]+$"]},
		message: {require: ["^[A-Z]+-[0-9]+ "], deny: ["(?i)wip"],
			sign_off: true},
		file: {deny: ["*.pem", "vendor/**"], max_size: "1KiB"}}] + .'
	# change MESSAGE FILE SIZE: $c, a commit without parents.
	change() {
		git read-tree --empty
		mkdir -p "$(dirname "$2")"
		head -c "$3" /dev/zero | tr '\0' x >"$2"
		git add "$2"
		c=$(as ada git commit-tree -m "$1" "$(git write-tree)")
	}
	signed_off=$'\n\nSigned-off-by: ada <ada@example.org>'
	to=refs/heads/ticket/A-3
	change "A-1 good$signed_off" good 10
	refused ref.name "$c:refs/heads/ticket/other"
	change "no number$signed_off" good 10
	refused message.pattern "$c:$to"
	change "A-1 WIP$signed_off" good 10
	refused message.denied "$c:$to"
	change 'A-1 nobody vouches' good 10
	refused message.sign_off "$c:$to"
	change "A-1 key$signed_off" deep/below/x.pem 10
	refused file.name "$c:$to"
	[[ $output == *deep/below/x.pem* ]]
	change "A-1 copy$signed_off" vendor/a/b 10
	refused file.name "$c:$to"
	change "A-1 large$signed_off" large 1025
	refused file.size "$c:$to"
	change "A-1 just right$signed_off" large 1024
	accepted "$c:$to"
}

@test "a repository that the policy does not name is refused" {
	git init -q --bare "$W/srv/other/x.git"
	sluice --quiet install "$W/srv/other/x.git"
	run git push "$W/srv/other/x.git" main
	[ "$status" -ne 0 ]
	[[ $output == *policy.silent* ]]
}

@test "a decision is in the log, and its outcome after it" {
	accepted main:refs/heads/topic
	n=$(evidence)
	[ "$(record $((n + 1)) 'p["kind"]')" = outcome ]
	[ "$(record $((n + 1)) 'p["decision"]')" = "$n" ]
}

@test "what another hook refuses has a decision and no outcome" {
	printf '#!/bin/sh\nexit 1\n' >"$REPO/hooks/update"
	chmod 755 "$REPO/hooks/update"
	run git push origin main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *'sluice: accepted'* ]]
	n=$(evidence)
	[ "$(record "$n" 'p["verdict"]')" = accept ]
	run ! sluice log show $((n + 1))
	sluice audit "$REPO"
}
