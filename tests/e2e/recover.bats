# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# An old copy of the log is put back: nothing is signed until something shows
# that there will be no second history.

load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
	commit ada one -S
	git push -q origin HEAD:refs/heads/signed/one
	KEY=$(sluice log key)
	cp -a "$STATE" "$W/old"
}

# entries: how many there are.
entries() {
	sed -n 2p "$STATE/log/checkpoint"
}

# more NAME: two entries.
more() {
	commit ada "$1" -S
	git push -q origin HEAD:refs/heads/signed/one
}

# restore [NAME...]: from the old copy; the whole state, or that of it.
restore() {
	local name
	if [ $# -eq 0 ]; then
		rm -rf "$STATE"
		cp -a "$W/old" "$STATE"
	fi
	for name; do
		rm -rf "${STATE:?}/$name"
		cp -a "$W/old/$name" "$STATE/$name"
	done
}

# signed OLD WITNESS...: these, who have seen OLD entries, sign the log as it is.
signed() {
	local w
	sluice log witness --request --old "$1" >"$W/ask"
	shift
	for w; do
		sluice witness --dir "$W/$w" add "$W/ask"
	done >"$W/lines"
	sluice log witness --take "$W/lines" >/dev/null
}

# refused: a push, because the log was rolled back.
refused() {
	commit ada refused -S
	run git push -q origin HEAD:refs/heads/signed/no
	[ "$status" -ne 0 ]
	[[ $output == *'rolled back'* ]]
	[[ $output == *'sluice log recover'* ]]
}

@test "an old log comes back by the journal or a mirror, or not at all" {
	sluice log mirror "$STATE/log" "$W/m" --vkey "$KEY"
	more two
	[ "$(entries)" -eq 5 ]
	# The log alone, and the journal still has what is missing.
	restore log
	refused
	run sluice log recover
	[ "$status" -eq 0 ]
	[[ $output == *'journal had the entries from 3 on'* ]]
	[ "$(entries)" -eq 5 ]
	sluice log verify
	run sluice log recover --json
	[ "$status" -eq 0 ]
	[[ $output == '{"answer":"nothing",'*'"size":5,'* ]]
	# The journal as well: a mirror that is behind is not enough.
	more three
	sluice log mirror "$STATE/log" "$W/newest" --vkey "$KEY"
	restore log journal
	refused
	run sluice log recover
	[ "$status" -eq 2 ]
	[[ $output == *--mirror* ]]
	run sluice log recover --mirror "$W/m"
	[ "$status" -eq 2 ]
	[[ $output == *'has not all of it'* ]]
	refused
	[ "$(entries)" -eq 3 ]
	# A newer one is; the vault was not put back.
	run sluice log recover --mirror "$W/newest"
	[ "$status" -eq 0 ]
	[[ $output == '4 entries came from the mirror'* ]]
	[[ $output != *'no record'* ]]
	sluice log verify
	more four
	[ "$(entries)" -eq 9 ]

	# Everything was put back: the gate cannot know, the mirror does.
	sluice log mirror "$STATE/log" "$W/newest" --vkey "$KEY"
	restore
	run sluice log recover --mirror "$W/newest"
	[ "$status" -eq 0 ]
	[[ $output == '6 entries came from the mirror'*'6 of them have no'* ]]
	run sluice log verify
	[ "$status" -eq 0 ]
	[[ $output == *'entries 3 to 8 came back'* ]]
	# Only those are excused.
	more five
	run sluice log recover --mirror "$W/newest"
	[ "$status" -eq 2 ]
	[[ $output == *'fewer entries'* ]]
	find "$STATE/vault" -type f -newer "$STATE/gaps" -delete
	run sluice log verify
	[ "$status" -eq 1 ]
	[[ $output == *'the record of entry 10 is missing'* ]]

	# Somebody went on from it: two histories, and no way to join them.
	restore
	more six
	run sluice log recover --mirror "$W/newest"
	[ "$status" -eq 2 ]
	[[ $output == *'two histories'* ]]
	[ "$(grep -c '^— gate.example.org/e2e ' "$STATE/log/fork")" -eq 2 ]
	[ "$(entries)" -eq 5 ]
}

@test "an old log goes on when the witnesses never saw more" {
	local w
	for w in a b c; do
		sluice witness --dir "$W/$w" init --name "w.example.org/$w" \
			>"$W/$w.vkey"
		sluice witness --dir "$W/$w" trust "$KEY"
		echo "witness $w $(cat "$W/$w.vkey")"
	done >"$STATE/witnesses"
	printf 'group one 1 a b c\nquorum one\n' >>"$STATE/witnesses"
	chmod 644 "$STATE/witnesses"
	signed 0 a b c
	more two
	sluice log list >/dev/null
	restore log journal
	refused
	# What they signed before says nothing.
	run sluice log recover --witnessed
	[ "$status" -eq 2 ]
	[[ $output == *'sluice log witness'* ]]
	# One is a quorum, but the two others may have seen more.
	signed 3 a
	run sluice log recover --witnessed
	[ "$status" -eq 2 ]
	[[ $output == *'too few witnesses'* ]]
	refused
	signed 3 a b c
	run sluice log recover --witnessed
	[ "$status" -eq 0 ]
	[[ $output == 'entries 3 to 4 are lost'* ]]
	run sluice log verify
	[ "$status" -eq 0 ]
	[[ $output == *'entries 3 to 4 were signed once and lost'* ]]
	[ "$(sluice log list | wc -l)" -eq 3 ]
	more three
	[ "$(entries)" -eq 5 ]
	signed 3 a b c
	sluice log verify

	# A witness that saw more does not sign less.
	restore log journal
	run sluice log recover --witnessed
	[ "$status" -eq 2 ]
	sluice log witness --request --old 3 >"$W/ask"
	run sluice witness --dir "$W/a" add "$W/ask"
	[ "$status" -ne 0 ]
	run sluice log recover --witnessed
	[ "$status" -eq 2 ]
}

@test "a high-water mark that was lost is made anew where a mirror ends" {
	local harm
	sluice log mirror "$STATE/log" "$W/m" --vkey "$KEY"
	more two
	for harm in 'rm highwater' 'echo 9 >highwater' ': >highwater'; do
		(cd "$STATE" && eval "$harm")
		commit ada refused -S
		run git push -q origin HEAD:refs/heads/signed/no
		[ "$status" -ne 0 ]
		[[ $output == *'high-water mark'*'sluice log recover'* ]]
		run sluice log verify
		[ "$status" -ne 0 ]
		[[ $output == *'high-water mark'* ]]
		run sluice doctor
		[ "$status" -ne 0 ]
		[[ $output == *'high-water mark'* ]]
		# The log and its journal are of one folder, and show nothing.
		run sluice log recover
		[ "$status" -eq 2 ]
		[[ $output == *'--mirror'* ]]
	done
	# One that is behind does not say where the log ended.
	run sluice log recover --mirror "$W/m"
	[ "$status" -eq 2 ]
	[[ $output == *'fewer entries than the log'* ]]
	[ ! -s "$STATE/highwater" ]
	sluice log mirror "$STATE/log" "$W/m" --vkey "$KEY"
	run sluice log recover --mirror "$W/m"
	[ "$status" -eq 0 ]
	[[ $output == 'the high-water mark was lost, and is made anew where the mirror ends: the log signs, with 5'* ]]
	more three
	[ "$(entries)" -eq 7 ]
	sluice log verify
	run sluice log recover --json
	[[ $output == '{"answer":"nothing","signed":7,'* ]]

	# Lost to hide that an old copy was put back.
	sluice log mirror "$STATE/log" "$W/m" --vkey "$KEY"
	restore
	rm "$STATE/highwater"
	run sluice log recover --mirror "$W/m" --json
	[ "$status" -eq 0 ]
	[[ $output == '{"answer":"mirror","mark":"anew","size":7,"was":3,"withoutRecord":4}' ]]
	more four
	[ "$(entries)" -eq 9 ]
	sluice log verify

	# Not lost, but perhaps another's work.
	chmod 622 "$STATE/highwater"
	run sluice log recover --mirror "$W/m"
	[ "$status" -eq 2 ]
	[[ $output == *'can be written by others'* ]]
	chmod 600 "$STATE/highwater"
	more five
}

@test "a high-water mark that was lost is made anew where witnesses are" {
	sluice witness --dir "$W/a" init --name w.example.org/a >"$W/a.vkey"
	sluice witness --dir "$W/a" trust "$KEY"
	printf 'witness a %s\nquorum a\n' "$(cat "$W/a.vkey")" \
		>"$STATE/witnesses"
	chmod 644 "$STATE/witnesses"
	more two
	signed 0 a
	rm "$STATE/highwater"
	run sluice log recover --witnessed
	[ "$status" -eq 2 ]
	[[ $output == *'sluice log witness'* ]]
	[ ! -e "$STATE/highwater" ]
	signed 5 a
	run sluice log recover --witnessed
	[ "$status" -eq 0 ]
	[[ $output == 'the high-water mark was lost, and is made anew where the witnesses are: the log signs, with 5'* ]]
	[ ! -e "$STATE/gaps" ]
	more three
	sluice log verify
	# One who has seen more does not sign less.
	signed 5 a
	restore log journal
	rm "$STATE/highwater"
	run sluice log recover --witnessed
	[ "$status" -eq 2 ]
	sluice log witness --request --old 3 >"$W/ask"
	run sluice witness --dir "$W/a" add "$W/ask"
	[ "$status" -ne 0 ]
	run sluice log recover --witnessed
	[ "$status" -eq 2 ]
	[ ! -e "$STATE/highwater" ]
}
