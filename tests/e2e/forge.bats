# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Approvals given at a forge: what counts, what does not, and what cannot be
# told.
load lib/e2e
load lib/servers

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
	forge_start
	policy_edit '.forges.git = {kind: "gitea", url: $url,
			token_file: "token"} |
		.forge_timeout = 30 |
		.people.ada.forge_accounts.git = "ada-l" |
		.people.bela.forge_accounts.git = {login: "bela-l", id: 12} |
		(refs[0].approval) += {sources: ["tags", "git"]}' \
		--arg url "$FORGE"
	(umask 077 && printf 'address %s\ntoken hush-%s\n' "$FORGE" hush \
		>"$STATE/token")
	commit ada one -S
	TIP=$(git rev-parse HEAD)
}

teardown() {
	servers_end
}

API=/api/v1/repos/team/app/pulls

# opened LOGIN [HEAD]: request 7 for main.
opened() {
	local pull
	pull=$(jq -cn --arg l "$1" --arg h "${2:-$TIP}" '{number: 7,
		state: "open", user: {id: 1, login: $l}, base: {ref: "main"},
		head: {sha: $h}}')
	forge_says "$API?state=open&sort=recentupdate&limit=50&page=1" "[$pull]"
	forge_says "$API?state=open&sort=recentupdate&limit=50&page=2" '[]'
	forge_says "$API/7" "$pull"
	forge_says "$API/7/reviews?limit=50&page=1" '[]'
	forge_says "$API/7/reviews?limit=50&page=2" '[]'
}

# reviewed ID LOGIN [FILTER]: by that account.
reviewed() {
	forge_says "$API/7/reviews?limit=50&page=1" "$(jq -cn --arg l "$2" \
		--arg h "$TIP" --argjson id "$1" '[{id: 5, user: {id: $id,
		login: $l}, state: "APPROVED", commit_id: $h, stale: false,
		official: true, dismissed: false}] | '"${3:-.}")"
}

@test "a review counts as a signed tag does, and no more" {
	opened ada-l
	refused approval.too_few main
	[[ $output == *"at 'git', the request whose head is ${TIP:0:10}"* ]]
	opened ci-l
	reviewed 11 ada-l
	refused approval.too_few main
	[[ $output == *"ada at 'git': the author of"* ]]
	reviewed 99 mallory
	refused approval.too_few main
	[[ $output == *"account 'mallory' at 'git'"* ]]
	# Another account that took the name.
	reviewed 13 bela-l
	refused approval.too_few main
	reviewed 12 bela-l '.[0].commit_id = "'"$(git rev-parse HEAD~)"'"'
	refused approval.too_few main
	[[ $output == *'another commit than the head'* ]]
	reviewed 12 bela-l '.[0].stale = true'
	refused approval.too_few main
	opened Bela-L
	reviewed 12 bela-l
	refused approval.too_few main
	[[ $output == *"bela at 'git': opened request 7"* ]]
	opened ada-l
	reviewed 12 bela-l
	accepted main
	n=$(evidence)
	[ "$(record "$n" 'p.reviews[0] | [.forge, .request, .review, .commit,
		.person, .login, .status]')" = \
		'["git",7,5,"'"$TIP"'","bela","bela-l","valid"]' ]
	[ "$(record "$n" '[p.review_answers[].part]')" = \
		'["request","reviews","reviews"]' ]
	record "$n" 'p.review_answers[1].base64' | base64 -d >"$W/answer"
	[ "$(record "$n" 'p.review_answers[1].sha256')" = \
		"$(sha256sum <"$W/answer" | cut -c1-64)" ]
	[ "$(jq -r '.[0].user.login' "$W/answer")" = bela-l ]
	run sluice log show "$n"
	[[ $output == *"by bela for refs/heads/main (valid, account bela-l, \
request 7 at git)"* ]]
	sluice log prove "$TIP" >"$W/proof"
	run sluice verify "$W/proof" --vkey "$(sluice log key)"
	[[ $output == *'by bela (request 7 at git): valid'* ]]
	# The same policy finds the same again; what the forge said is judged
	# again, and what it was not asked cannot be told.
	cp "$STATE/policy.json" "$STATE/new.json"
	run sluice policy replay --diff "$STATE/new.json"
	[ "$status" -eq 0 ]
	jq '(.. | objects | select(has("sources")) | .count) = 3' \
		"$STATE/policy.json" >"$STATE/new.json"
	run sluice --json policy replay --diff "$STATE/new.json"
	[ "$status" -eq 1 ]
	[ "$(json 'd[] | [.entry, .would, .findings[].id]' <<<"$output")" = \
		"[$n,\"reject\",\"approval.too_few\"]" ]
	jq '(.. | objects | select(has("sources")) | .objections) = ["bela"]' \
		"$STATE/policy.json" >"$STATE/new.json"
	run sluice --json policy replay --diff "$STATE/new.json"
	[ "$status" -eq 2 ]
	[ "$(json "d[] | select(.entry == $n).untold[].check" \
		<<<"$output")" = approval ]
	# The token goes to the forge and nowhere else.
	grep -q 'token hush-hush' "$W/forge/log"
	not grep -rq --exclude=token hush-hush "$STATE" "$REPO" "$W/proof"
}

@test "what stands on an account that is compromised is in doubt" {
	policy_edit '(refs[0].waiver) = {findings: ["signature.compromised"],
		by: ["gus", "bela"], max_days: 30}'
	opened ada-l
	reviewed 12 bela-l
	accepted main
	n=$(evidence)
	git -C "$REPO" rev-parse main >"$W/one"
	cp "$STATE/policy.json" "$W/sound.json"
	sluice log prove "$TIP" >"$W/proof"
	run sluice log recheck
	[ "$status" -eq 0 ]
	[[ $output == *'no key and no account'* ]]
	# Since later than the push: it had been theirs.
	policy_edit '.people.bela.forge_accounts.git.compromised = "2999-01-01"'
	run sluice log recheck
	[ "$status" -eq 0 ] || fail "$output"
	policy_edit '.people.bela.forge_accounts.git.compromised =
		"2020-01-01T00:00:00Z"'
	run sluice policy check
	[[ $output == *"account 'bela-l' of 'bela' at 'git' is compromised since \
2020-01-01T00:00:00Z; what it approves then does not count"* ]] || fail "$output"
	run sluice log recheck
	[ "$status" -eq 1 ] || fail "$output"
	[[ $output == *"DOUBT    $n "*"review $TIP by bela with forge account \
bela-l at git"*'to clear: sluice waive signature.compromised --for '* ]] ||
		fail "$output"
	[ "$(sluice --json log show "$n" | json 'd.compromised[] |
		[.what, .kind, .key, .person, .cleared]')" = \
		'["review","forge","bela-l at git","bela",false]' ]
	run sluice log find "$TIP"
	[[ $output == *'DOUBT '*'forge account bela-l at git'* ]]
	run sluice deployed --revisions - <<<"api $TIP"
	[ "$status" -eq 1 ]
	[[ $output == *' in doubt '*'that account is compromised'* ]] ||
		fail "$output"
	run "$SLUICE" verify "$W/proof" --vkey "$(sluice log key)" \
		--policy "$STATE/policy.json"
	[ "$status" -eq 1 ]
	[[ $output == *'in doubt: review '*', an account that is compromised now'* ]]
	# It was theirs again before that push.
	cp "$STATE/policy.json" "$W/taken.json"
	policy_edit '.people.bela.forge_accounts.git.compromised =
		{from: "2020-01-01", until: "2020-01-02"}'
	run sluice log recheck
	[ "$status" -eq 0 ] || fail "$output"
	cp "$W/taken.json" "$STATE/policy.json"
	# It lets nothing in any more.
	commit ada two -S
	TIP=$(git rev-parse HEAD)
	opened ada-l
	reviewed 12 bela-l
	refused approval.too_few main
	[[ $output == *"bela at 'git': the account is compromised"* ]]
	# Somebody who looked at it clears it, as for keys.
	finger=$(sluice --json log show "$n" |
		json 'd.compromised[0].fingerprint')
	as gus "$SLUICE" --quiet waive signature.compromised \
		--for "$(cat "$W/one")" --ref refs/heads/main \
		--repository team/app --fingerprint "$finger" \
		--reason 'looked at it' --until 5d --push origin
	run sluice log recheck
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *"cleared  $n "*'review '* ]]
}

@test "what a forge does not tell is neither an approval nor a lack of one" {
	opened ada-l
	reviewed 12 bela-l
	local s
	for s in '401 Unauthorized' '404 Not Found' '429 Too Many Requests' \
		'500 Internal Server Error'; do
		echo "$s" >"$W/forge/status"
		refused approval.forge main
		[[ $output == *"forge 'git': it answers ${s%% *} for"* ]]
		[[ $output != *approval.too_few* ]]
	done
	rm "$W/forge/status"
	reviewed 12 bela-l '{approved: true}'
	refused approval.forge main
	[[ $output == *"forge 'git'"* ]]
	reviewed 12 bela-l '.[0].state = "APPROVED_BY_ALL"'
	refused approval.forge main
	chmod 644 "$STATE/token"
	refused approval.forge main
	[[ $output == *'others than its owner may read the secret'* ]]
	run sluice doctor
	[[ $output == *'BAD'*'forge'*'others than its owner'* ]]
	chmod 600 "$STATE/token"
	run sluice doctor
	[[ $output == *'ok'*"'git' answers for 'team/app'"* ]]
	servers_end
	refused approval.forge main
	run sluice doctor
	[[ $output == *'BAD'*'forge'* ]]
	run as ada "$SLUICE" --policy "$STATE/policy.json" check
	[[ $output == *'no forge was asked'* ]]
	# What suffices without it suffices.
	approve gus main refs/heads/main
	accepted main
}

@test "only the sources that are named count, and asking costs nothing else" {
	opened ada-l
	approve bela main refs/heads/main
	policy_edit 'refs[0].approval.sources = ["git"]'
	refused approval.too_few main
	[[ $output == *'bela: signed tags do not count here'* ]]
	[[ $output != *'sluice approve'* ]]
	reviewed 12 bela-l
	policy_edit 'refs[0].approval.sources = ["tags"] |
		.people.bela.ssh = ["keys/bela.pub"]'
	: >"$W/forge/log"
	accepted main
	[ ! -s "$W/forge/log" ]
	[ "$(record "$(evidence)" 'p.reviews')" = null ]
	accepted main:refs/heads/free/a
}

@test "who asks for changes objects, where the policy heeds them" {
	policy_edit 'refs[0].approval.objections = ["bela"]'
	opened ada-l
	reviewed 12 bela-l '.[0].state = "REQUEST_CHANGES"'
	approve gus main refs/heads/main
	refused approval.objection main
	[[ $output == *'bela objects to '*': asks for changes'* ]]
	[[ $output == *"take that back in request 7 at 'git'"* ]]
	n=$(evidence)
	[ "$(record "$n" 'p.reviews[0] | [.person, .status, .against]')" = \
		'["bela","invalid",true]' ]
	# While it does not tell, nobody knows.
	echo '500 Internal Server Error' >"$W/forge/status"
	refused approval.forge main
	rm "$W/forge/status"
	# Of an older commit it stands as well, until it is dismissed.
	reviewed 12 bela-l '.[0].state = "REQUEST_CHANGES" |
		.[0].commit_id = "'"$(git rev-parse HEAD~)"'"'
	refused approval.objection main
	policy_edit 'refs[0].approval.objections = ["gus"]'
	accepted main
	commit ada two -S
	TIP=$(git rev-parse HEAD)
	policy_edit 'refs[0].approval.objections = ["bela"]'
	opened ada-l
	reviewed 12 bela-l '.[0].state = "REQUEST_CHANGES" |
		.[0].dismissed = true'
	approve gus main refs/heads/main
	accepted main
}

# kind KIND [PATH]: it is one of that kind, at FORGE/PATH.
kind() {
	policy_edit '.forges.git += {kind: $k, url: $u}' --arg k "$1" \
		--arg u "$FORGE${2-}"
	sed -i "1s|.*|address $FORGE${2-}|" "$STATE/token"
}

@test "GitHub: an approval from before the last forced push is for that before" {
	kind github /api/v3
	local api=/api/v3/repos/team/app pull list
	list="$api/pulls?state=open&base=main&sort=created&direction=desc"
	pull=$(jq -cn --arg h "$TIP" '{number: 7, state: "open", user: {id: 11,
		login: "ada-l", type: "User"}, base: {ref: "main"},
		head: {sha: $h}}')
	forge_says "$list&per_page=100&page=1" "[$pull]"
	forge_says "$list&per_page=100&page=2" '[]'
	forge_says "$api/pulls/7" "$pull"
	forge_says "$api/pulls/7/reviews?per_page=100&page=1" "$(jq -cn \
		--arg h "$TIP" '[{id: 5, user: {login: "bela-l", id: 12,
		type: "User"}, state: "APPROVED", commit_id: $h,
		submitted_at: "2026-01-02T03:00:00Z"}]')"
	forge_says "$api/pulls/7/reviews?per_page=100&page=2" '[]'
	forge_says "$api/issues/7/events?per_page=100&page=2" '[]'
	refused approval.forge main
	forge_says "$api/issues/7/events?per_page=100&page=1" \
		'[{"id": 1, "event": "head_ref_force_pushed",
		"created_at": "2026-01-02T04:00:00Z"}]'
	refused approval.too_few main
	[[ $output == *"bela at 'git': approved before the request was"* ]]
	policy_edit 'refs[0].approval.objections = ["bela"]'
	reviews="$api/pulls/7/reviews?per_page=100&page=1"
	forge_says "$reviews" "$(jq -cn --arg h "$TIP" '[{id: 5, user: {login:
		"bela-l", id: 12, type: "User"}, state: "CHANGES_REQUESTED",
		commit_id: $h, submitted_at: "2026-01-02T03:00:00Z"}]')"
	refused approval.objection main
	forge_says "$reviews" "$(jq -cn --arg h "$TIP" '[{id: 5, user: {login:
		"bela-l", id: 12, type: "User"}, state: "APPROVED",
		commit_id: $h, submitted_at: "2026-01-02T03:00:00Z"}]')"
	forge_says "$api/issues/7/events?per_page=100&page=1" \
		'[{"id": 1, "event": "head_ref_force_pushed",
		"created_at": "2026-01-02T02:00:00Z"}]'
	accepted main
	grep -q 'Bearer hush-hush' "$W/forge/log"
}

@test "GitLab: an approval from before the newest version is for that before" {
	kind gitlab
	local api=/api/v4/projects/team%2Fapp/merge_requests merge s p list
	merge=$(jq -cn --arg h "$TIP" '{iid: 7, state: "locked",
		target_branch: "main", author: {id: 11, username: "ada-l"},
		sha: $h}')
	for s in opened locked; do
		list="$api?state=$s&target_branch=main&order_by=created_at"
		for p in 1 2; do
			forge_says "$list&sort=desc&per_page=100&page=$p" '[]'
		done
	done
	refused approval.too_few main
	# While the button is at work it is not "opened".
	forge_says "$list&sort=desc&per_page=100&page=1" "[$merge]"
	forge_says "$api/7" "$merge"
	forge_says "$api/7/versions?per_page=100&page=1" "$(jq -cn \
		--arg h "$TIP" '[{id: 31, head_commit_sha: $h,
		created_at: "2026-01-02T04:00:00.000Z"}]')"
	forge_says "$api/7/versions?per_page=100&page=2" '[]'
	approved() {
		forge_says "$api/7/approvals" '{"iid": 7, "approved_by":
			[{"user": {"id": 12, "username": "bela-l",
			"state": "active"}'"$1"'}]}'
	}
	approved ', "approved_at": "2026-01-02T03:00:00.000Z"'
	refused approval.too_few main
	[[ $output == *"bela at 'git': approved before the newest version"* ]]
	approved ''
	refused approval.too_few main
	[[ $output == *'does not tell when that was approved'* ]]
	policy_edit '.forges.git.trust_reset = true |
		refs[0].approval.objections = ["bela", "gus"] |
		.people.gus.forge_accounts.git = "gus-l"'
	# A release that has no answer to who is against it.
	refused approval.forge main
	forge_says "$api/7/reviewers" '[{"user": {"id": 13, "username":
		"gus-l"}, "state": "requested_changes"}]'
	forge_says "$api/7/discussions?per_page=100&page=1" '[]'
	forge_says "$api/7/discussions?per_page=100&page=2" '[]'
	refused approval.objection main
	[[ $output == *'gus objects to '*': asks for changes'* ]]
	forge_says "$api/7/reviewers" '[{"user": {"id": 13, "username":
		"gus-l"}, "state": "reviewed"}]'
	forge_says "$api/7/discussions?per_page=100&page=1" '[{"id": "6a",
		"notes": [{"author": {"id": 13, "username": "gus-l"},
		"resolvable": true, "resolved": false}]}]'
	refused approval.objection main
	[[ $output == *'began a discussion that is not resolved'* ]]
	policy_edit 'refs[0].approval.objections = ["bela"]'
	accepted main
	grep -q ' hush-hush' "$W/forge/log"
}

@test "Gerrit: a vote is of one patch set, and of no commit below it" {
	kind gerrit
	local api=/a/changes/ what change
	what='o=CURRENT_REVISION&o=DETAILED_LABELS&o=DETAILED_ACCOUNTS&o=MESSAGES'
	voted() {
		change=$(jq -cn --arg h "$TIP" --arg at "$1" \
			--argjson other "${2:-0}" '{
			project: "team/app", branch: "main", status: "NEW",
			_number: 7, owner: {_account_id: 11, username: "ada-l"},
			labels: {"Code-Review": {all: [{value: 2, date: $at,
				_account_id: 12, username: "bela-l"},
				{value: $other, date: $at, _account_id: 13,
				username: "gus-l"}],
				values: {"-2": "", " 0": "", "+2": ""}}},
			current_revision: $h, revisions: {($h): {_number: 2,
				created: "2026-01-02 03:00:00.000000000",
				uploader: {_account_id: 11,
					username: "ada-l"}}},
			messages: [{author: {_account_id: 12}, date: $at,
				message: "Patch Set 2: Code-Review+2",
				_revision_number: 2}]}')
		forge_says "$api?q=commit:$TIP+project:%22team%2Fapp%22&o=CURRENT_REVISION" \
			")]}'
[$change]"
		forge_says "${api}team%2Fapp~7?$what" ")]}'
$change"
	}
	# The time of the patch set is that of a vote that was copied to it.
	voted '2026-01-02 03:00:00.000000000'
	refused approval.too_few main
	[[ $output == *'the vote was given for another patch set'* ]]
	# The lowest value is a veto, of those whom the policy heeds.
	policy_edit 'refs[0].approval.objections = ["gus"] |
		.people.gus.forge_accounts.git = {login: "gus-l", id: 13}'
	voted '2026-01-02 04:00:00.000000000' -2
	refused approval.objection main
	[[ $output == *'gus objects to '*': votes against it'* ]]
	voted '2026-01-02 04:00:00.000000000' -1
	commit ada two -S
	forge_says "$api?q=commit:$(git rev-parse HEAD)+project:%22team%2Fapp%22&o=CURRENT_REVISION" \
		")]}'
[]"
	refused approval.too_few main
	accepted main~1:main
	grep -q "Basic $(printf hush-hush | base64)" "$W/forge/log"
}
