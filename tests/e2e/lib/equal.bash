# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031,SC2034
# For the files equal*.bats, which share the work among those that run at the
# same time: random pushes of several refs each, made of a random history of
# commits, tags, approvals, waivers and other objects, signed and unsigned, by
# people and robots, with and without options. Each is asked about before it is
# made. EQUAL_SEED and EQUAL_PUSHES choose others.

# Every kind of rule, each on refs of its own.
equal_policy() {
	jq '.repositories[0].refs |= [
	  {match: ["refs/heads/ruled/**"],
	   message: {deny: ["fixup"], max_subject: 30},
	   identity: {author: "known"},
	   file: {deny: ["*.pem"], max_size: "2KiB"},
	   ref: {merge: "deny", max_refs: 6}},
	  {match: ["refs/heads/watch"], mode: "observe",
	   signature: {by: ["@maintainers"]}},
	  {match: ["refs/heads/waived/**"], message: {deny: ["fixup"]},
	   waiver: {findings: ["message.*"], by: ["ada", "bela"], max_days: 3}},
	  {match: ["refs/heads/certified/**"], signature: {by: ["@maintainers"],
	   push_certificate: "required"}},
	  {match: ["refs/heads/alike/**"], signature: {by: ["@maintainers"]}},
	  {match: ["refs/heads/bots/some"], robot: {push: ["ci"], commit: ["ci"]},
	   identity: {email: "off", committer: "pusher"},
	   hints: {"*": "ask #git-help"}},
	  {match: ["refs/heads/bots/paths"], message: {issue: ["WORK-[0-9]"],
	   merges: "spare"}, robot: {paths: [{by: ["ci"], match: ["ci*"]}]},
	   file: {case_collisions: "deny", deny_extension: ["pem"]}},
	  {match: ["refs/heads/bots/**"], approval: {count: 1, robot_count: 2,
	   by: ["@maintainers"]}, severity: {"approval.robot": "warn"}},
	  {match: ["refs/heads/kept/**", "refs/tags/v2"], ref: {update: "deny",
	   delete: "deny", lightweight: "deny", max_commits: 9}}
	] + .' <(policy_text | jq '.people.agent = {email: ["agent@bots.example"],
	  names: ["Agent"], robot: true}')
}

one_of() {
	pick=${*:RANDOM % $#+1:1}
}

# add PATH TEXT: into the index.
add() {
	git update-index --add --cacheinfo \
		"100644,$(git hash-object -w --stdin <<<"$2"),$1"
}

# One more commit on random ones of those that are there.
new_commit() {
	local i=$1 parents message=work$1 sign=-S tree who
	one_of "${commits[@]:(${#commits[@]} > 8 ? ${#commits[@]} - 8 : 0)}"
	parents=(-p "$pick")
	git read-tree "$pick"
	if ((RANDOM % 6 == 0)); then
		one_of "${commits[@]}"
		[ "$pick" = "${parents[1]}" ] || parents+=(-p "$pick")
	fi
	add "file$((RANDOM % 5))" "text $i"
	((RANDOM % 9)) || add "conf$i" "key = AK""IAZ3MQXNTOPRLKUV$((i % 10))F $i"
	((RANDOM % 9)) || add "conf" "key = AK""IAZ3MQXNTOPRLKUVJF $i"
	((RANDOM % 9)) || add "k$i.pem" "$i"
	((RANDOM % 9)) || add "big" "$(printf '%03000d' "$i")"
	((RANDOM % 9)) || message='fixup! work'
	((RANDOM % 9)) || message="a subject that is longer than the rule has it"
	((RANDOM % 9)) || message="WORK-$i do it"
	((RANDOM % 9)) || add "FILE$((RANDOM % 5))" "other $i"
	((RANDOM % 9)) || message+=$'\n\nCo-authored-by: A <agent@bots.example>'
	((RANDOM % 9)) || message+=$'\n\nAssisted-by: Agent:model-3'
	((RANDOM % 4)) || sign=--no-gpg-sign
	one_of ada ada bela bela ci ci mallory
	who=$pick
	[ "$who" != ci ] || ((RANDOM % 3)) || add "ci$i" "$i"
	tree=$(git write-tree)
	commits+=("$(as "$who" git commit-tree "$sign" "${parents[@]}" \
		-m "$message" "$tree")")
}

# A tag or an approval of some commit; what it is for is in its message.
new_tag() {
	local at who text=v1 ref name=t$1 sign=-s
	one_of "${commits[@]}"
	at=$pick
	one_of ada bela mallory
	who=$pick
	if [ "$2" = approval ]; then
		one_of main main main signed/a
		ref=refs/heads/$pick
		one_of team/app team/app team/app other/app
		text="approve

Sluice: approval
Repository: $pick
For: $ref"
	elif ((RANDOM % 3 == 0)); then
		sign=-a
	elif ((RANDOM % 3 == 0)) && [ "${#tags[@]}" -gt 0 ]; then
		one_of "${tags[@]}"
		at=$pick
	fi
	as "$who" git tag "$sign" -m "$text" "$name" "$at" 2>/dev/null
	if [ "$2" = approval ]; then
		approvals+=("$(git rev-parse "$name"):refs/sluice/approvals/$at/$1")
	else
		tags+=("$(git rev-parse "$name")")
	fi
	git tag -d "$name" >/dev/null
}

# A commit that main would take once somebody approves it, and the approval.
new_good() {
	local at
	git read-tree "${good[-1]}"
	add good "$1"
	at=$(as ada git commit-tree -S -p "${good[-1]}" -m "good $1" \
		"$(git write-tree)")
	good+=("$at")
	commits+=("$at")
	as bela git tag -s -m "approve

Sluice: approval
Repository: team/app
For: refs/heads/main" good "$at"
	((RANDOM % 3 == 0)) || git push -q origin "good:refs/sluice/approvals/$at/1"
	git tag -d good >/dev/null
}

# A commit of its own, for a ref of its own that would not have it but for a
# waiver, which is good once; those by who made the commit are good for nothing.
new_waiver() {
	local at
	git read-tree "${commits[0]}"
	add waived "$1"
	at=$(as ada git commit-tree -S -p "${commits[0]}" -m "fixup! $1" \
		"$(git write-tree)")
	commits+=("$at")
	waived+=("$at:refs/heads/waived/$1")
	one_of ada bela bela
	as "$pick" git tag -s -m "waive

Sluice: waiver
Repository: team/app
For: refs/heads/waived/$1
Finding: message.denied
Reason: on fire
Until: $(date -u -d tomorrow +%Y-%m-%dT%H:%M:%SZ)" waiver "$at"
	git -C "$REPO" fetch -q "$PWD" "waiver:refs/sluice/waivers/$at/1"
	git tag -d waiver >/dev/null
}

# What goes to which ref, in $push; each ref once. A push of which one ref is
# refused is refused, so half of them go where less is asked.
new_push() {
	local n=$((RANDOM % 7 + 1)) ref what
	local wide=(refs/heads/{main,signed/{a,b},ruled/{a,b,c},other}
		refs/heads/certified/a refs/tags/{v1,v2,x} refs/sluice/odd
		refs/heads/bots/{some,paths,x} refs/heads/kept/a)
	local few=(refs/heads/{free/{a,b,c,d},watch} refs/tags/free-{1,2}
		refs/heads/bots/{some,paths})
	declare -A seen=()
	push=()
	case $((RANDOM % 8)) in
	0 | 1) wide=("${few[@]}") ;;
	2) # One that may well do for main, or for what is like it.
		one_of main main signed/a alike/a certified/a
		ref=refs/heads/$pick
		one_of "${good[@]}"
		push=("+$pick:$ref")
		n=0
		;;
	3) # What only a waiver lets in.
		[ "${#waived[@]}" -eq 0 ] || push=("${waived[0]}")
		waived=("${waived[@]:1}")
		n=$((RANDOM % 2))
		;;
	4) # What a robot may make.
		one_of some some paths x
		ref=refs/heads/bots/$pick
		one_of "${commits[@]}"
		push=("+$pick:$ref")
		seen[$ref]=1
		n=$((RANDOM % 2))
		;;
	esac
	while ((n-- > 0)); do
		if ((RANDOM % 9 == 0)); then
			one_of "${approvals[@]}"
			ref=${pick#*:} what=${pick%%:*}
		else
			one_of "${wide[@]}" "${few[@]}"
			ref=$pick
			one_of "${commits[@]}"
			# Git itself keeps branches for commits.
			[[ $ref == refs/heads/* ]] || ((RANDOM % 2)) ||
				one_of "${tags[@]}" "$blob" "$tree"
			what=$pick
		fi
		if ((RANDOM % 8 == 0)); then
			git -C "$REPO" rev-parse -q --verify "$ref" >/dev/null ||
				continue
			what=
		fi
		# What comes with an observed ref is no better to the log.
		if [ "$ref" = refs/heads/watch ]; then
			push=("+$what:$ref")
			break
		fi
		[ -n "${seen[$ref]-}" ] || push+=("+$what:$ref")
		seen[$ref]=1
	done
}

# findings FILE: what was decided, one a line, in an order that does not depend
# on that of packs. What the key of a certificate is called only the server
# knows.
findings() {
	jq -c 'def named:
		if .id | startswith("push_certificate.") then del(.object) |
			(.detail | strings) |= sub(" key [^ ]* of "; " key of ")
		else . end;
		(.record.predicate // .) | {verdict, admitted, mode, findings:
		[.findings[] | del(.fingerprint, .waiver) | named] | sort}' "$1"
}

# equal SEED: the same is said before each push and at the gate.
equal() {
	local i told tree blob commits good tags=() approvals=() push
	local waived=() signed options accepted refused kinds refs=0
	RANDOM=${EQUAL_SEED:-$1}
	world_make
	equal_policy >"$STATE/policy.json"
	sluice --quiet policy publish "$REPO"
	sluice --quiet install --push-certificates "$REPO"
	git --git-dir="$REPO" config receive.advertisePushOptions true
	export GIT_INDEX_FILE=$W/index
	commits=("$(git rev-parse main)")
	good=("${commits[0]}")
	for i in {1..6}; do new_good "$i"; done
	for i in {1..24}; do new_commit "$i"; done
	for i in {1..8}; do new_waiver "$i"; done
	for i in {1..5}; do new_tag "$i" tag; done
	for i in {6..18}; do new_tag "$i" approval; done
	blob=$(git hash-object -w --stdin <<<"alone AK""IAZ3MQXNTOPRLKUVZF")
	tree=$(git rev-parse "${commits[5]}^{tree}")
	unset GIT_INDEX_FILE

	# The hook that a developer has, but one that never stops a push.
	mkdir "$W/client"
	rules_give "$W/client/cache"
	cat >.git/hooks/pre-push <<-END
		#!/bin/sh
		tee "$W/asked" |
			"$SLUICE" --state "$W/client" check --as "\$GL_USER" \
			--json \$SIGNED --pre-push -- "\$1" "\$2" \
			>>"$W/foretold"
		echo \$? >"$W/status"
	END
	chmod +x .git/hooks/pre-push

	for ((i = 0; i < ${EQUAL_PUSHES:-108}; i++)); do
		new_push
		[ "${#push[@]}" -gt 0 ] || continue
		one_of ada bela ci mallory
		status=0
		rm -f "$W/asked"
		options=()
		((RANDOM % 5)) || options=(-o "ci.skip=$i" -o x)
		# That a certificate is in order is all that a clone can know.
		signed=
		[ "$pick" = mallory ] || ((RANDOM % 3)) || signed=--signed
		told=$(GL_USER=$pick SIGNED=$signed as "$pick" git push \
			${signed:+--signed} "${options[@]}" origin \
			"${push[@]}" 2>&1) || status=1
		# Nothing to push, and git ends as it may: now and then it still
		# tells a server that is gone so, and dies of SIGPIPE.
		[ -e "$W/asked" ] || fail "no hook for ${push[*]}: $told"
		[ -s "$W/asked" ] || continue
		# What no ref leads to any more a clone cannot know of.
		((status)) || git -C "$REPO" prune --expire=now
		echo "$pick $signed: ${push[*]}" >>"$W/pushes"
		[ "$(cat "$W/status")" = "$status" ] ||
			fail "status $status of $pick: ${push[*]}: $told"
		[[ $told =~ evidence:\ ([0-9]+) ]]
		sluice --json log show "${BASH_REMATCH[1]}" >>"$W/decided"
		refs=$((refs + ${#push[@]}))
	done
	findings "$W/foretold" >"$W/a"
	findings "$W/decided" >"$W/b"
	cmp "$W/a" "$W/b" || fail "$(paste -d '\n' "$W/pushes" "$W/a" "$W/b" |
		awk '{ l[NR % 3] = $0 } NR % 3 == 0 && l[2] != l[0] {
			print l[1]; print l[2]; print l[0]; exit }')"
	# It was no test of one answer alone.
	accepted=$(grep -c '"verdict":"accept"' "$W/a")
	refused=$(grep -c '"verdict":"reject"' "$W/a")
	kinds=$(jq -r '.findings[].id' "$W/a" | sort -u | grep -c .)
	echo "# $accepted accepted, $refused refused, $refs refs," \
		"$kinds kinds of findings" >&3
	grep -q '"waived"' "$W/a"
	grep -q 'push_certificate' "$W/a"
	[ "$(jq -s '[.[] | select(.record.predicate.push_certificate)] |
		length' "$W/decided")" -gt 5 ]
	[ "$accepted" -ge 10 ]
	[ "$refused" -ge 20 ]
	[ "$refs" -ge 200 ]
	[ "$kinds" -ge 20 ]
}
