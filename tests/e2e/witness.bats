# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Witnesses of a log: by files, behind a web server, and when the log lies.

load lib/e2e
load lib/servers

setup_file() {
	people_make
	program skew.so -shared -fPIC
}

teardown_file() {
	people_end
}

setup() {
	world_make
	commit ada one -S
	git push -q origin HEAD:refs/heads/signed/one
	for w in a b c; do
		sluice witness --dir "$W/$w" init --name "w.example.org/$w" \
			>"$W/$w.vkey"
		sluice witness --dir "$W/$w" trust "$(sluice log key)"
	done
}

teardown() {
	servers_end
}

# witnesses [URL]: two of the three must sign.
witnesses() {
	for w in a b c; do
		echo "witness $w $(cat "$W/$w.vkey")${1:+ $1/$w}"
	done >"$STATE/witnesses"
	printf 'group two 2 a b c\nquorum two\n' >>"$STATE/witnesses"
	chmod 644 "$STATE/witnesses"
}

# web: the three behind a web server, each at a path of its own.
web() {
	PORT=$(free_port)
	mkdir -p "$W/http"
	for w in a b c; do
		printf '#!/bin/sh\nexec %s witness --dir %s cgi\n' \
			"$SLUICE" "$W/$w" >"$W/http/$w"
	done
	cat >"$W/http/config" <<-END
	server.document-root = "$W/http"
	server.bind = "127.0.0.1"
	server.port = $PORT
	server.errorlog = "$W/server.log"
	server.modules = ("mod_alias", "mod_cgi")
	cgi.assign = ("/a" => "/bin/sh", "/b" => "/bin/sh", "/c" => "/bin/sh")
	END
	/usr/sbin/lighttpd -D -f "$W/http/config" >>"$W/server.log" 2>&1 3>&- &
	# For servers_end.
	# shellcheck disable=SC2034
	SERVER=$!
	wait_for_port
	witnesses "http://127.0.0.1:$PORT"
}

# said METHOD PATH [BODY]: what the web server answers, as it comes.
said() {
	local body=${3-}
	exec 4<>"/dev/tcp/127.0.0.1/$PORT"
	printf '%s %s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s' \
		"$1" "$2" "${#body}" "$body" >&4
	cat <&4
	exec 4>&-
}

# web_log: the log's folder behind a web server.
web_log() {
	PORT=$(free_port)
	cat >"$W/log.conf" <<-END
	server.document-root = "$STATE/log"
	server.bind = "127.0.0.1"
	server.port = $PORT
	server.errorlog = "$W/server.log"
	END
	/usr/sbin/lighttpd -D -f "$W/log.conf" >>"$W/server.log" 2>&1 3>&- &
	# For servers_end.
	# shellcheck disable=SC2034
	SERVER=$!
	wait_for_port
}

# tip_of REF: what stands there on the server.
tip_of() {
	git -C "$REPO" rev-parse "$1"
}

@test "by files: a quorum signs, the proof shows it, more entries need more" {
	local proof=$W/proof
	run sluice log witness
	[ "$status" -eq 2 ]
	[[ $output == *witnesses* ]]
	witnesses
	run sluice log prove --witnessed "$(tip_of refs/heads/signed/one)"
	[ "$status" -eq 2 ]
	[[ $output == *'sluice log witness'* ]]
	sluice log witness --request >"$W/ask"
	sluice witness --dir "$W/a" add "$W/ask" >"$W/lines"
	run sluice log witness --take "$W/lines"
	[ "$status" -eq 1 ]
	[[ $output == *'no quorum'* ]]
	[ ! -e "$STATE/log/witnessed" ]
	sluice witness --dir "$W/b" add <"$W/ask" >"$W/lines"
	run sluice log witness --take - <"$W/lines"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^— w.example.org/[ab] ' "$STATE/log/checkpoint")" -eq 2 ]
	cmp "$STATE/log/checkpoint" "$STATE/log/witnessed"
	sluice log verify

	sluice log prove --witnessed "$(tip_of refs/heads/signed/one)" >"$proof"
	run sluice verify "$proof" --vkey "$(sluice log key)" \
		--witnesses "$STATE/witnesses"
	[ "$status" -eq 0 ]
	[[ $output == *'witness a signed it at 20'* ]]
	[[ $output == *'a quorum of them'* ]]
	[[ $output != *'shown the same log'* ]]
	# The same proof before somebody who asks for more.
	sed -i 's/^group two 2/group two 3/' "$STATE/witnesses"
	run sluice verify "$proof" --vkey "$(sluice log key)" \
		--witnesses "$STATE/witnesses" --json
	[ "$status" -eq 1 ]
	[[ $output == *'"quorum": false'* ]]
	# A cosignature that another made in that name.
	# (The first twelve bytes are its key's and the time.)
	sed 's|\(w.example.org/b .\{20\}\)....|\1AAAA|' "$proof" >"$W/forged"
	run cmp -s "$proof" "$W/forged"
	[ "$status" -eq 1 ]
	run sluice verify "$W/forged" --vkey "$(sluice log key)" \
		--witnesses "$STATE/witnesses"
	[ "$status" -eq 1 ]
	[[ $output == *'proof is false: the cosignature'* ]]

	# What comes after is not vouched for until they sign again.
	commit ada two -S
	git push -q origin HEAD:refs/heads/signed/one
	[ "$(grep -c '^— ' "$STATE/log/checkpoint")" -eq 1 ]
	run sluice log prove --witnessed "$(git rev-parse HEAD)"
	[ "$status" -eq 2 ]
	[[ $output == *'newer than what the witnesses signed'* ]]
	sluice verify "$proof" --vkey "$(sluice log key)"
}

@test "over HTTP: asked, told how far they are, asked again" {
	web
	run sluice log witness
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'signed by c'* ]]
	[[ $output == *'entries: a quorum of the witnesses signed'* ]]
	# They are as far as the log says: nothing to ask twice.
	run sluice log witness --json
	[ "$status" -eq 0 ]
	[[ $output == *'"quorum":true'* ]]
	commit ada two -S
	git push -q origin HEAD:refs/heads/signed/one
	# One knows more than the log remembers: 409, and its size is used.
	sluice log witness --request --old 3 >"$W/ask"
	sluice witness --dir "$W/a" add "$W/ask" >/dev/null || true
	rm "$STATE/log/witnessed"
	run sluice log witness
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^— w' "$STATE/log/witnessed")" -eq 3 ]
	# What each serves is what it signed.
	name=$(printf gate.example.org/e2e | sha256sum | cut -c1-64)
	said GET "/a/$name/checkpoint" | sed '1,/^\r$/d' >"$W/served"
	head -n 3 "$W/served" | cmp - <(head -n 3 "$STATE/log/witnessed")
	[[ $(said GET /a/x/../witness.key) == 'HTTP/1.'?' 404'* ]]
	[[ $(said GET /a/add-checkpoint) == 'HTTP/1.'?' 405'* ]]
	[[ $(said POST /a/add-checkpoint 'old 0') == 'HTTP/1.'?' 400'* ]]
	# Nobody there: could not tell, and what was witnessed stays.
	servers_end
	commit ada three -S
	git push -q origin HEAD:refs/heads/signed/one
	cp "$STATE/log/witnessed" "$W/was"
	run sluice log witness
	[ "$status" -eq 2 ]
	cmp "$W/was" "$STATE/log/witnessed"
}

@test "a policy that heeds what no quorum has signed: warn, block, wait" {
	# later: a push at a time an hour and more from now.
	later() {
		commit ada "$RANDOM" -S
		LD_PRELOAD=$BATS_FILE_TMPDIR/skew.so SKEW=${1:-4000} \
			run git push origin HEAD:refs/heads/signed/one
	}
	web
	policy_edit '.log.unwitnessed = "warn" | .log.unwitnessed_hours = 1'
	# Nothing is old enough.
	later 0
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output != *warning* ]]
	later
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'sluice: warning: no quorum of the log'*'signed entry 0 of 20'* ]]
	policy_edit '.log.unwitnessed = "block"'
	later
	[ "$status" -ne 0 ]
	[[ $output == *'could not judge'*'signed entry 0 of '*'sluice log witness'* ]]
	n=$(evidence)
	sluice --json log show "$n" |
		json 'd.entry.predicate | [.verdict, .admitted]' |
		grep -qxF '["undecided",false]'
	sluice log witness
	later
	[ "$status" -eq 0 ] || fail "$output"
	# Then an entry of after it is what waits.
	next=$(sed -n 2p "$STATE/log/witnessed")
	later 9000
	[ "$status" -ne 0 ]
	[[ $output == *"signed entry $next of "* ]]
	# Asked for, they sign; without them, it is refused as before.
	policy_edit '.log.unwitnessed = "wait"'
	later 9000
	[ "$status" -eq 0 ] || fail "$output"
	[ "$(sed -n 2p "$STATE/log/witnessed")" -gt "$next" ]
	kill "$SERVER"
	later 20000
	[ "$status" -ne 0 ]
	[[ $output == *'could not judge'*'no quorum'* ]]
	# A file of witnesses that is gone lets nothing pass.
	rm "$STATE/witnesses"
	later 0
	[ "$status" -ne 0 ]
	[[ $output == *"could not judge"*witnesses* ]]
	policy_edit '.log.unwitnessed = "allow"'
	later 0
	[ "$status" -eq 0 ] || fail "$output"
}

@test "a log shown in two versions is caught, with the proof of it" {
	witnesses
	# A second history under the same key, from the same beginning.
	cp -a "$STATE" "$W/other"
	commit ada left -S
	git push -q origin HEAD:refs/heads/signed/left
	sluice log witness --request >"$W/ask"
	sluice witness --dir "$W/a" add "$W/ask" >/dev/null
	git reset -q --hard HEAD^
	git -C "$REPO" config sluice.state "$W/other"
	sed -i "s|$STATE|$W/other|g" "$REPO"/hooks/pre-receive \
		"$REPO"/hooks/post-receive
	commit bela right -S
	git push -q origin HEAD:refs/heads/signed/right
	n=$(sed -n 2p "$STATE/log/checkpoint")
	[ "$(sed -n 2p "$W/other/log/checkpoint")" -eq "$n" ]
	sluice --state "$W/other" log witness --request --old "$n" >"$W/ask2"
	run sluice witness --dir "$W/a" add "$W/ask2"
	[ "$status" -eq 1 ]
	[[ $output == *'another root than was signed of this size'* ]]
	# Both checkpoints, each under the log's own signature.
	fork=$(ls "$W/a/forks")
	[ "$(grep -c "^— gate.example.org/e2e " "$W/a/forks/$fork")" -eq 2 ]
	[ "$(grep -c "^$n\$" "$W/a/forks/$fork")" -eq 2 ]
	# The honest one goes on.
	run sluice witness --dir "$W/a" add "$W/ask"
	[ "$status" -eq 1 ]
	sluice log witness --request --old "$n" >"$W/ask"
	sluice witness --dir "$W/a" add "$W/ask" >/dev/null
}

@test "a mirror over HTTP grows, and tells of silence, loss and a fork" {
	local key
	key=$(sluice log key)
	web_log
	cp -a "$STATE" "$W/before"
	run sluice log mirror "http://127.0.0.1:$PORT/" "$W/m" --vkey "$key"
	[ "$status" -eq 0 ]
	[ "$output" = '3 entries, 3 of them new, verified' ]
	commit ada two -S
	git push -q origin HEAD:refs/heads/signed/one
	run sluice log mirror "http://127.0.0.1:$PORT" "$W/m" --vkey "$key" \
		--silence 1h --json
	[ "$status" -eq 0 ]
	[[ $output == '{"answer":"current",'*'"size":5,"was":3}' ]]
	sluice log verify --dir "$W/m" --vkey "$key"
	run sluice log mirror "$STATE/log" "$W/m" --vkey "$key" --silence soon
	[ "$status" -eq 64 ]
	# A backup was put back.
	run sluice log mirror "$W/before/log" "$W/m" --vkey "$key"
	[ "$status" -eq 1 ]
	[[ $output == SHRUNK:* ]]
	# And went on from there.
	sed -i "s|$STATE|$W/before|g" "$REPO"/hooks/pre-receive \
		"$REPO"/hooks/post-receive
	commit bela three -S
	git push -q origin HEAD:refs/heads/signed/other
	run sluice log mirror "$W/before/log" "$W/m" --vkey "$key"
	[ "$status" -eq 1 ]
	[[ $output == FORKED:* ]]
	[ "$(grep -c '^— gate.example.org/e2e ' "$W/m/fork")" -eq 2 ]
	sluice log verify --dir "$W/m" --vkey "$key"
	# Another's key.
	run sluice log mirror "$STATE/log" "$W/n" --vkey "$(cat "$W/a.vkey")"
	[ "$status" -eq 2 ]
	# Nobody there.
	servers_end
	run sluice log mirror "http://127.0.0.1:$PORT" "$W/m" --vkey "$key"
	[ "$status" -eq 2 ]
}

@test "what a witness is not asked rightly it says" {
	run sluice witness --dir "$W/a" init --name again
	[ "$status" -eq 2 ]
	run sluice witness --dir "$W/a" trust "$(sluice log key)"
	[ "$status" -eq 2 ]
	[[ $output == *already* ]]
	run sluice witness --dir "$W/none" key
	[ "$status" -eq 2 ]
	[[ $output == *'witness init'* ]]
	run sluice witness --dir "$W/a" cgi
	[ "$status" -eq 64 ]
	run sluice witness
	[ "$status" -eq 64 ]
	[ "$(sluice witness --dir "$W/a" key)" = "$(cat "$W/a.vkey")" ]
	# A policy that others can write is not obeyed.
	witnesses
	chmod 666 "$STATE/witnesses"
	run sluice log witness
	[ "$status" -eq 2 ]
	[[ $output == *chmod* ]]
	chmod 644 "$STATE/witnesses"
	sed -i 's/^quorum.*/quorum three/' "$STATE/witnesses"
	run sluice log witness
	[ "$status" -eq 2 ]
	[[ $output == *'line 5: a quorum that nothing defines'* ]]
}
