#!/usr/bin/env bats
# sluice audit: the refs, hooks, policy and objects of real repositories, each
# changed behind the gate's back, against the log.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
	commit ada 'one'
	accepted HEAD:refs/heads/free/a
	ONE=$(git rev-parse HEAD)
}

# there GIT-OPTION...: git in the repository of the server.
there() {
	git --git-dir="$REPO" "$@"
}

# audited STATUS TEXT...: an audit ends so and says each TEXT. Options of it are
# in $options.
audited() {
	local want=$1 text
	shift
	# shellcheck disable=SC2086
	run --separate-stderr sluice audit ${options:-} "$REPO"
	[ "$status" -eq "$want" ] || fail "status $status: $output $stderr"
	harmless
	for text; do
		[[ $output == *"$text"* ]] || fail "no '$text': $output"
	done
}

entries() {
	sluice --json log list | wc -l
}

@test "refs outside the gate: who, when, and an entry of it, once" {
	there config core.logAllRefUpdates always
	GIT_COMMITTER_NAME=Eve GIT_COMMITTER_EMAIL=eve@example.net \
		GIT_COMMITTER_DATE='1700000000 +0000' \
		there update-ref -m 'by hand' refs/heads/evil "$ONE"
	there config --unset core.logAllRefUpdates
	there update-ref refs/heads/free/a "$(there rev-parse main)"
	before=$(entries)
	audited 1 "refs/heads/evil created outside the gate" \
		'the reflog says: Eve <eve@example.net>, 2023-11-14T22:13:20Z, by hand' \
		'refs/heads/free/a moved outside the gate' \
		"its file is by account '$(id -un)', of 20"
	[ "$(entries)" -eq "$before" ]
	options=--record audited 1 "; entry $before has it now" \
		"entry $((before + 1)) tells which policy is in force now"
	# The same again is in the log already.
	options=--record audited 1 "; entry $before has it now"
	[ "$(entries)" -eq $((before + 2)) ]
	record "$before" '[p.kind, p.decision, (p.updates[] | .ref, .new)]' |
		grep -qxF "[\"observed\",null,\"refs/heads/evil\",\"$ONE\",\"refs/heads/free/a\",\"$(there rev-parse main)\"]"
	run --separate-stderr sluice audit --record --json "$REPO"
	[ "$(json '[d[] | select(.gap) | [.ref, .told_by, .observed]] | sort' \
		<<<"$output")" = \
		"[[\"refs/heads/evil\",\"reflog\",$before],[\"refs/heads/free/a\",\"file\",$before]]" ]
	# What was seen vouches for nothing, and a new move is a new entry.
	commit ada 'two'
	there update-ref -d refs/heads/evil
	audited 1 'refs/heads/free/a moved outside the gate'
	[[ $output != *evil* ]]
	there update-ref refs/heads/free/a "$ONE"
	audited 0
	sluice log verify
}

@test "moved outside the gate, and pushed on or put back before anybody looked" {
	main=$(there rev-parse main)
	git reset -q --hard "$main"
	commit ada 'two' -S
	approve bela HEAD refs/heads/main
	accepted HEAD:refs/heads/main
	two=$(git rev-parse HEAD) n=$(evidence)
	audited 0
	# Dropped, and pushed on without it: the refs are as the log says.
	there update-ref refs/heads/main "$main"
	git reset -q --hard "$main"
	commit ada 'three' -S
	approve bela HEAD refs/heads/main
	accepted HEAD:refs/heads/main
	three=$(git rev-parse HEAD)
	last=$(evidence)
	text="refs/heads/main moved outside the gate earlier: entry $n left it at ${two:0:12}, and by entry $last a push moved it on from ${main:0:12}, where none had put it"
	audited 1 "$text"
	# --record cannot make up for what nobody saw.
	options=--record audited 1 "$text"
	[ "$(sluice --json audit "$REPO" | json 'd[0] | [.gap, .ref, .expected, .found, .entry]')" = \
		"[true,\"refs/heads/main\",\"$two\",\"$main\",$last]" ]
	sluice --quiet install --adopt "$REPO"
	audited 0
	# There and back again, where only the reflog has it.
	there config core.logAllRefUpdates always
	commit ada 'four' -S
	approve bela HEAD refs/heads/main
	accepted HEAD:refs/heads/main
	four=$(git rev-parse HEAD)
	audited 0
	# Later than the adoption, by the clock that a reflog has.
	export GIT_COMMITTER_DATE='4000000000 +0000'
	there update-ref refs/heads/main "$ONE"
	GIT_COMMITTER_NAME=Eve GIT_COMMITTER_EMAIL=eve@example.net \
		there update-ref -m back refs/heads/main "$four"
	unset GIT_COMMITTER_DATE
	audited 1 "refs/heads/main moved outside the gate earlier: from ${ONE:0:12} to ${four:0:12} by no push that the log has; the reflog says: Eve <eve@example.net>, 2096-10-02T07:06:40Z, back; and 1 more"
	# Seen there, it is told once, and no more when it is back.
	there reflog expire --expire=all --all
	there update-ref refs/heads/main "$three"
	options=--record audited 1 'refs/heads/main moved outside the gate: '
	[[ $output != *earlier* ]]
	there update-ref refs/heads/main "$four"
	audited 0
	sluice log verify
}

@test "an outcome that nobody recorded is recorded, and counts" {
	mv "$REPO/hooks/post-receive" "$W/kept"
	commit ada 'two'
	accepted HEAD:refs/heads/free/b HEAD:refs/heads/free/c
	mv "$W/kept" "$REPO/hooks/post-receive"
	n=$(evidence)
	audited 1 "refs/heads/free/b applied, no outcome: as entry $n let it"
	options=--record audited 0 "refs/heads/free/c applied, no outcome" \
		"; entry $((n + 1)) has it now"
	record $((n + 1)) '[p.kind, p.decision, (p.updates | length)]' |
		grep -qxF "[\"observed\",$n,2]"
	audited 0
	printf '%s\n' "$(git rev-parse HEAD)" >"$W/runs"
	run --separate-stderr sluice deployed --revisions "$W/runs"
	[ "$status" -eq 0 ] || fail "$output $stderr"
	# As a proof for others, too, and in an index that is built anew.
	sluice log prove "$(git rev-parse HEAD)" >"$W/proof"
	sluice verify "$W/proof" --vkey "$(sluice log key)"
	rm "$STATE"/index.db*
	audited 0
	sluice log verify
}

@test "hooks replaced, wired elsewhere, or gone past" {
	pre=$REPO/hooks/pre-receive
	cp -p "$pre" "$W/kept"
	cp "$pre" "$W/copy"
	ln -sf "$W/copy" "$pre"
	audited 1 'hook replaced' 'is a symbolic link'
	rm "$pre"
	# Ours by its form: another program, another state, a lax policy.
	sed "s|^exec '[^']*'|exec '/bin/true'|" "$W/kept" >"$pre"
	chmod 755 "$pre"
	audited 1 "hook changed: '$pre' runs another program, '/bin/true'"
	sed "s|--state '[^']*'|--state '/tmp'|" "$W/kept" >"$pre"
	audited 1 "works with another state folder, '/tmp'"
	sed "s|\(--state '[^']*'\)|\1 --policy '$W/lax.json'|" "$W/kept" >"$pre"
	audited 1 "judges by another policy, '$W/lax.json'"
	cp -p "$W/kept" "$pre"
	audited 0
	# What git fetches and what is committed there comes by no push.
	there config remote.old.fetch '+refs/*:refs/*'
	there config remote.fork.fetch '+refs/heads/*:refs/remotes/fork/*'
	there worktree add -q "$W/tree" free/a
	mv "$REPO/hooks" "$W/hooks"
	ln -s "$W/hooks" "$REPO/hooks"
	audited 0 "'git fetch' there moves 'refs/*' without a push" \
		'it has 1 linked work trees' \
		"hooks folder '$REPO/hooks' is a link to '$W/hooks'"
	[[ $output != *remotes/fork* ]]
	# Configuration of the account: then git runs none of ours.
	cp "$HOME/.gitconfig" "$W/gitconfig"
	git config --global core.hooksPath "$W/none"
	run --separate-stderr sluice audit "$REPO"
	cp "$W/gitconfig" "$HOME/.gitconfig"
	[ "$status" -eq 1 ]
	[[ $output == *"its hooks never run: core.hooksPath in '"*"says '$W/none'"* ]]
}

@test "a policy that was in place for one push only" {
	options=--record audited 0 'tells which policy is in force now'
	n=$(entries)
	options=--record audited 0
	[ "$(entries)" -eq "$n" ]
	cp "$STATE/policy.json" "$W/right.json"
	policy_edit '.mode = "observe"'
	audited 1 'the policy in force now is one that no entry tells of'
	cp "$STATE/policy.json" "$W/lax.json"
	commit ada 'two'
	accepted HEAD:main
	cp "$W/right.json" "$STATE/policy.json"
	lax=$(sha256sum <"$W/lax.json")
	audited 1 "1 pushes, entries $n to $n, were judged by a policy that no" \
		"sha256 ${lax%% *}"
	# Who changed it for good says so.
	run --separate-stderr sluice --policy "$W/lax.json" audit --record "$REPO"
	[[ $output == *'tells which policy is in force'* ]]
	audited 0
}

@test "objects that the log names are gone" {
	commit ada 'two'
	two=$(git rev-parse HEAD)
	commit ada 'three'
	accepted HEAD:refs/heads/free/b
	n=$(evidence)
	# Dropped by a push that the gate let through: no harm.
	accepted :refs/heads/free/b
	there prune --expire=now
	audited 0 '2 objects of the log are gone'
	# Again, and one is lost from under the ref.
	accepted HEAD:refs/heads/free/b
	audited 0
	[[ $output != *objects* ]]
	lost=$REPO/objects/${two:0:2}/${two:2}
	mv "$lost" "$W/kept"
	audited 1 "1 of the objects that entry $n let in is" \
		"gone, such as ${two:0:12}"
	mv "$W/kept" "$lost"
	# Deleted outside the gate, and collected.
	there update-ref -d refs/heads/free/b
	there prune --expire=now
	audited 1 'refs/heads/free/b deleted outside the gate' \
		"2 of the objects that entry $n let in are gone"
}

# left: all that is in the repository, and when it changed.
left() {
	find "$REPO" -type f -printf '%p %T@ %s\n' -o -print | sort
}

# doctor STATUS TEXT: it ends so and says TEXT.
doctor() {
	run sluice doctor "$REPO"
	[ "$status" -eq "$1" ] || fail "status $status: $output"
	[[ $output == *"$2"* ]] || fail "no '$2': $output"
}

@test "doctor asks the gate by a push that leaves nothing" {
	printf '#!/bin/sh\necho "$0" >>%s\n' "$W/ran" >"$W/other"
	chmod 755 "$W/other"
	sluice --quiet uninstall "$REPO"
	for hook in post-receive update post-update reference-transaction; do
		cp -p "$W/other" "$REPO/hooks/$hook"
	done
	sluice --quiet install --name team/app "$REPO"
	before=$(left)
	n=$(entries)
	# Two at once do not meet.
	sluice doctor "$REPO" >"$W/one" &
	sluice doctor "$REPO" >"$W/two"
	wait $!
	grep -q "^ok *push .* was refused, in entry \($n\|$((n + 1))\)$" "$W/one"
	grep -q "^ok *push .* was refused, in entry \($n\|$((n + 1))\)$" "$W/two"
	[ "$(entries)" -eq $((n + 2)) ]
	record "$n" '[p.verdict, p.findings[0].id]' |
		grep -qxF '["reject","ref.name"]'
	diff <(left) - <<<"$before"
	[ ! -e "$W/ran" ]
	sluice --quiet doctor --no-push "$REPO"
	[ "$(entries)" -eq $((n + 2)) ]
	# By its form the hook is ours; what it runs says yes to all.
	cp -p "$REPO/hooks/pre-receive" "$W/kept"
	sed -i "s|^exec '[^']*'|exec '/bin/true'|" "$REPO/hooks/pre-receive"
	before=$(left)
	doctor 1 'the gate is open: git let a push through of which'
	diff <(left) - <<<"$before"
	not grep -v "update$\|reference-transaction$" "$W/ran"
	sed -i "s|^exec '[^']*'|exec '/bin/false'|" "$REPO/hooks/pre-receive"
	doctor 1 'a push was refused, but the log has nothing of it'
	cp -p "$W/kept" "$REPO/hooks/pre-receive"
	# Where nothing is refused, the entry shows that it was judged.
	policy_edit '.mode = "observe"'
	doctor 0 'was let through, as the policy says, in entry '
	chmod 666 "$STATE/policy.json"
	doctor 1 'a push could not be judged, see entry '
	# Nothing of all this is a gap.
	audited 0
	[ "$(there for-each-ref refs/sluice 'refs/heads/sluice*')" = '' ]
}
