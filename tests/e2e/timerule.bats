# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Keys that are not good any more: what was let in before stays, unless the key
# may be in other hands.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

# What is signed on signed/** may be cleared by bela, gus and ada.
setup() {
	world_make
	rules 'entry.waiver = {"findings": ["signature.compromised"],
		"by": ["ada", "bela", "gus"], "max_days": 30}'
}

# rules FILTER: change the policy by jq; entry is the one for signed/**, tags the
# one for tags.
rules() {
	policy_edit "def entry: refs[1]; def tags: refs[2]; $1"
}

# stolen WHO: their SSH key is listed as compromised.
stolen() {
	cp "$BATS_FILE_TMPDIR/keys/$1.pub" "$STATE/keys/stolen"
	rules '.ssh_compromised = ["keys/stolen"]'
}

# revoked NUMBER: gus's key, for a reason as gpg numbers them in its dialogue.
revoked() {
	printf 'y\n%s\n\ny\n' "$1" | gpg -q --no-tty --command-fd 0 \
		--pinentry-mode loopback --passphrase '' -a \
		--gen-revoke gus@example.org 2>/dev/null >"$W/rev"
	cat "$BATS_FILE_TMPDIR/keys/gus.asc" "$W/rev" >"$STATE/keys/gus.asc"
}

# fingerprint WHO: of an SSH key, as findings have it.
fingerprint() {
	ssh-keygen -lf "$BATS_FILE_TMPDIR/keys/$1.pub" |
		sed 's/.*SHA256:\([^ ]*\).*/\1=/' | base64 -d | od -An -tx1 |
		tr -d ' \n'
}

# clear WHO COMMIT REF FINGERPRINT
clear() {
	as "$1" "$SLUICE" --quiet waive signature.compromised --for "$2" \
		--ref "$3" --repository team/app --fingerprint "$4" \
		--reason 'looked at it' --until 5d --push origin 2>&1
}

@test "a key that is replaced signs no more, and undoes nothing" {
	commit gus one -S
	accepted main:signed/a
	revoked 2
	commit bela two -S
	accepted main:signed/b
	commit gus three -S
	refused signature.revoked main:signed/b
	run sluice policy check "$STATE/policy.json"
	[[ $output != *'log recheck'* ]]
	# The same of one that has run out.
	git reset -q --hard main~1
	sed -i 's/^/valid-before="20200101Z" /' "$STATE/keys/bela.pub"
	accepted main:signed/c
	commit bela four -S
	refused signature.expired main:signed/c
}

@test "what a compromised key signed comes to no other ref" {
	commit ada one -S
	first=$(git rev-parse main)
	accepted main:signed/a
	commit bela two -S
	accepted main:signed/a
	stolen ada
	run sluice policy check "$STATE/policy.json"
	[[ $output == *'is listed as compromised'*'sluice log recheck'* ]]
	refused signature.compromised main:signed/b
	[[ $output == *"signature.compromised on refs/heads/signed/b"* ]]
	[[ $output == *"$(git rev-parse --short=10 "$first")"* ]]
	[[ $output == *"--fingerprint $(fingerprint ada)"* ]]
	[ "$(record "$(evidence)" 'p.commits | length')" -eq 1 ]
	[ "$(record "$(evidence)" 'p.commits[0].signature.status')" = \
		compromised ]
	# Nor beside a ref that has it, nor by way of a merge.
	commit bela three -S
	refused signature.compromised main:signed/a main:signed/c
	git checkout -q -b side origin/main
	commit gus four -S
	as bela git merge -q -S -m 'merge' main
	refused signature.compromised side:signed/d
	# The branch itself goes on, or nobody could mend it.
	accepted main:signed/a
	# Where no signature is asked for, none is looked at.
	accepted main:free/x
	# Back to where it was, after it was cleaned, is another push.
	git checkout -q -B main origin/main
	commit bela five -S
	accepted +main:signed/a
	refused signature.compromised "+$first:signed/a"
}

@test "a waiver clears what its commit reaches, here and where rules are equal" {
	commit ada one -S
	accepted main:signed/a
	commit ada two -S
	accepted main:signed/a
	commit bela three -S
	accepted main:signed/a
	stolen ada
	refused signature.compromised main:signed/b
	# Not by ada, whose commits they are, nor for another key; the older
	# commit alone.
	run clear ada main refs/heads/signed/b "$(fingerprint ada)"
	[ "$status" -ne 0 ] || fail "$output"
	run clear gus main refs/heads/signed/b "$(fingerprint ci)"
	run clear gus main~2 refs/heads/signed/b "$(fingerprint ada)"
	[ "$status" -eq 0 ]
	refused signature.compromised main:signed/b
	run clear gus main~1 refs/heads/signed/b "$(fingerprint ada)"
	accepted main:signed/b
	[[ $output == *'WAIVED'* ]]
	# Cleared where it first came to, it is settled for all refs with these
	# rules, as often as it may be.
	run clear gus main refs/heads/signed/a "$(fingerprint ada)"
	[ "$status" -eq 0 ]
	accepted main:signed/c main:signed/d
	[[ $output != *WAIVED* ]]
	# But not by a key that turns out to be compromised as well.
	cp "$STATE/keys/gus.asc" "$W"
	revoked 1
	run sluice policy check "$STATE/policy.json"
	[ "$status" -eq 0 ]
	[[ $output == *"'keys/gus.asc' of 'gus' is revoked"*recheck* ]]
	refused signature.compromised main:signed/e
	cp "$W/gus.asc" "$STATE/keys"
	# The waivers taken away, all is as before.
	git ls-remote --refs origin 'refs/sluice/waivers/*' | cut -f2 |
		sed 's/^/:/' | xargs git push -q origin
	refused signature.compromised main:signed/e
}

@test "what was there before the gate is left alone" {
	commit ada zero -S
	REPO=$W/srv/team/old.git
	git init -q --bare "$REPO"
	git remote set-url origin "$REPO"
	git push -q origin main
	sluice --quiet install --name team/old "$REPO"
	stolen ada
	accepted main:signed/b
	commit ada one -S
	refused signature.compromised main:signed/b
}

@test "log recheck lists what the key let in until it is cleared" {
	run sluice log recheck
	[ "$status" -eq 0 ]
	[[ $output == *'no key and no account of the policy is compromised'* ]]
	rules 'entry.approval = {"count": 1, "by": ["@maintainers"]}'
	commit ada one -S
	one=$(git rev-parse main)
	approve bela main refs/heads/signed/a
	as ada git tag -s -m v1 v1
	accepted main:signed/a v1
	n=$(evidence)
	commit gus two -S
	two=$(git rev-parse main)
	approve ada main refs/heads/signed/a
	accepted main:signed/a
	commit ada three -S
	refused approval.too_few main:signed/a
	stolen ada
	run --separate-stderr sluice --json log recheck
	[ "$status" -eq 1 ]
	[ "$(json '[d[] | [.what, .ref, .cleared]]' <<<"$output")" = \
		'[["commit","refs/heads/signed/a",false],["commit","refs/tags/v1",false],["tag","refs/tags/v1",false],["approval","refs/heads/signed/a",false]]' ] ||
		fail "$output"
	[ "$(json '[d[:3][] | .object] | unique | length' <<<"$output")" = 2 ]
	[ "$(json 'd[0].object' <<<"$output")" = "$one" ]
	[ "$(json '[d[] | .person, .kind, .fingerprint, .repository] | unique |
		sort' <<<"$output")" = "$(json '[d[] | tostring] | sort' \
		<<<"[\"ada\", \"ssh\", \"$(fingerprint ada)\", \"team/app\"]")" ]
	[ "$(json 'd[0].entry' <<<"$output")" = "$n" ]
	[ "$(json 'd[3].commit' <<<"$output")" = "$two" ]
	# For people, with the command that clears it; what v1 may have waived
	# is for the policy.
	run sluice log recheck "$REPO"
	[ "$status" -eq 1 ]
	[[ $output == *"--for $two --ref refs/heads/signed/a --repository team/app --fingerprint $(fingerprint ada)"* ]]
	run sluice log recheck "$W"
	[ "$status" -eq 2 ]
	rules 'tags.waiver = entry.waiver'
	run clear bela "$two" refs/heads/signed/a "$(fingerprint ada)"
	run clear bela "$(git rev-parse v1)" refs/tags/v1 "$(fingerprint ada)"
	run --separate-stderr sluice --json log recheck
	[ "$status" -eq 1 ]
	[ "$(json '[d[] | select(.cleared | not) | .what, .ref]' \
		<<<"$output")" = '["commit","refs/tags/v1"]' ] || fail "$output"
	run clear bela "$one" refs/tags/v1 "$(fingerprint ada)"
	run --separate-stderr sluice log recheck
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *cleared* ]]
	# The waivers' time runs out; that they were good stays.
	run --separate-stderr sluice --json log recheck
	[ "$(json 'd[0].waivers | length' <<<"$output")" -ge 1 ]
	# bela's key as well: then nobody has cleared anything.
	cp "$STATE/keys/stolen" "$W/one"
	cat "$W/one" "$BATS_FILE_TMPDIR/keys/bela.pub" >"$STATE/keys/stolen"
	run --separate-stderr sluice --json log recheck
	[ "$status" -eq 1 ]
	[ "$(json '[d[] | .cleared] | any' <<<"$output")" = false ]
	[ "$(json '[d[] | .person] | unique' <<<"$output")" = '["ada","bela"]' ]
	# A record that is gone is told, and is no answer.
	cp "$W/one" "$STATE/keys/stolen"
	record=$(sluice --json log show "$n" |
		json 'd.entry.predicate.record')
	rm "$STATE/vault/${record:0:2}/$record"
	run sluice log recheck
	[ "$status" -eq 2 ] || fail "$output"
	[[ $output == *"entry $n: its record is not in the vault any more"* ]]
	[[ $output == *'1 could not be told'* ]]
	# Nor is the lack of the repository.
	mv "$REPO" "$W/moved"
	run sluice log recheck
	[ "$status" -eq 1 ]
}

# running REVISION: what 'deployed' says of it, as JSON.
running() {
	run --separate-stderr sluice deployed --json --revisions - <<<"$1"
}

@test "what runs on the word of a key that is compromised now is in doubt" {
	rules 'entry.approval = {"count": 1, "by": ["@maintainers"]}'
	commit gus one -S
	one=$(git rev-parse main)
	approve bela main refs/heads/signed/a
	accepted main:signed/a
	n=$(evidence)
	commit gus two -S
	two=$(git rev-parse main)
	approve ada main refs/heads/signed/a
	accepted main:signed/a
	sluice log prove "$one" >"$W/proof"
	running "$one"
	[ "$status" -eq 0 ]
	[ "$(json 'd[0] | [.verdict, .compromised]' <<<"$output")" = \
		'["gated",false]' ] || fail "$output"
	[[ $stderr != *'not looked at'* ]] || fail "$stderr"
	stolen bela
	running "$one"
	[ "$status" -eq 1 ] || fail "$output"
	[ "$(json 'd[0] | [.verdict, .compromised, .entry]' <<<"$output")" = \
		"[\"in doubt\",true,$n]" ] || fail "$output"
	[[ $output == *'approval '*' by bela with ssh key SHA256:'* ]]
	[[ $stderr == *"hint: 'sluice log recheck'"* ]]
	run sluice deployed --revisions - <<<"api $one"
	[[ $output == *'1 checked: 1 in doubt'* ]]
	[[ $output == *' in doubt '*'by bela with ssh key'*"[entry $n]"* ]]
	# The log says so of the entry, and of no other, with what clears it.
	run sluice log show "$n"
	[ "$status" -eq 0 ]
	[[ $output == *"DOUBT    $n "*'  approval '*' by bela with ssh key SHA256:'*\
'to clear: sluice waive signature.compromised '* ]] || fail "$output"
	[ "$(sluice --json log show "$n" | json 'd.compromised[] |
		[.what, .entry, .person, .cleared]')" = \
		"[\"approval\",$n,\"bela\",false]" ]
	run sluice log find "$one"
	[ "$(grep -c '^DOUBT ' <<<"$output")" -eq 1 ] || fail "$output"
	[ "$(sluice --json log find "$one" | jq -c 'select(.compromised) |
		[.entry, (.compromised | length)]')" = "[$n,1]" ]
	[ "$(sluice --json log find "$two" | jq -c 'select(.admitted) |
		.compromised')" = '[]' ]
	run sluice --policy "$W/nothing.json" log show "$n"
	[ "$status" -eq 0 ]
	[[ $output == *'could not be told: '* && $output != *DOUBT* ]] ||
		fail "$output"
	[ "$(sluice --json --policy "$W/nothing.json" log show "$n" 2>"$W/err" |
		json 'd | [has("compromised"), .compromised]')" = '[true,null]' ]
	# What others let in is as it was.
	running "$two"
	[ "$status" -eq 0 ] || fail "$output"
	# A proof says the same to who has the policy, and else that nobody
	# looked.
	key=$(sluice log key)
	run "$SLUICE" verify "$W/proof" --vkey "$key"
	[ "$status" -eq 0 ]
	[[ $output == *'not shown: '*'compromised now, which --policy'* ]]
	run "$SLUICE" verify "$W/proof" --vkey "$key" \
		--policy "$STATE/policy.json"
	[ "$status" -eq 1 ] || fail "$output"
	[[ $output == *'it came through the gate'*'in doubt: approval '*\
'by bela with ssh key SHA256:'*'hint: '*'sluice log recheck'* ]] || fail "$output"
	[[ $output != *'which --policy would tell'* ]]
	run "$SLUICE" --json verify "$W/proof" --vkey "$key" \
		--policy "$STATE/policy.json"
	[ "$(json 'd | [.answer, (.compromised | length),
		.compromised[0].what]' <<<"$output")" = \
		'["accepted",1,"approval"]' ] || fail "$output"
	run "$SLUICE" verify "$W/proof" --vkey "$key" \
		--policy "$W/nothing.json"
	[ "$status" -eq 2 ]
	jq -c '.items |= map(del(.record))' "$W/proof" >"$W/short"
	run "$SLUICE" verify "$W/short" --vkey "$key" \
		--policy "$STATE/policy.json"
	[ "$status" -eq 2 ] || fail "$output"
	[[ $output == *'could not be told'*'no records'* ]]
	cp "$STATE/policy.json" "$W/stolen.json"
	rules 'del(.ssh_compromised)'
	run "$SLUICE" verify "$W/proof" --vkey "$key" \
		--policy "$STATE/policy.json"
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output != *'in doubt'* && $output != *'which --policy'* ]]
	cp "$W/stolen.json" "$STATE/policy.json"
	# Cleared, by a waiver that came later.
	run clear gus "$one" refs/heads/signed/a "$(fingerprint bela)"
	running "$one"
	[ "$status" -eq 1 ] || fail 'by who made the commit'
	run clear ada "$one" refs/heads/signed/a "$(fingerprint bela)"
	running "$one"
	[ "$status" -eq 0 ] || fail "$output"
	[ "$(json 'd[0] | [.verdict, .compromised]' <<<"$output")" = \
		'["gated",false]' ]
	run sluice log show "$n"
	[[ $output == *"cleared  $n "*'  approval '* && $output != *DOUBT* ]]
	# What cannot be told is no yes.
	record=$(sluice --json log show "$n" |
		json 'd.entry.predicate.record')
	rm "$STATE/vault/${record:0:2}/$record"
	running "$one"
	[ "$status" -eq 2 ] || fail "$output"
	[ "$(json 'd[0] | [.verdict, .compromised]' <<<"$output")" = \
		'["not evaluable",null]' ]
	[[ $output == *'not in the vault any more'* ]]
	# Without the keys it is said that nobody looked.
	mv "$STATE/policy.json" "$W/policy.json"
	running "$one"
	[ "$status" -eq 0 ]
	[ "$(json 'd[0] | [.verdict, .compromised]' <<<"$output")" = \
		'["gated",null]' ]
	[[ $stderr == *'not looked at: whether keys'* ]]
	run --separate-stderr sluice deployed --json --revisions - \
		--log "$STATE/log" --vkey "$(sluice log key)" <<<"$one"
	[ "$status" -eq 0 ]
	[[ $stderr == *'not looked at: whether keys'*'log from elsewhere'* ]]
}
