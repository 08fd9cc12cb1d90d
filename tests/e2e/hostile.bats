# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Bytes nobody sane would push, through real pushes.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
	# The server takes what git's own checks would stop: the gate must
	# stand by itself.
	git --git-dir="$REPO" config receive.fsckObjects false
}

# write TYPE: the object at standard input, unchecked; its name.
write() {
	git hash-object --literally -t "$1" -w --stdin
}

@test "control characters and broken UTF-8 in messages reach nobody raw" {
	printf 'evil \033[2J\033]0;pwned\007 \202\377 \302\233 end\n\n\010\010\177 body\r\n' >"$W/m"
	echo x >x
	git add x
	as ada git commit -q --cleanup=verbatim -F "$W/m"
	refused signature.missing main
	n=$(evidence)
	output=$(sluice log show "$n")
	harmless
	sluice --json log show "$n" | json 'd' >/dev/null
}

@test "names of refs with broken UTF-8 and direction marks" {
	commit ada unsigned
	odd=$(printf 'refs/heads/signed/\342\200\256evil\377x')
	refused signature.missing "main:$odd"
	n=$(evidence)
	sluice --json log show "$n" | json 'd' >/dev/null
	as ada git commit -q --amend --no-edit -S
	accepted "main:$odd"
	n=$(evidence)
	record "$n" 'p["updates"][0]["ref"]' | grep -F '\xff'
	sluice log verify
}

@test "paths with newlines, control characters and broken UTF-8" {
	name=$(printf 'a\nb\033[31m\377c')
	cp "$BATS_FILE_TMPDIR/keys/mallory" "$name"
	git add -A
	as ada git commit -q -m 'odd path' -S
	run git push origin main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *' secret.'* ]]
	harmless
	sluice --json log show "$(evidence)" | json 'd' >/dev/null
}

@test "names and addresses of authors with control characters" {
	echo x >x
	git add x
	tree=$(git write-tree)
	c=$(printf 'tree %s\nparent %s\nauthor \033[31mada\377 <ada@\033example.org> 1700000000 +0000\ncommitter \033[2J <\007> 1700000000 +0000\n\nx\n' \
		"$tree" "$(git rev-parse main)" | write commit)
	refused signature.missing "$c:refs/heads/signed/x"
	sluice --json log show "$(evidence)" | json 'd' >/dev/null
}

@test "two signatures on one commit" {
	commit ada one -S
	git cat-file commit main >"$W/c"
	sed -n '/^gpgsig /,/^ -----END/p' "$W/c" >"$W/sig"
	sed "/^committer /r $W/sig" "$W/c" >"$W/two"
	c=$(write commit <"$W/two")
	refused signature.malformed "$c:refs/heads/signed/x"
	# Two armours in one header.
	commit bela two -S
	git cat-file commit main |
		sed -n '/^gpgsig /,/^ -----END/p' | sed 's/^gpgsig / /' \
		>"$W/more"
	sed "/^ -----END/r $W/more" "$W/c" >"$W/two"
	c=$(write commit <"$W/two")
	run git push origin "$c:refs/heads/signed/x"
	[ "$status" -ne 0 ]
	[[ $output == *'sluice: refused'* ]]
	[[ $output == *' signature.'* ]]
}

@test "a NUL in a commit, before and behind the signature" {
	commit ada one -S
	git cat-file commit main >"$W/c"
	{
		cat "$W/c"
		printf 'hidden\0text\n'
	} >"$W/nul"
	c=$(write commit <"$W/nul")
	run git push origin "$c:refs/heads/signed/x"
	[ "$status" -ne 0 ]
	[[ $output == *'sluice: refused'* ]]
	[[ $output == *' signature.'* ]]
	harmless
	sed 's/^author ada/author a\x00da/' "$W/c" >"$W/nul"
	c=$(write commit <"$W/nul")
	run git push origin "$c:refs/heads/signed/x"
	[ "$status" -ne 0 ]
	[[ $output == *'sluice: '* ]]
	harmless
}

@test "a signature taken from another commit" {
	commit ada one -S
	commit ada two -S
	git cat-file commit main~1 | sed -n '/^gpgsig /,/^ -----END/p' \
		>"$W/sig"
	git cat-file commit main | sed '/^gpgsig /,/^ -----END/d' |
		sed "/^committer /r $W/sig" >"$W/c"
	c=$(write commit <"$W/c")
	refused signature.bad "$c:refs/heads/signed/x"
}

@test "a commit changed after it was signed" {
	commit ada one -S
	c=$(git cat-file commit main | sed 's/^one.*/two/' | write commit)
	[ "$c" != "$(git rev-parse main)" ]
	refused signature.bad "$c:refs/heads/signed/x"
}

@test "a stranger's signature, and one in another's name" {
	commit mallory one -S
	refused signature.unknown_key main:refs/heads/signed/x
	git reset -q --hard HEAD~1
	echo x >x
	git add x
	as bela git commit -q -S -m x --author='ada <ada@example.org>'
	accepted main:refs/heads/signed/x
	as bela env GIT_COMMITTER_NAME=ada GIT_COMMITTER_EMAIL=ada@example.org \
		git commit -q -S --allow-empty -m y \
		--author='ada <ada@example.org>'
	refused signature.identity main:refs/heads/signed/x
}

@test "headers folded, doubled and out of order do not hide a signature" {
	commit ada one -S
	git cat-file commit main >"$W/c"
	tree=$(git rev-parse "main^{tree}")
	for edit in "s/^tree .*/tree $tree\ntree $tree/" \
		's/^gpgsig /gpgsig-sha256 /' 's/^gpgsig /x-gpgsig /' \
		's/^author \(.*\)/author \1\nauthor mallory <m@x> 1 +0000/'; do
		c=$(sed "1,/^$/ $edit" "$W/c" | write commit)
		run git push origin "$c:refs/heads/signed/x"
		[ "$status" -ne 0 ] || fail "went through: $edit"
		[[ $output == *'sluice: refused'* || $output == *'could not judge'* ]] ||
			fail "$edit: $output"
	done
}

@test "tags of tags: each must be signed" {
	as ada git tag -a -m inner inner main
	as ada git tag -s -m outer v9 inner
	refused signature.missing v9
	as bela git tag -s -m inner inner2 main
	as ada git tag -s -m outer v10 inner2
	accepted v10
}

@test "tags of blobs and trees" {
	as ada git tag -s -m blob v11 "$(git rev-parse main:README)"
	as ada git tag -s -m tree v12 'main^{tree}'
	for t in v11 v12; do
		run git push origin $t
		[[ $output == *'sluice: '* ]]
		[[ $output == *'evidence: '* ]]
	done
	as ada git tag -a -m blob v13 "$(git rev-parse main:README)"
	refused signature.missing v13
	# A branch that is no commit at all.
	run git push origin "$(git rev-parse main:README):refs/heads/main"
	[ "$status" -ne 0 ]
	sluice log verify
}

@test "a secret in a blob that only a tag names" {
	blob=$(git hash-object -w "$BATS_FILE_TMPDIR/keys/mallory")
	as ada git tag -a -m blob free-blob "$blob"
	# Another name than free-*: secrets are looked for there.
	run git push origin free-blob:refs/tags/blob
	[ "$status" -ne 0 ]
	[[ $output == *' secret.'* ]]
}

@test "a chain of tags as long as the push lets it be" {
	at=$(git rev-parse main)
	type=commit
	for i in {1..200}; do
		at=$(printf 'object %s\ntype %s\ntag t%d\ntagger x <x@x> 1 +0000\n\nx\n' \
			"$at" "$type" "$i" | write tag)
		type=tag
	done
	run git push origin "$at:refs/tags/v20"
	[ "$status" -ne 0 ]
	[[ $output == *'sluice: '* ]]
	harmless
}

@test "malformed lines on standard input" {
	zero=0000000000000000000000000000000000000000
	at=$(git rev-parse main)
	cd "$REPO"
	for text in 'x' "$zero $at" "$zero $at refs/heads/a" \
		"$zero $at refs/heads/a\n\n" "$zero $at heads/a\n" \
		"$zero ${at}0 refs/heads/a\n" "$zero ${at^^} refs/heads/a\n" \
		"$zero  $at refs/heads/a\n" \
		"$zero $at refs/heads/a\n$zero $at refs/heads/a\n" \
		"$zero $at refs/heads/a\0b\n" "\377\376\n" \
		"${zero}000000000000000000000000 ${at}000000000000000000000000 refs/heads/a\n"; do
		printf '%b' "$text" >"$W/in"
		run "$SLUICE" --state "$STATE" hook pre-receive <"$W/in"
		[ "$status" -eq 2 ] || fail "status $status for: $text: $output"
		[[ $output == *'could not judge'* || $output == *'sluice: '* ]]
		harmless
	done
	sluice log verify
}

@test "the same with garbage, many times" {
	cd "$REPO"
	for i in {1..20}; do
		head -c 3000 /dev/urandom >"$W/in"
		run "$SLUICE" --state "$STATE" hook pre-receive <"$W/in"
		[ "$status" -eq 2 ]
		harmless
	done
}

@test "an empty push, and hooks called with nonsense" {
	cd "$REPO"
	run "$SLUICE" --state "$STATE" hook update </dev/null
	[ "$status" -eq 64 ]
	run "$SLUICE" --state "$STATE" hook </dev/null
	[ "$status" -eq 64 ]
	cd "$W"
	printf '' | run "$SLUICE" --state "$STATE" hook pre-receive
	[ "$status" -ne 0 ]
}

@test "pusher's variables with control characters" {
	export GL_USERNAME=$'ada\e[31m\n"},{' GL_PROTOCOL=ssh
	accepted main:refs/heads/topic
	n=$(evidence)
	record "$n" 'p["pusher"]["name"]' | grep -F '\x1b'
	sluice log verify
}

@test "the name of the pusher, from every kind of server" {
	# who VARIABLES... : name, source, transport, address
	who() {
		run env "$@" git push origin +main:refs/heads/topic \
			:refs/heads/none
		run env "$@" git push origin "main:refs/heads/topic$RANDOM"
		[ "$status" -eq 0 ] || fail "$output"
		record "$(evidence)" 'p.pusher |
			[.name, .source, .transport, .address] |
			join(" ") | sub(" *$"; "")'
	}
	[ "$(who REMOTE_USER=ada REQUEST_METHOD=POST REMOTE_ADDR=192.0.2.1)" = \
		'ada REMOTE_USER http 192.0.2.1' ]
	[ "$(who GL_USER=ada SSH_CONNECTION='192.0.2.2 1 192.0.2.3 22' \
		SSH_ORIGINAL_COMMAND=git-receive-pack)" = \
		'ada GL_USER ssh 192.0.2.2' ]
	[ "$(who GITEA_PUSHER_NAME=ada SSH_ORIGINAL_COMMAND=git-receive-pack)" = \
		'ada GITEA_PUSHER_NAME ssh' ]
	[ "$(who GITEA_PUSHER_NAME=ada SSH_ORIGINAL_COMMAND=receive-pack)" = \
		'ada GITEA_PUSHER_NAME http' ]
	[ "$(who GL_USERNAME=ada GL_PROTOCOL=http)" = \
		'ada GL_USERNAME http' ]
	[ "$(who GITHUB_USER_LOGIN=ada GITHUB_USER_IP=192.0.2.4)" = \
		'ada GITHUB_USER_LOGIN local 192.0.2.4' ]
	[[ $(who X=y) == "$(id -un) "*' local' ]]
}

@test "a graft file and a shallow push hide nothing" {
	commit mallory unsigned
	commit ada signed -S
	mkdir -p "$REPO/info"
	git rev-parse main >"$REPO/info/grafts"
	refused signature.missing main:refs/heads/signed/x
	rm "$REPO/info/grafts"
	git clone -q --depth 1 "file://$WORK" "$W/shallow"
	cd "$W/shallow"
	run git push "$REPO" HEAD:refs/heads/signed/x
	[ "$status" -ne 0 ]
}
