# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Waivers: who may let what pass, exactly what, and how often.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

# On main secrets and missing approvals may be waived by one of bela and gus,
# on refs/heads/two by both.
setup() {
	world_make
	rules 'entry.waiver = {findings: ["secret.*", "approval.too_few",
		"ref.force_push"], by: ["ada", "bela", "gus"], max_days: 3}'
	token=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
}

# rules FILTER: change the policy by jq; refs are its entries for refs, entry is
# the one for main.
rules() {
	policy_edit "def entry: refs[0]; $1"
}

# secret WHO: a signed commit of theirs that holds a secret.
secret() {
	echo "key = $token" >"$1.env"
	git add "$1.env"
	as "$1" git commit -q -m 'add a key' -S
}

# waive WHO [OPTION…]: for what $output, a refusal, asks.
waive() {
	local who=$1
	shift
	printf '%s\n' "$output" | as "$who" "$SLUICE" --quiet waive \
		--reason 'it is a test key' --until 2d --push origin "$@" 2>&1
}

# by_hand WHO TARGET COMMIT LINE...: without sluice.
by_hand() {
	local who=$1 target=$2 commit=$3 id
	shift 3
	as "$who" git tag -f -s -m 'waive' -m "$(printf '%s\n' "$@")" \
		by-hand "$target"
	id=$(git rev-parse by-hand)
	git push origin "$id:refs/sluice/waivers/$commit/$id"
}

tomorrow() {
	date -u -d "${1:-tomorrow}" +%Y-%m-%dT%H:%M:%SZ
}

# lines [REF [FINDING [REPOSITORY [UNTIL]]]]: what such a tag says.
lines() {
	printf '%s\n' 'Sluice: waiver' "Repository: ${3:-team/app}" \
		"For: ${1:-refs/heads/main}" \
		"Finding: ${2:-approval.too_few}" 'Reason: on fire' \
		"Until: ${4:-$(tomorrow)}"
}

@test "the refusal says who may waive, and its text is enough to do it" {
	secret ada
	approve bela main refs/heads/main || true
	refused secret.github_pat main
	[[ $output == *'waiver: bela, gus: sluice waive secret.github_pat --for '* ]]
	# Another clone, which does not have the commit.
	git clone -q "$REPO" "$W/other"
	cd "$W/other"
	run waive bela secret.github_pat
	[ "$status" -eq 0 ]
	cd "$WORK"
	run git push origin main
	[ "$status" -ne 0 ]
	[[ $output != *'error: secret.github_pat'* ]]
	[[ $output == *'waived: secret.github_pat on refs/heads/main'* ]]
	[[ $output == *'waived by bela until '*': it is a test key'* ]]
	[[ $output == *'error: approval.too_few'* ]]
}

@test "what is waived is let in, told loudly, and stays in the record" {
	commit ada one -S
	refused approval.too_few main
	run waive bela
	[ "$status" -eq 0 ]
	accepted main
	[[ $output == *'sluice: accepted, with 1 finding WAIVED'* ]]
	[[ $output == *'waived by bela until '*': it is a test key'* ]]
	n=$(evidence)
	[ "$(record "$n" 'p["verdict"]')" = accept ]
	[ "$(record "$n" 'p["findings"][0]["severity"]')" = waived ]
	tag=$(record "$n" 'p["findings"][0]["waivers"][0]')
	[ "$(git --git-dir="$REPO" cat-file -t "$tag")" = tag ]
	[ "$(record "$n" 'p["waivers"][0]["object"]')" = "$tag" ]
	[ "$(record "$n" 'p["waivers"][0]["person"]')" = bela ]
	[ "$(record "$n" 'p["waivers"][0]["used"]')" = true ]
	[ "$(sluice --json log show "$n" |
		json 'd["entry"]["predicate"]["waivers"][0]')" = "$tag" ]
	sluice log prove "$n" >"$W/proof"
	run sluice verify "$W/proof" --vkey "$(sluice log key)"
	[ "$status" -eq 0 ]
	[[ $output == *'waived      approval.too_few by bela: it is a test key'* ]]
	[[ "$(sluice log list --last 2)" == *'(by a waiver)'* ]]
	run sluice deployed --revisions - <<<"app $(git rev-parse main)"
	[ "$status" -eq 0 ]
	[[ $output == *'gated '*', in a push that needed a waiver'* ]]
	run sluice log show "$n"
	[[ $output == *'approval.too_few of '*' by bela for refs/heads/main until '* ]]
	[[ $output == *'(used, valid, tag '*'it is a test key'* ]]
	run sluice log verify
	[ "$status" -eq 0 ]
}

@test "waive prints the push, shows what is signed, and leaves no tag" {
	commit ada one -S
	run --separate-stderr as bela "$SLUICE" waive approval.too_few \
		--for HEAD --ref main --repository team/app \
		--reason 'on fire' --until "$(tomorrow)"
	[ "$status" -eq 0 ]
	[[ $stderr == *'refs/heads/main'* ]]
	[[ $stderr == *'approval.too_few'* ]]
	[[ $stderr == *'on fire'* ]]
	[[ $output == "git push origin "*":refs/sluice/waivers/$(git rev-parse \
		HEAD)/"* ]]
	$output
	[ -z "$(git tag)" ]
	accepted main
}

@test "made by git tag alone it counts" {
	commit ada one -S
	mapfile -t l < <(lines)
	by_hand bela main "$(git rev-parse main)" "${l[@]}"
	accepted main
	[[ $output == *'WAIVED'* ]]
}

@test "pushed together with what it waives it counts" {
	secret ada
	id=$(as bela "$SLUICE" --json --quiet approve main --for main \
		--repository team/app 2>/dev/null | json 'd["approval"]')
	tip=$(git rev-parse main)
	run git push origin main
	w=$(printf '%s\n' "$output" | as bela "$SLUICE" --json --quiet waive \
		secret.github_pat --reason 'a test key' --until 1d |
		json 'd["waiver"]')
	accepted main "$id:refs/sluice/approvals/$tip/1" \
		"$w:refs/sluice/waivers/$tip/1"
}

@test "two people where two are asked" {
	rules 'entry.waiver.count = 2'
	commit ada one -S
	refused approval.too_few main
	first=$output
	[[ $first == *'waiver: 2 of bela, gus: '* ]]
	run waive bela
	[ "$status" -eq 0 ]
	refused approval.too_few main
	[[ $output == *'(has 1 of 2)'* ]]
	sleep 1
	output=$first
	run waive bela
	refused approval.too_few main
	output=$first
	run waive gus
	[ "$status" -eq 0 ]
	accepted main
	[[ $output == *'waived by bela until'* ]]
	[[ $output == *'waived by gus until'* ]]
}

@test "by the author, the pusher, a robot or a stranger it does nothing" {
	commit ada one -S
	refused approval.too_few main
	ask=$output
	# bela's may come before the commit, and so before anybody pushes it.
	run waive bela
	[ "$status" -eq 0 ]
	export REMOTE_USER=bela
	refused approval.too_few main
	[[ $output == *'did not count: bela: the pusher'* ]]
	unset REMOTE_USER
	rules 'entry.waiver.by = ["ada", "gus"]'
	refused approval.too_few main
	[[ $output == *'bela: not one of those who may waive it here'* ]]
	for who in bela ci mallory; do
		output=$ask
		run waive "$who"
		[ "$status" -ne 0 ]
		[[ $output == *waiver.invalid* ]]
	done
	# The gate does not have ada's commit, and so lets her waiver come.
	output=$ask
	run waive ada
	refused approval.too_few main
	[[ $output == *'ada: the author of'* ]]
	accepted main:refs/heads/free/a
	output=$ask
	sleep 1
	run waive ada
	[ "$status" -ne 0 ]
	[[ $output == *'ada: the author of'* ]]
	refused approval.too_few main
}

@test "for another repository, ref, finding or commit it does nothing" {
	commit ada one -S
	commit ada two -S
	tip=$(git rev-parse main)
	mapfile -t l < <(lines '' '' team/other)
	run by_hand bela main "$tip" "${l[@]}"
	[[ $output == *'for another repository'* ]]
	mapfile -t l < <(lines refs/heads/other)
	run by_hand bela main "$tip" "${l[@]}"
	[[ $output == *'lets nobody waive'* ]]
	mapfile -t l < <(lines '' secret.github_pat)
	by_hand bela main "$tip" "${l[@]}"
	mapfile -t l < <(lines)
	by_hand bela main~1 "$(git rev-parse main~1)" "${l[@]}"
	# Put where it does not belong.
	run by_hand bela main~1 "$tip" "${l[@]}"
	[[ $output == *'not stored under the commit'* ]]
	refused approval.too_few main
	[ "$(record "$(evidence)" 'any(p.waivers[]; .used)')" = \
		false ]
	accepted main~1:main
	refused approval.too_few main
}

@test "expired, too long or without an end it does nothing" {
	commit ada one -S
	tip=$(git rev-parse main)
	for until in "$(tomorrow yesterday)" "$(tomorrow '4 days')" never ''; do
		mapfile -t l < <(lines '' '' '' "$until")
		[ -n "$until" ] || l=("${l[@]:0:5}")
		run by_hand bela main "$tip" "${l[@]}"
		[ "$status" -ne 0 ]
		[[ $output == *waiver.invalid* ]]
	done
	# Good when it came, and over by now.
	mapfile -t l < <(lines '' '' '' "$(tomorrow '8 seconds')")
	by_hand bela main "$tip" "${l[@]}"
	sleep 9
	refused approval.too_few main
	[[ $output == *'bela: it has expired'* ]]
}

@test "with any byte of what is signed or of the signature changed it does nothing" {
	commit ada one -S
	tip=$(git rev-parse main)
	as bela git tag -s -m waive -m "$(lines)" good main
	git cat-file tag good >"$W/good"
	# Each in a push of its own would take long; all together are judged as
	# well, and one that were taken would be missing among the refused.
	body=$(sed '/^-----BEGIN/,$d' "$W/good")
	armor=$(sed '1,/^-----BEGIN/d;/^-----END/,$d' "$W/good" | tr -d '\n')
	digits=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/
	mkdir "$W/bad"
	# bad NAME BODY ARMOR
	bad() {
		printf '%s\n-----BEGIN SSH SIGNATURE-----\n%s\n-----END SSH SIGNATURE-----\n' \
			"$2" "$3" >"$W/bad/$1"
	}
	bytes=$(base64 -d <<<"$armor" | wc -c)
	for ((at = 0; at < bytes; at++)); do
		# Bit AT mod 8 of byte AT, in the digit that holds it.
		bit=$((at * 8 + 7 - at % 8))
		digit=${armor:bit / 6:1}
		before=${digits%%"$digit"*}
		new=${digits:${#before} ^ (1 << (5 - bit % 6)):1}
		text=${armor:0:bit / 6}$new${armor:bit / 6 + 1}
		# In lines, as no reader need take it otherwise.
		for ((i = 70; i < ${#text}; i += 71)); do
			text=${text:0:i}$'\n'${text:i}
		done
		bad "$at" "$body" "$text"
	done
	armor=$(sed '1,/^-----BEGIN/d;/^-----END/,$d' "$W/good")
	bad fire "${body/on fire/on fird}" "$armor"
	bad ref "${body/main/mail}" "$armor"
	bad finding "${body/too_few/path}" "$armor"
	bad repository "${body/team\/app/team/apq}" "$armor"
	bad none "$body" "$armor"
	cmp "$W/bad/none" "$W/good"
	rm "$W/bad/none"
	specs=()
	while read -r id name; do
		specs+=("$id:refs/sluice/waivers/$tip/$name")
	done < <(printf '%s\n' "$W"/bad/* |
		git hash-object -w -t tag --literally --stdin-paths |
		paste -d ' ' - <(cd "$W/bad" && printf '%s\n' *))
	[ "${#specs[@]}" -eq $((bytes + 4)) ]
	[ "${#specs[@]}" -gt 100 ]
	run git push origin "${specs[@]}"
	[ "$status" -ne 0 ]
	n=$(evidence)
	[ "$(record "$n" '[p.findings[] | select(.id == "waiver.invalid")] |
		length')" = "${#specs[@]}" ]
	refused approval.too_few main
	git push origin "good:refs/sluice/waivers/$tip/good"
	accepted main
}

@test "a waiver is good once: replayed after the branch moved it does nothing" {
	commit ada one -S
	refused approval.too_few main
	waive bela
	accepted main
	one=$(git rev-parse main)
	git fetch -q origin 'refs/sluice/*:refs/sluice/*'
	tag=$(git for-each-ref --format='%(objectname)' refs/sluice/waivers)
	# The commit is taken off main again, and somebody brings it back.
	rules 'entry.ref.force_push = "allow"'
	git push -q -f origin main~1:main
	refused approval.too_few main
	[[ $output == *'bela: it was used for an earlier push'* ]]
	run git push origin "$tag:refs/sluice/waivers/$one/again"
	[[ $output == *'used for an earlier push'* ]]
	# A new one does it.
	sleep 1
	run git push origin main
	waive bela
	accepted main
}

@test "another commit on top, or a merge, is not waived with it" {
	commit ada one -S
	refused approval.too_few main
	waive bela
	commit ada two -S
	refused approval.too_few main
	git reset -q --hard main~1
	git checkout -q -b side main~1
	commit gus side -S
	git checkout -q main
	as ada git merge -q --no-ff -S -m merged side
	refused approval.too_few main
	accepted main~1:main
}

@test "a waiver that was withdrawn does not come back" {
	commit ada one -S
	refused approval.too_few main
	ask=$output
	waive bela
	tip=$(git rev-parse main)
	git fetch -q origin 'refs/sluice/*:refs/sluice/*'
	ref=$(git for-each-ref --format='%(refname)' refs/sluice/waivers)
	tag=$(git rev-parse "$ref")
	git push -q origin ":$ref"
	refused approval.too_few main
	run git push origin "$tag:$ref"
	[ "$status" -ne 0 ]
	[[ $output == *'it was withdrawn'* ]]
	run git push origin "$tag:refs/sluice/waivers/$tip/other" main
	[[ $output == *'it was withdrawn'* ]]
	refused approval.too_few main
	# Deleted in the very push that would use it.
	sleep 1
	output=$ask
	waive bela
	git fetch -q origin 'refs/sluice/*:refs/sluice/*'
	ref=$(git --git-dir="$REPO" for-each-ref --format='%(refname)' \
		refs/sluice/waivers)
	refused approval.too_few main ":$ref"
	accepted main
}

@test "a heap of waivers that are good for nothing keeps no good one out" {
	local commit tag
	commit ada one -S
	refused approval.too_few main
	waive bela
	commit=$(git rev-parse main)
	tag=$(git --git-dir="$REPO" for-each-ref --format='%(objectname)' \
		"refs/sluice/waivers/$commit")
	# Six hundred that nobody signed as they are, before it in order.
	mkdir "$W/heap"
	git --git-dir="$REPO" cat-file tag "$tag" | awk -v to="$W/heap" '
		{ line[NR] = $0 }
		END { for (i = 1; i <= 600; i++) { f = to "/" i
			for (k = 1; k <= NR; k++) print line[k] \
				(line[k] ~ /^Reason:/ ? i : "") >f
			close(f) } }'
	printf '%s\n' "$W"/heap/* |
		git --git-dir="$REPO" hash-object -t tag -w --stdin-paths |
		sed "s|.*|create refs/sluice/waivers/$commit/0& &|" |
		git --git-dir="$REPO" update-ref --stdin
	accepted main
	[ "$(record "$(evidence)" '[p.waivers[] | .status] | unique |
		join(" ")')" = 'invalid valid' ]
}

@test "what another hook refuses after the gate does not use it up" {
	commit ada one -S
	refused approval.too_few main
	waive bela
	printf '#!/bin/sh\nexit 1\n' >"$REPO/hooks/update"
	chmod 755 "$REPO/hooks/update"
	run git push origin main
	[ "$status" -ne 0 ]
	[[ $output == *WAIVED* ]]
	rm "$REPO/hooks/update"
	accepted main
}

@test "a secret is waived by its fingerprint, and no other with it" {
	rules 'del(entry.approval)'
	secret ada
	refused secret.github_pat main
	waive bela
	print=$(record "$(evidence)" 'p["findings"][0]["fingerprint"]')
	accepted main
	[[ $output == *'waived: secret.github_pat'* ]]
	# The same secret elsewhere is another place, another commit.
	cp ada.env copy.env
	echo more >>copy.env
	git add copy.env
	as ada git commit -q -m copy -S
	refused secret.github_pat main
	tip=$(git rev-parse main)
	empty=$(git hash-object -w -t tree /dev/null)
	mapfile -t l < <(lines '' secret.github_pat)
	by_hand bela "$empty" "$tip" "${l[@]}" "Commit: $tip"
	refused secret.github_pat main
	by_hand bela "$empty" "$tip" "${l[@]}" "Commit: $tip" \
		"Fingerprint: ${print//?/0}"
	refused secret.github_pat main
	by_hand bela "$empty" "$tip" "${l[@]}" "Commit: $tip" \
		"Fingerprint: $print"
	accepted main
}

@test "what could not be judged is not waived, whatever the policy names" {
	rules 'entry.secret.max_blob = 100 | del(entry.approval)'
	head -c 1000 /dev/zero | tr '\0' x >large
	git add large
	as ada git commit -q -m large -S
	refused secret.not_scanned main
	[[ $output != *'sluice waive'* ]]
	tip=$(git rev-parse main)
	empty=$(git hash-object -w -t tree /dev/null)
	mapfile -t l < <(lines '' secret.not_scanned)
	run by_hand bela "$empty" "$tip" "${l[@]}" "Commit: $tip"
	[[ $output == *'can never be waived'* ]]
	refused secret.not_scanned main
}

@test "a waiver on one ref opens no other" {
	rules 'entry as $main | refs |= .[:1] + [
		($main | .match = ["refs/heads/two"] | .waiver.count = 2),
		($main | .match = ["refs/heads/like"])] + .[1:]'
	commit ada one -S
	refused approval.too_few main
	waive bela
	# In one push, whichever is named first.
	refused approval.too_few main main:two
	refused approval.too_few main:two main
	accepted main
	# Afterwards, and with more on top, behind a tip that was accepted.
	refused approval.too_few main:two
	commit ada two -S
	approve bela main refs/heads/main
	accepted main
	[[ $output != *WAIVED* ]]
	refused approval.too_few main:two
	[[ $output == *'1 of 1 new commits'* ]]
	# Where the same could have been waived, what was waived stands in.
	accepted main:like/b
}

@test "a ref that moves in the same push owes a waiver for another nothing" {
	rules '(entry | del(.waiver)) as $main |
		entry.match = ["refs/heads/two"] |
		refs |= [$main | .match += ["refs/heads/like/**"]] + .'
	git checkout -q -b two
	commit ada two -S
	git checkout -q main
	commit ada one -S
	approve bela main refs/heads/main
	refused approval.too_few main two
	[[ $output != *'too_few on refs/heads/main'* ]]
	waive gus
	accepted main two
	[[ $output == *WAIVED* ]]
	refused approval.too_few two:like/a
	accepted main:like/b
	# Unless nobody can say any more what the waiver was for.
	git -C "$REPO" for-each-ref --format='delete %(refname)' \
		refs/sluice/waivers | git -C "$REPO" update-ref --stdin
	git -C "$REPO" prune --expire=now
	refused approval.too_few main:like/c
}

@test "what is only observed lends nothing to a ref that counts" {
	rules 'del(entry.approval) |
		refs |= [{match: ["refs/heads/try/**"], mode: "observe",
			secret: {rules: ["builtin"]}}] + .'
	secret ada
	refused secret.github_pat main:try/a main
	refused secret.github_pat main main:try/a
	# The same file in a commit of its own.
	git branch other
	as ada git commit -q --amend -m 'another commit' -S
	refused secret.github_pat other:try/a main
	accepted main:try/a
	[[ $output == *'mode: observe'* ]]
	[[ $output == *'error, only observed: secret.github_pat'* ]]
	n=$(evidence)
	[ "$(record "$n" 'p["mode"]')" = observe ]
	[ "$(record "$n" 'p["findings"][0]["observed"]')" = true ]
	refused secret.github_pat main
	run sluice policy explain refs/heads/try/a --repository team/app
	[[ $output == *'Of this ref the policy only observes'* ]]
	run sluice policy explain refs/heads/main --repository team/app
	[[ $output != *observes* ]]
	[[ $output == *'secret.* or approval.too_few or ref.force_push by one of: ada, bela, gus, for at most 3 days'* ]]
	run sluice doctor "$REPO"
	[[ $output == *'only observes 1 of its entries for refs'* ]]
}

@test "a force push is waived from where the branch stands" {
	rules 'del(entry.approval)'
	commit ada one -S
	accepted main
	as ada git commit -q --amend -m other -S
	refused ref.force_push +main
	run waive bela
	[ "$status" -eq 0 ]
	mine=$(git rev-parse main)
	git reset -q --hard origin/main
	commit gus two -S
	accepted main
	refused ref.force_push "+$mine:main"
	waive bela
	accepted "+$mine:main"
}

@test "rules for files on every ref do not keep waivers out" {
	rules 'refs[-1].file = {max_size: "1MiB", odd_modes: "deny",
		case_collisions: "deny", submodules: []}'
	commit ada one -S
	refused approval.too_few main
	run waive bela
	[ "$status" -eq 0 ] || fail "$output"
	accepted main
}

@test "waive says what is wrong" {
	cd "$W/srv"
	run as bela "$SLUICE" waive approval.too_few --for HEAD --ref main \
		--reason x --until 1d
	[ "$status" -eq 64 ]
	cd "$WORK"
	try() {
		run as bela "$SLUICE" waive "$@" </dev/null
		[ "$status" -eq 64 ] || fail "$status: $output"
	}
	try --reason x
	try --until 1d
	try approval.too_few --for HEAD --reason x --until 1d
	try --for HEAD --ref main --reason x --until 1d
	try nonsense --for HEAD --ref main --reason x --until 1d
	try secret.not_scanned --for HEAD --ref main --reason x --until 1d
	[[ $output == *'can never be waived'* ]]
	for until in yesterday 0d 400d 2020-01-01 1w 9999999h; do
		try approval.too_few --for HEAD --ref main --reason x \
			--until "$until"
	done
	try approval.too_few --for nothing --ref main --reason x --until 1d
	try approval.too_few --for HEAD --ref main --until 1d \
		--reason $'x\nFinding: secret.x'
	try approval.too_few --for HEAD --ref main --until 1d --reason ' '
	try --reason x --until 1d
	[[ $output == *'no waiver is asked for'* ]]
	# Two things are asked for: which is meant has to be said.
	commit ada one -S
	secret ada
	refused approval.too_few main
	run waive bela
	[ "$status" -eq 64 ]
	[[ $output == *'2 waivers are asked for'* ]]
	refused approval.too_few main
	run waive bela --all
	[ "$status" -eq 0 ]
	accepted main
}
