# An sshd and a web server of one's own, on a free port, for one test.

# free_port: one that nothing listens on now, below those that the system gives
# to whoever connects.
free_port() {
	local port
	while port=$((20000 + SRANDOM % 12000)); do
		if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			echo "$port"
			return
		fi
	done
}

# wait_for_port: until the server listens on $PORT.
wait_for_port() {
	for _ in {1..600}; do
		if (: <"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then
			return 0
		fi
		sleep 0.05
	done
	cat "$W"/server.log >&2
	fail "no server on port $PORT"
}

# ssh_start: everybody's key opens this account; REMOTE_USER says whose it was.
ssh_start() {
	PORT=$(free_port)
	mkdir -p "$W/ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$W/ssh/host"
	for who in $E2E_PEOPLE; do
		[ -e "$BATS_FILE_TMPDIR/keys/$who.pub" ] || continue
		printf 'restrict,environment="REMOTE_USER=%s" %s\n' "$who" \
			"$(cat "$BATS_FILE_TMPDIR/keys/$who.pub")"
	done >"$W/ssh/authorized_keys"
	cat >"$W/ssh/config" <<-END
	Port $PORT
	ListenAddress 127.0.0.1
	HostKey $W/ssh/host
	PidFile none
	AuthorizedKeysFile $W/ssh/authorized_keys
	StrictModes no
	UsePAM no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	PermitRootLogin yes
	PermitUserEnvironment REMOTE_USER
	SetEnv HOME=$HOME GIT_CONFIG_NOSYSTEM=1
	END
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	/usr/sbin/sshd -D -e -f "$W/ssh/config" >"$W/server.log" 2>&1 3>&- &
	SERVER=$!
	wait_for_port
}

# as_key WHO: ssh with that person's key, and nothing of this machine's.
as_key() {
	export GIT_SSH_COMMAND="ssh -F none -i $BATS_FILE_TMPDIR/keys/$1 -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
}

# http_start ROOT: git http-backend over the repositories below ROOT, at /git;
# everybody's password is secret-NAME.
http_start() {
	PORT=$(free_port)
	mkdir -p "$W/http"
	for who in $E2E_PEOPLE; do
		echo "$who:secret-$who"
	done >"$W/http/passwords"
	cat >"$W/http/config" <<-END
	server.document-root = "$W/http"
	server.bind = "127.0.0.1"
	server.port = $PORT
	server.errorlog = "$W/server.log"
	server.modules = ("mod_auth", "mod_authn_file", "mod_setenv",
	                  "mod_alias", "mod_cgi")
	alias.url = ("/git" => "$(git --exec-path)/git-http-backend")
	\$HTTP["url"] =~ "^/git" {
	  cgi.assign = ("" => "")
	  setenv.set-environment = (
	    "GIT_PROJECT_ROOT" => "$1", "GIT_HTTP_EXPORT_ALL" => "1",
	    "HOME" => "$HOME", "GIT_CONFIG_NOSYSTEM" => "1",
	    "PATH" => "$PATH")
	  auth.backend = "plain"
	  auth.backend.plain.userfile = "$W/http/passwords"
	  auth.require = ("" => ("method" => "basic", "realm" => "git",
	                         "require" => "valid-user"))
	}
	END
	/usr/sbin/lighttpd -D -f "$W/http/config" >>"$W/server.log" 2>&1 3>&- &
	SERVER=$!
	wait_for_port
}

# forge_start: a forge at $FORGE, http://127.0.0.1:$PORT/f, that says what
# forge_says tells it to, 404 to all else, and the status in $W/forge/status to
# everything while that is there. What it was asked is in $W/forge/log.
forge_start() {
	PORT=$(free_port)
	export FORGE=http://127.0.0.1:$PORT/f
	mkdir -p "$W/forge/answers"
	cat >"$W/forge/cgi" <<-'END'
	#!/bin/sh
	echo "$REQUEST_URI $HTTP_AUTHORIZATION$HTTP_PRIVATE_TOKEN" \
		>>"$FORGE_DIR/log"
	file=$FORGE_DIR/answers/$(printf %s "${REQUEST_URI#/f}" | sha256sum |
		cut -c1-64)
	status='200 OK'
	[ -e "$file" ] || status='404 Not Found' file=/dev/null
	[ ! -e "$FORGE_DIR/status" ] || status=$(cat "$FORGE_DIR/status")
	printf 'Status: %s\r\nContent-Type: application/json\r\n\r\n' "$status"
	cat "$file"
	END
	chmod +x "$W/forge/cgi"
	cat >"$W/forge/config" <<-END
	server.document-root = "$W/forge/answers"
	server.bind = "127.0.0.1"
	server.port = $PORT
	server.errorlog = "$W/server.log"
	server.modules = ("mod_setenv", "mod_alias", "mod_cgi")
	alias.url = ("/f" => "$W/forge/cgi")
	cgi.assign = ("" => "")
	setenv.set-environment = ("FORGE_DIR" => "$W/forge", "PATH" => "$PATH")
	END
	/usr/sbin/lighttpd -D -f "$W/forge/config" >>"$W/server.log" 2>&1 3>&- &
	SERVER=$!
	wait_for_port
}

# forge_says PATH BODY: what it answers when it is asked for PATH.
forge_says() {
	printf '%s' "$2" >"$W/forge/answers/$(printf %s "$1" | sha256sum |
		cut -c1-64)"
}

servers_end() {
	[ -z "${SERVER-}" ] || kill "$SERVER" 2>/dev/null || true
	SERVER=
}
