#!/usr/bin/env bats
# The policy in a repository: who may change it, and that nobody else can.
# shellcheck disable=SC2154,SC2030,SC2031

load lib/e2e

setup_file() {
	people_make
	# A second key of ada, and one of the root's people alone.
	for who in ada2 root; do
		ssh-keygen -q -t ed25519 -N '' -C "$who" \
			-f "$BATS_FILE_TMPDIR/keys/$who"
	done
}
teardown_file() { people_end; }

setup() {
	world_make "$BATS_TEST_TMPDIR/srv/team/policy.git" team/policy
	mkdir "$STATE/root"
	cp "$BATS_FILE_TMPDIR"/keys/{ada,ada2,bela,root}.pub "$STATE/root"
	cat >"$STATE/root.json" <<-'END'
	{
	  "people": {
	    "ada": {"email": ["ada@example.org"],
	            "ssh": ["root/ada.pub", "root/ada2.pub"]},
	    "bela": {"email": ["bela@example.org"], "ssh": ["root/bela.pub"]},
	    "root": {"email": ["root@example.org"], "ssh": ["root/root.pub"]}
	  },
	  "repositories": [
	    {"match": ["team/policy"], "refs": [
	      {"match": ["refs/sluice/policy"],
	       "approval": {"count": 2, "by": ["ada", "bela", "root"]}}]}]
	}
	END
	chmod 644 "$STATE/root.json" "$STATE"/root/*
	# Its own tree, beside the work.
	P=$W/policy
	git init -q "$P"
	git -C "$P" remote add origin "$REPO"
	mkdir "$P/keys"
	cp "$STATE"/keys/* "$P/keys"
	policy_text >"$P/policy.json"
	cd "$P"
}

# next VERSION [JQ-FILTER]: commit the policy, changed so, as that version.
next() {
	echo "$1" >version
	if [ $# -gt 1 ]; then
		jq "$2" policy.json >"$W/new.json"
		cp "$W/new.json" policy.json
	fi
	git add -A
	as ada git commit -q -m "policy $1"
	NEXT=$(git rev-parse HEAD)
}

# sign WHO [REPOSITORY [COMMIT]]: the push of an approval of the policy, in
# $signed.
sign() {
	local at=${3-$NEXT} tag
	tag=$(as "$1" "$SLUICE" approve --json --quiet "$at" \
		--for refs/sluice/policy --repository "${2-team/policy}" \
		2>/dev/null | jq -r .approval)
	signed="$tag:refs/sluice/approvals/$at/${tag:0:16}"
}

to=refs/sluice/policy

@test "the policy changes when enough people of the root sign it" {
	# What somebody put there before, in mode observe or behind the gate, is
	# nothing that a root would take over.
	jq '.mode = "observe" | .repositories[0].refs |= [{match:
		["refs/sluice/**"], severity: {"ref.name": "off"}}] + .' \
		"$STATE/policy.json" >"$W/observing"
	cp "$STATE/policy.json" "$W/enforcing"
	cp "$W/observing" "$STATE/policy.json"
	mv "$STATE/root.json" "$W/root.json"
	next 7
	refused ref.name "HEAD:$to"
	git -C "$REPO" fetch -q "$P" HEAD:$to
	sluice --quiet install --adopt "$REPO"
	mv "$W/root.json" "$STATE/root.json"
	undecided 'did not come through the gate' HEAD:refs/heads/free/a
	git -C "$REPO" update-ref -d $to
	cp "$W/enforcing" "$STATE/policy.json"

	# The first comes while the server's file is in force.
	next 1
	refused policy.signatures "HEAD:$to"
	[[ $output == *'0 of 2'* ]]
	sign ada
	accepted "$signed"
	refused policy.signatures "HEAD:$to"
	[[ $output == *'1 of 2 (ada)'* ]]
	# The same person with another key, and somebody whom only the policy
	# knows, are not one more.
	sign ada2
	accepted "$signed"
	sign gus
	accepted "$signed"
	refused policy.signatures "HEAD:$to"
	[[ $output == *'1 of 2 (ada)'* ]]
	# Nor is a signature for another repository, ref or commit.
	sign bela other/app
	refused approval.invalid "$signed"
	sign bela team/policy "$(as ada git commit-tree -m x "HEAD^{tree}")"
	accepted "$signed"
	refused policy.signatures "HEAD:$to"
	# root is nobody to the policy; one push brings both.
	sign root
	accepted "$signed" "HEAD:$to"
	[[ $(sluice --json log list) == *policy* ]]
	n=$(($(sluice --json log list | grep -c .) - 2))
	sluice --json log show "$n" | jq -e '.record.predicate.policy_change |
		.version == 1 and .signers == ["ada", "root"] and
		([.files[].name] | index("keys/gus.asc") != null) and
		(.files[0].base64 | @base64d | fromjson | has("people"))'
	sluice --quiet log verify

	# Now it is that one which judges, also other repositories: the file has
	# no say any more.
	echo '{' >"$STATE/policy.json"
	cd "$WORK"
	commit ada unsigned
	refused signature.missing main
	git init -q --bare "$W/srv/team/other.git"
	sluice --quiet install --name team/other "$W/srv/team/other.git"
	run git push "$W/srv/team/other.git" main
	[[ $output == *signature.missing* ]]
	# Nor by whose keys things stand.
	run sluice log recheck
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'no key and no account of the policy is compromised'* ]]
	run sluice --policy "$STATE/policy.json" log recheck
	[ "$status" -eq 2 ]
	run sluice deployed --revisions - <<<"$(git rev-parse main)"
	[[ $output != *'not looked at'* ]] || fail "$output"
	# What is published is that as well.
	sluice --quiet policy publish "$W/srv/team/other.git"
	[ "$(git -C "$W/srv/team/other.git" rev-parse \
		refs/sluice/policy-public:policy.json)" = \
		"$(git -C "$REPO" rev-parse $to:policy.json)" ]

	# A new one and what only it would allow, in one push: the old judges.
	cd "$P"
	git remote add work "$WORK"
	git fetch -q work main
	next 2 'del(.repositories[0].refs[0].signature,
		.repositories[0].refs[0].approval)'
	sign ada
	accepted "$signed"
	sign bela
	accepted "$signed"
	refused signature.missing "HEAD:$to" FETCH_HEAD:main
	accepted "HEAD:$to"
	# The push has renewed what was published, and published it nowhere else.
	[ "$(git -C "$W/srv/team/other.git" rev-parse \
		refs/sluice/policy-public:policy.json)" = \
		"$(git rev-parse HEAD:policy.json)" ]
	not git -C "$REPO" rev-parse -q --verify refs/sluice/policy-public
	accepted FETCH_HEAD:main
}

@test "the policy goes neither back nor away, and never breaks" {
	next 1
	sign ada
	one=$signed
	sign bela
	accepted "$one" "$signed" "HEAD:$to"
	first=$NEXT
	next 2 '.mode = "observe" | .repositories[0].refs += [{match: ["refs/sluice/**"],
		severity: {"ref.delete": "off"}}]'
	sign ada
	accepted "$signed"
	sign bela
	accepted "$signed" "HEAD:$to"
	second=$NEXT

	# Mode observe, a severity or force do not open it.
	refused policy.backwards ":$to"
	refused policy.backwards "+$first:$to"
	next 3
	refused policy.signatures "HEAD:$to"
	[[ $output != *'let through'* ]]
	# Signed by all, and yet: the number of an older one; not built on it.
	next 2
	sign ada
	one=$signed
	sign bela
	refused policy.backwards "$one" "$signed" "HEAD:$to"
	[[ $output == *'its version is 2'* ]]
	git checkout -q --detach "$first"
	next 9
	sign ada
	one=$signed
	sign bela
	refused policy.backwards "$one" "$signed" "+HEAD:$to"
	git checkout -q --detach "$second"

	# What no push could be judged by, with the place.
	next 4 '.repositories[0].refs[0].approval.cuont = 1'
	refused policy.broken "HEAD:$to"
	[[ $output == *'repositories[0].refs[0].approval: unknown key'* ]]
	git reset -q --hard "$second"
	next 4 '.repositories[0].match = ["other/*"]'
	refused policy.broken "HEAD:$to"
	[[ $output == *"does not name 'team/policy'"* ]]
	git reset -q --hard "$second"
	ln -sf /etc/passwd keys/ada.pub
	next 4
	refused policy.broken "HEAD:$to"
	[[ $output == *'keys/ada.pub'* ]]
	git reset -q --hard "$second"
	next 4 '.people.ada.ssh = ["../state/keys/ada.pub"]'
	refused policy.broken "HEAD:$to"
	git reset -q --hard "$second"
	head -c 1100000 /dev/zero | tr '\0' x >keys/ada.pub
	next 4
	refused policy.broken "HEAD:$to"
	git reset -q --hard "$second"
	next 4
	git rm -q version
	as ada git commit -q -m 'no version'
	refused policy.broken "HEAD:$to"
	refused policy.broken "+$(git rev-parse 'HEAD^{tree}'):$to"
	[ "$(git -C "$REPO" rev-parse $to)" = "$second" ]

	# Moved round the gate, nothing is judged by it.
	cd "$WORK"
	git -C "$REPO" update-ref $to "$first"
	undecided 'moved back' main:refs/heads/free/a
	git -C "$REPO" update-ref $to "$(as mallory git -C "$REPO" \
		commit-tree -m same "$second^{tree}")"
	undecided 'moved round the gate' main:refs/heads/free/a
	git -C "$REPO" update-ref -d $to
	undecided 'is gone' main:refs/heads/free/a
	[[ $output == *"update-ref $to $second"* ]]
	git -C "$REPO" update-ref $to "$second"
	accepted main:refs/heads/free/a
	# And a root that others could write is none.
	chmod 666 "$STATE/root.json"
	undecided root.json main:refs/heads/free/b
	chmod 644 "$STATE/root.json"
	sed -i 's/"refs.sluice.policy"/"**"/' "$STATE/root.json"
	undecided 'rules for refs/sluice/policy alone' main:refs/heads/free/b
}
