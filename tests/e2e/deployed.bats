# bats sets status, output and stderr; each test is a subshell of its own.
# SERVER is for lib/servers.
# shellcheck disable=SC2154,SC2030,SC2031,SC2034
# What is running, held against the log; and refs held against the log.
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
}

teardown() {
	servers_end
}

# deployed STATUS OPTION...: sluice deployed, its table in $output.
deployed() {
	local want=$1
	shift
	run --separate-stderr sluice deployed "$@"
	[ "$status" -eq "$want" ] || fail "status $status: $output $stderr"
	harmless
}

# verdict VERDICT REVISION OPTION...: what the JSON says of one revision.
verdict() {
	local want=$1 revision=$2 got
	shift 2
	got=$(echo "$revision" | sluice deployed --json --revisions - "$@" \
		2>/dev/null | json 'd[0]["verdict"]') || true
	[ "$got" = "$want" ] || fail "$revision: '$got', not '$want'"
}

# history: $ADOPTED, $GATED (on free/a), $PARKED (on free/b), $REFUSED and
# $DARK, which the gate never saw.
history() {
	ADOPTED=$(git rev-parse HEAD)
	commit ada one
	GATED=$(git rev-parse HEAD)
	accepted HEAD:refs/heads/free/a
	commit ada two
	PARKED=$(git rev-parse HEAD)
	accepted HEAD:refs/heads/free/b
	commit ada three
	REFUSED=$(git rev-parse HEAD)
	refused signature.missing HEAD:refs/heads/main
	commit ada four
	DARK=$(git rev-parse HEAD)
}

# static_start FOLDER: its files over http, on this host; as they are now, not
# as they were a second ago.
static_start() {
	PORT=$(free_port)
	cat >"$W/static.conf" <<-END
	server.document-root = "$1"
	server.bind = "127.0.0.1"
	server.port = $PORT
	server.errorlog = "$W/server.log"
	server.stat-cache-engine = "disable"
	END
	/usr/sbin/lighttpd -D -f "$W/static.conf" >>"$W/server.log" 2>&1 3>&- &
	SERVER=$!
	wait_for_port
}

@test "each commit gets its verdict, from a list and from an inventory" {
	history
	printf '# what runs\nold %s\nnew %s\nb %s\nno %s\ndark %s\nv v1.0\n' \
		"$ADOPTED" "$GATED" "$PARKED" "$REFUSED" "$DARK" >"$W/list"
	deployed 1 --revisions "$W/list"
	diff - <(printf '%s\n' "$output" | sed 's/  */ /g' |
		sed -E 's/^(\S+) \S+ ([a-z ]+) (in team|accepted|refused|no entry|not the name).*/\1 \2/') <<-'END'
	old before the gate
	new gated
	b gated
	no rejected
	dark unknown
	v not evaluable
	END
	cat >"$W/inventory" <<-END
	[{"name": "api", "repository": "team/app", "revision": "$GATED", "node": 7},
	 {"name": "other", "repository": "team/web", "revision": "$GATED"},
	 "nonsense", {"name": 4}]
	END
	run --separate-stderr sluice deployed --json --inventory "$W/inventory"
	[ "$status" -eq 1 ]
	[ "$(json '[d[].verdict]' <<<"$output")" = \
		'["gated","gated elsewhere","not evaluable","not evaluable"]' ]
	[ "$(json '[d[0].node, d[0].entry, d[2].item, d[3].entry]' \
		<<<"$output")" = '[7,1,"nonsense",null]' ]
}

@test "the exit status tells bad from what cannot be told" {
	history
	deployed 0 --revisions - <<<"$GATED"
	deployed 1 --revisions - <<<"$ADOPTED"
	deployed 0 --allow-adopted --revisions - <<<"$ADOPTED"
	deployed 2 --revisions - <<<v1.0
	deployed 2 --revisions - </dev/null
	deployed 2 --inventory - <<<'[]'
	deployed 2 --inventory - <<<'{"name": "api"}'
	deployed 1 --revisions - <<<"v1.0"$'\n'"$DARK"
	deployed 64
	deployed 64 --revisions - --ref main <<<"$GATED"
	deployed 64 --revisions - --log "$STATE/log" <<<"$GATED"
	deployed 64 --revisions - surplus <<<"$GATED"
}

@test "narrowed to a repository or a ref, what came elsewhere will not do" {
	history
	verdict gated "$GATED" --repository team/app
	verdict 'gated elsewhere' "$GATED" --repository team/web
	verdict gated "$GATED" --ref 'refs/heads/free/*'
	verdict 'gated elsewhere' "$GATED" --ref 'refs/tags/*'
	verdict 'gated elsewhere' "$PARKED" --ref refs/heads/free/a
	# It was in the push to main that was refused: that says more.
	verdict rejected "$GATED" --ref refs/heads/main
	verdict rejected "$REFUSED" --ref refs/heads/main
	# It follows to a/: no commit is new there, and yet that is its tip.
	accepted "$PARKED:refs/heads/free/a"
	verdict gated "$PARKED" --ref refs/heads/free/a
}

@test "short names are looked up when only one commit begins so" {
	history
	verdict gated "${GATED:0:10}"
	verdict unknown "${DARK:0:10}"
	verdict 'not evaluable' "${GATED:0:6}"
	verdict gated "$(tr a-f A-F <<<"$GATED")"
	verdict dirty "$GATED-dirty"
	verdict 'not evaluable' "sha256:$GATED"
}

@test "worktrees: gated, dark, edited behind git's back, and none" {
	history
	for n in good dark edited extra; do
		git clone -q "$WORK" "$W/$n"
		git -C "$W/$n" checkout -q "$GATED"
	done
	git -C "$W/dark" checkout -q "$DARK"
	git -C "$W/edited" update-index --assume-unchanged README
	echo evil >"$W/edited/README"
	[ -z "$(git -C "$W/edited" status --porcelain)" ]
	mkdir "$W/extra/plugins"
	echo evil >"$W/extra/plugins/a$(printf '\033')[31m.php"
	deployed 0 --worktree "$W/good"
	deployed 1 --worktree "$W/dark"
	[[ $output == *unknown* ]]
	deployed 1 --worktree "$W/edited"
	[[ $output == *dirty*"changed 'README'"* ]]
	deployed 1 --worktree "$W/extra"
	[[ $output == *dirty*"untracked 'plugins/a\x1b[31m.php'"* ]]
	deployed 2 --worktree "$W/good" --worktree "$W/none"
	[[ $output == *' gated '*'not evaluable'* ]]
	# A worktree on another account is not silently believed, or refused.
	if [ "$(id -u)" -eq 0 ]; then
		chown -R 65534 "$W/good"
		deployed 2 --worktree "$W/good"
		[[ $output == *safe.directory* ]]
	fi
}

@test "a log elsewhere, as a folder and from any web server" {
	# More commits than an entry holds: they are in a list beside it.
	git checkout -q -b many
	git fast-import --quiet --force <<-END
	$(for i in $(seq 600); do
		printf 'commit refs/heads/many\ncommitter a <a@b> %d +0000\n' \
			$((1700000000 + i))
		printf 'data <<E\nn%d\nE\n' "$i"
		[ "$i" -gt 1 ] || printf 'from refs/heads/main^0\n'
	done)
	END
	git checkout -q main
	history
	accepted many:refs/heads/free/many
	deep=$(git rev-parse many~300)
	printf '%s\n' "$GATED" "$PARKED" "$REFUSED" "$DARK" "$deep" >"$W/list"
	[ -n "$(ls "$STATE/log/lists")" ]
	sluice deployed --json --revisions "$W/list" >"$W/own" 2>/dev/null ||
		[ $? -eq 1 ]
	[ "$(json 'd[4]["verdict"]' <"$W/own")" = gated ]
	# There nobody has the keys.
	sed -i 's/"compromised": false/"compromised": null/' "$W/own"
	cp -r "$STATE/log" "$W/copy"
	key=$(cat "$STATE/log.vkey")
	static_start "$W"
	for from in "$W/copy" "http://127.0.0.1:$PORT/copy" \
		"http://localhost:$PORT/copy/"; do
		"$SLUICE" --state "$W/none" deployed --json --log "$from" \
			--vkey "$key" --revisions "$W/list" >"$W/there" \
			2>"$W/err" || [ $? -eq 1 ] || fail "$(cat "$W/err")"
		diff "$W/own" "$W/there"
	done
	# The key may stand in a file.
	"$SLUICE" deployed --log "$W/copy" --vkey "$STATE/log.vkey" \
		--revisions - <<<"$GATED"
}

@test "a log that does not check is not believed, wherever it is from" {
	history
	key=$(cat "$STATE/log.vkey")
	rules_give "$W/other/cache"
	"$SLUICE" --state "$W/other" --quiet init \
		--origin gate.example.org/e2e >/dev/null
	cp -r "$STATE/log" "$W/copy"
	static_start "$W"
	for from in "$W/copy" "http://127.0.0.1:$PORT/copy"; do
		deployed 0 --log "$from" --vkey "$key" --revisions - <<<"$GATED"
		deployed 2 --log "$from" --vkey "$W/other/log.vkey" \
			--revisions - <<<"$GATED"
	done
	bundle=$W/copy/tile/entries/000.p/$(sed -n 2p "$W/copy/checkpoint")
	LC_ALL=C sed -i 's!free/a!free/z!' "$bundle"
	deployed 2 --log "$W/copy" --vkey "$key" --revisions - <<<"$GATED"
	deployed 2 --log "http://127.0.0.1:$PORT/copy" --vkey "$key" \
		--revisions - <<<"$GATED"
	rm "$bundle"
	deployed 2 --log "$W/copy" --vkey "$key" --revisions - <<<"$GATED"
	deployed 2 --log "http://127.0.0.1:$PORT/copy" --vkey "$key" \
		--revisions - <<<"$GATED"
	deployed 2 --log "http://127.0.0.1:$PORT/none" --vkey "$key" \
		--revisions - <<<"$GATED"
	# A log of this host that was changed, index and all.
	bundle=$STATE/log/tile/entries/000.p/$(sed -n 2p "$W/copy/checkpoint")
	LC_ALL=C sed -i 's!free/a!free/z!' "$bundle"
	run --separate-stderr sluice deployed --revisions - <<<"$GATED"
	[ "$status" -eq 2 ] || fail "status $status: $output $stderr"
}

@test "over https only a server that its authority vouches for" {
	history
	key=$(cat "$STATE/log.vkey")
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost \
		-keyout "$W/tls.key" -out "$W/tls.pem" 2>/dev/null
	PORT=$(free_port)
	(cd "$STATE/log" && exec openssl s_server -quiet -WWW \
		-accept "127.0.0.1:$PORT" -key "$W/tls.key" \
		-cert "$W/tls.pem" >>"$W/server.log" 2>&1 3>&-) &
	SERVER=$!
	wait_for_port
	deployed 2 --log "https://localhost:$PORT" --vkey "$key" \
		--revisions - <<<"$GATED"
	[[ $stderr == *certificate* && $stderr == *--ca-file* ]]
	deployed 0 --log "https://localhost:$PORT" --vkey "$key" \
		--ca-file "$W/tls.pem" --revisions - <<<"$GATED"
	# The certificate is for another name.
	deployed 2 --log "https://127.0.0.1:$PORT" --vkey "$key" \
		--ca-file "$W/tls.pem" --revisions - <<<"$GATED"
	# And no plain http to anywhere but here.
	deployed 2 --log http://192.0.2.1/log --vkey "$key" \
		--revisions - <<<"$GATED"
	[[ $stderr == *'only https'* ]]
}

# audited STATUS TEXT...: sluice audit of the repository says each TEXT.
audited() {
	local want=$1
	shift
	run --separate-stderr sluice audit "$REPO"
	[ "$status" -eq "$want" ] || fail "status $status: $output $stderr"
	harmless
	for text; do
		[[ $output == *"$text"* ]] || fail "no '$text': $output"
	done
}

@test "audit finds what went round the gate, and nothing else" {
	history
	accepted HEAD:refs/heads/free/c
	audited 0
	run sluice audit
	[ "$status" -eq 0 ]
	git --git-dir="$REPO" update-ref refs/heads/free/a "$ADOPTED"
	audited 1 "refs/heads/free/a moved outside the gate: it is at ${ADOPTED:0:12}" \
		"left it at ${GATED:0:12}"
	git --git-dir="$REPO" update-ref refs/heads/free/a "$GATED"
	audited 0
	git --git-dir="$REPO" update-ref -d refs/heads/free/b
	git --git-dir="$REPO" update-ref refs/heads/evil "$DARK"
	git --git-dir="$REPO" update-ref refs/keep-around/1 "$DARK"
	audited 1 'refs/heads/free/b deleted outside the gate' \
		'refs/heads/evil created outside the gate' \
		'1 refs made by the forge'
	run --separate-stderr sluice audit --json "$REPO"
	[ "$(json '[d[] | select(.gap).kind] | sort' <<<"$output")" = \
		'["created outside the gate","deleted outside the gate"]' ]
}

@test "audit misses no hook and no outcome" {
	history
	mv "$REPO/hooks/post-receive" "$W/kept"
	accepted "$DARK:refs/heads/free/d"
	audited 1 'hook missing' 'refs/heads/free/d applied, no outcome'
	verdict 'decided, not applied' "$DARK"
	mv "$W/kept" "$REPO/hooks/post-receive"
	chmod -x "$REPO/hooks/pre-receive"
	audited 1 'hook disabled'
	rm "$REPO/hooks/pre-receive"
	printf '#!/bin/sh\n' >"$REPO/hooks/pre-receive"
	chmod +x "$REPO/hooks/pre-receive"
	audited 1 'hook replaced'
}

@test "audit: a policy that changed, a push that was never carried out" {
	history
	# Another hook behind the gate refuses: decided, and nothing happened.
	printf '#!/bin/sh\nexit 1\n' >"$REPO/hooks/update"
	chmod +x "$REPO/hooks/update"
	run git push origin "$DARK:refs/heads/free/d"
	[ "$status" -ne 0 ]
	rm "$REPO/hooks/update"
	echo >>"$STATE/policy.json"
	audited 0 'refs/heads/free/d decided, not applied' \
		'policy is another one'
	verdict 'decided, not applied' "$DARK"
	run sluice audit "$W"
	[ "$status" -eq 2 ]
}
