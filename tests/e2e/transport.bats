# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Pushing over ssh and over smart http, to servers as administrators run them.
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

@test "over ssh, one account, the key says who" {
	ssh_start
	git remote set-url origin "ssh://$(id -un)@127.0.0.1:$PORT$REPO"
	as_key ada
	commit ada one -S
	refused approval.too_few main
	n=$(evidence)
	[ "$(record "$n" 'p["pusher"]["name"]')" = ada ]
	[ "$(record "$n" 'p["pusher"]["source"]')" = REMOTE_USER ]
	[ "$(record "$n" 'p["pusher"]["transport"]')" = ssh ]
	[ "$(record "$n" 'p["pusher"]["address"]')" = 127.0.0.1 ]
	as bela "$SLUICE" --quiet approve main --for main \
		--repository team/app --push origin
	accepted main
	server_has refs/heads/main main
	# The same push by the approver would not have been theirs to make.
	commit ada two -S
	approve bela main main
	as_key bela
	refused approval.too_few main
	as_key ada
	accepted main
	sluice log verify
}

@test "over ssh the client cannot name the pusher" {
	ssh_start
	git remote set-url origin "ssh://$(id -un)@127.0.0.1:$PORT$REPO"
	as_key bela
	export GIT_SSH_COMMAND="$GIT_SSH_COMMAND -o SendEnv=REMOTE_USER -o SendEnv=GL_USERNAME"
	export REMOTE_USER=ada GL_USERNAME=ada
	accepted main:refs/heads/topic
	[ "$(record "$(evidence)" 'p["pusher"]["name"]')" = bela ]
}

@test "over smart http, the web server says who" {
	http_start "$W/srv"
	git remote set-url origin "http://ada:secret-ada@127.0.0.1:$PORT/git/team/app.git"
	commit ada one -S
	refused approval.too_few main
	n=$(evidence)
	[ "$(record "$n" 'p["pusher"]["name"]')" = ada ]
	[ "$(record "$n" 'p["pusher"]["source"]')" = REMOTE_USER ]
	[ "$(record "$n" 'p["pusher"]["transport"]')" = http ]
	[ "$(record "$n" 'p["pusher"]["address"]')" = 127.0.0.1 ]
	git remote set-url origin "http://bela:secret-bela@127.0.0.1:$PORT/git/team/app.git"
	approve bela main main
	refused approval.too_few main
	git remote set-url origin "http://ada:secret-ada@127.0.0.1:$PORT/git/team/app.git"
	accepted main
	server_has refs/heads/main main
	# A body too large for one request goes in chunks.
	head -c 3000000 /dev/urandom | base64 >big
	git add big
	as ada git commit -q -S -m big
	accepted main:refs/heads/signed/big
	sluice log verify
}

@test "over smart http a wrong password gets no further than the web server" {
	http_start "$W/srv"
	size=$(sluice log checkpoint | sed -n 2p)
	run git push "http://ada:wrong@127.0.0.1:$PORT/git/team/app.git" \
		main:refs/heads/topic
	[ "$status" -ne 0 ]
	[ "$(sluice log checkpoint | sed -n 2p)" = "$size" ]
}

@test "behind gitolite, a real one" {
	hosting=$W/hosting
	mkdir "$hosting"
	cp "$HOME/.gitconfig" "$hosting"
	git config --file "$hosting/.gitconfig" user.name gitolite
	git config --file "$hosting/.gitconfig" user.email gitolite@example.org
	HOME=$hosting gitolite setup -a ada >/dev/null 2>&1
	REPO=$hosting/repositories/testing.git
	# What sshd would run for the key of $1.
	cat >"$W/as-ssh" <<-END
	#!/bin/sh
	shift
	export HOME=$hosting SSH_CONNECTION='192.0.2.9 1 192.0.2.1 22'
	SSH_ORIGINAL_COMMAND="\$*" exec /usr/share/gitolite3/gitolite-shell ada
	END
	chmod 755 "$W/as-ssh"
	export GIT_SSH=$W/as-ssh GIT_SSH_VARIANT=simple
	git remote set-url origin host:testing
	git push -q origin main:refs/heads/signed/x
	sluice install --root "$hosting/repositories" --name team/testing "$REPO"
	commit ada unsigned
	refused signature.missing main:refs/heads/signed/x
	as ada git commit -q --amend --no-edit -S
	accepted main:refs/heads/signed/x
	server_has refs/heads/signed/x main
	n=$(evidence)
	[ "$(record "$n" 'p["pusher"]["name"]')" = ada ]
	[ "$(record "$n" 'p["pusher"]["source"]')" = GL_USER ]
	[ "$(record "$n" 'p["pusher"]["transport"]')" = ssh ]
	[ "$(record "$n" 'p["pusher"]["address"]')" = 192.0.2.9 ]
	# gitolite's own setup leaves the gate where it is.
	HOME=$hosting gitolite setup >/dev/null 2>&1
	sluice doctor "$REPO"
}
