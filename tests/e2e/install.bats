# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Installing, what was there before, and whether the gate is really closed.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
	NEW=$W/srv/team/new.git
	git init -q --bare "$NEW"
}

# snapshot DIR: names, kinds, modes, link targets and bytes of all in it.
snapshot() {
	(cd "$1" && find . \( -path ./objects -prune \) -o \
		-printf '%p %y %m %l\n' | sort
		find . -type f ! -path './objects/*' -print0 | sort -z |
			xargs -0 sha256sum)
}

@test "uninstall gives back what was there, to the byte" {
	printf '#!/bin/sh\necho was here\n' >"$NEW/hooks/pre-receive"
	chmod 751 "$NEW/hooks/pre-receive"
	printf '#!/bin/sh\n' >"$W/dispatch"
	chmod 755 "$W/dispatch"
	ln -s ../../../../dispatch "$NEW/hooks/post-receive"
	before=$(snapshot "$NEW")
	sluice install "$NEW"
	[ "$(snapshot "$NEW")" != "$before" ]
	grep -q "team/new	$NEW" "$STATE/repositories"
	sluice uninstall "$NEW"
	diff <(echo "$before") <(snapshot "$NEW")
	not grep -q "$NEW" "$STATE/repositories"
}

@test "uninstall gives back a repository that had no hooks folder" {
	rm -r "$NEW/hooks"
	before=$(snapshot "$NEW")
	sluice install "$NEW"
	sluice uninstall "$NEW"
	diff <(echo "$before") <(snapshot "$NEW")
}

@test "uninstall gives back what --push-options changed" {
	before=$(snapshot "$NEW")
	sluice install --push-options "$NEW"
	sluice install --push-options "$NEW"
	[ "$(git --git-dir="$NEW" config receive.advertisePushOptions)" = true ]
	sluice uninstall "$NEW"
	diff <(echo "$before") <(snapshot "$NEW")
	git --git-dir="$NEW" config receive.advertisePushOptions no
	before=$(snapshot "$NEW")
	sluice install --push-options "$NEW"
	sluice uninstall "$NEW"
	diff <(echo "$before") <(snapshot "$NEW")
}

@test "uninstall gives back what --push-certificates changed" {
	key=receive.certNonceSeed
	chmod 640 "$NEW/config"
	before=$(snapshot "$NEW")
	sluice install --push-certificates "$NEW"
	seed=$(git --git-dir="$NEW" config "$key")
	[[ $seed =~ ^[0-9a-f]{64}$ ]]
	[ "$(git --git-dir="$NEW" config receive.certNonceSlop)" = 300 ]
	[ "$(stat -c %a "$NEW/config")" = 640 ]
	sluice install --push-certificates --push-options "$NEW"
	[ "$(git --git-dir="$NEW" config "$key")" = "$seed" ]
	sluice uninstall "$NEW"
	diff <(echo "$before") <(snapshot "$NEW")
	# What was set before stays as it was, in whatever form.
	printf '[receive]\n\tcertnonceseed = "mine" ; a comment\n' >>"$NEW/config"
	before=$(snapshot "$NEW")
	sluice install --push-certificates "$NEW"
	[ "$(git --git-dir="$NEW" config "$key")" = mine ]
	[ "$(git --git-dir="$NEW" config receive.certNonceSlop)" = 300 ]
	sluice uninstall "$NEW"
	diff <(echo "$before") <(snapshot "$NEW")
	git --git-dir="$NEW" config receive.certNonceSlop 7
	before=$(snapshot "$NEW")
	sluice install --push-certificates "$NEW"
	sluice uninstall "$NEW"
	diff <(echo "$before") <(snapshot "$NEW")
	# Somebody else is writing the file.
	git --git-dir="$NEW" config --remove-section receive
	touch "$NEW/config.lock"
	not sluice install --push-certificates "$NEW"
	rm "$NEW/config.lock"
	# Two repositories, two seeds, and nothing of either where all can look.
	sluice install --push-certificates "$NEW" "$REPO"
	[ "$(git --git-dir="$NEW" config "$key")" != \
		"$(git --git-dir="$REPO" config "$key")" ]
	not grep -rq "$(git --git-dir="$NEW" config "$key")" "$STATE"
}

@test "doctor: certificates that are demanded and never asked for" {
	sed -i 's/"by": \["@maintainers", "ci"\]}/"by": ["@maintainers"], "push_certificate": "required"}/' \
		"$STATE/policy.json"
	run sluice doctor
	[ "$status" -eq 1 ]
	[[ $output == *'BAD     push certs'*'no receive.certNonceSeed'* ]]
	[[ $output == *'hint: sluice install --push-certificates'* ]]
	git config --global receive.certNonceSeed shared
	run sluice doctor
	[ "$status" -eq 0 ]
	[[ $output == *'WARN    push certs'*'is not its own'* ]]
	git config --global --unset receive.certNonceSeed
	sluice install --push-certificates "$REPO"
	run sluice doctor
	[ "$status" -eq 0 ]
	[[ $output == *'WARN    push certs'*'every account of this machine'* ]]
	chmod 600 "$REPO/config"
	run sluice doctor
	[ "$status" -eq 0 ]
	[[ $output == *'WARN    push certs'*"no addresses of 'team/app'"* ]]
	[[ $output != *'ok      push certs'* ]]
	sed -i "s|\"match\": \[\"team/\*\"\],|& \"urls\": [\"$W/srv/{repository}.git\"],|" \
		"$STATE/policy.json"
	run sluice doctor
	[ "$status" -eq 0 ]
	[[ $output == *'ok      push certs'* ]]
	[[ $output != *'WARN    push certs'* ]]
}

@test "installing twice changes nothing the second time" {
	sluice install "$NEW"
	before=$(snapshot "$NEW")
	size=$(sluice log checkpoint | sed -n 2p)
	run sluice install "$NEW"
	[ "$status" -eq 0 ]
	[[ $output == *'already gated'* ]]
	diff <(echo "$before") <(snapshot "$NEW")
	[ "$(sluice log checkpoint | sed -n 2p)" = "$size" ]
}

@test "uninstalling twice is harmless" {
	sluice install "$NEW"
	sluice uninstall "$NEW"
	run sluice uninstall "$NEW"
	[ "$status" -eq 0 ]
	[[ $output == *'was not gated'* ]]
}

@test "history that is there is adopted" {
	git push -q "$NEW" main main:refs/heads/other
	run sluice install "$NEW"
	[ "$status" -eq 0 ]
	[[ $output == *'adopted 2 refs and 1 commit '* ]]
	n=$(evidence)
	[ "$(record "$n" 'p["kind"]')" = adopt ]
	[ "$(record "$n" 'p["commits"]')" = "[\"$(git rev-parse main)\"]" ]
	[ "$(record "$n" 'p.updates | length')" = 2 ]
}

@test "the previous hook runs after the gate, and may still refuse" {
	cat >"$NEW/hooks/pre-receive" <<-'END'
	#!/bin/sh
	echo "previous saw: $(wc -l) in $PWD, quarantine ${GIT_QUARANTINE_PATH:+set}"
	test ! -e refuse
	END
	cat >"$NEW/hooks/post-receive" <<-'END'
	#!/bin/sh
	cat >previous-post
	END
	chmod 755 "$NEW"/hooks/*-receive
	sluice install "$NEW"
	git remote set-url origin "$NEW"
	REPO=$NEW
	accepted main:refs/heads/one main:refs/heads/two
	[[ $output == *"previous saw: 2 in $NEW, quarantine set"* ]]
	[ "$(wc -l <"$NEW/previous-post")" = 2 ]
	touch "$NEW/refuse"
	run git push origin main:refs/heads/three
	[ "$status" -ne 0 ]
	[[ $output == *'previous saw'* ]]
	commit ada unsigned
	refused signature.missing main:refs/heads/signed/x
	[[ $output != *'previous saw'* ]]
}

@test "a previous hook that is gone refuses" {
	printf '#!/bin/sh\n' >"$NEW/hooks/pre-receive"
	chmod 755 "$NEW/hooks/pre-receive"
	sluice install "$NEW"
	rm "$NEW/hooks/pre-receive.sluice-previous"
	run git push "$NEW" main:refs/heads/x
	[ "$status" -ne 0 ]
	[[ $output == *'cannot run the previous'* ]]
	run sluice doctor "$NEW"
	[ "$status" -eq 1 ]
	run sluice uninstall "$NEW"
	[ "$status" -eq 2 ]
	[[ $output == *'gone'* ]]
}

@test "a hook that was edited is not removed" {
	sluice install "$NEW"
	echo 'exit 0' >>"$NEW/hooks/pre-receive"
	run sluice uninstall "$NEW"
	[ "$status" -eq 2 ]
	[[ $output == *'edited'* ]]
	[ -e "$NEW/hooks/post-receive" ]
}

@test "Gitea and Forgejo: an entry among others" {
	mkdir "$NEW"/hooks/{pre,post}-receive.d
	for h in pre-receive post-receive; do
		cat >"$NEW/hooks/$h" <<-'END'
		#!/usr/bin/env bash
		data=$(cat)
		exitcodes=""
		hookname=$(basename $0)
		GIT_DIR=${GIT_DIR:-$(dirname $0)/..}
		for hook in ${GIT_DIR}/hooks/${hookname}.d/*; do
		  test -x "${hook}" && test -f "${hook}" || continue
		  echo "${data}" | "${hook}"
		  exitcodes="${exitcodes} $?"
		done
		for i in ${exitcodes}; do
		  [ ${i} -eq 0 ] || exit ${i}
		done
		END
		printf '#!/bin/sh\necho "Gitea: checked"\n' \
			>"$NEW/hooks/$h.d/gitea"
		chmod 755 "$NEW/hooks/$h" "$NEW/hooks/$h.d/gitea"
	done
	git push -q "$NEW" main:refs/heads/signed/x
	before=$(snapshot "$NEW/hooks")
	sluice install "$NEW"
	[ -x "$NEW/hooks/pre-receive.d/sluice" ]
	git remote set-url origin "$NEW"
	export GITEA_PUSHER_NAME=ada SSH_ORIGINAL_COMMAND=gitea-internal
	accepted main:refs/heads/x
	n=$(evidence)
	[ "$(record "$n" 'p["pusher"]["name"]')" = ada ]
	[ "$(record "$n" 'p["pusher"]["transport"]')" = web ]
	commit ada unsigned
	refused signature.missing main:refs/heads/signed/x
	sluice doctor "$NEW"
	sluice uninstall "$NEW"
	diff <(echo "$before") <(snapshot "$NEW/hooks")
}

@test "GitLab: the folder custom_hooks" {
	git push -q "$NEW" main:refs/heads/signed/x
	sluice install --gitlab "$NEW"
	[ -x "$NEW/custom_hooks/pre-receive" ]
	sluice doctor "$NEW"
	before=$(snapshot "$NEW")
	sluice install "$NEW"
	diff <(echo "$before") <(snapshot "$NEW")
	# As Gitaly runs it: no GIT_QUARANTINE_PATH, hook found by hand.
	cat >"$NEW/hooks/pre-receive" <<-'END'
	#!/bin/sh
	unset GIT_QUARANTINE_PATH
	exec env GL_USERNAME=ada GL_PROTOCOL=web custom_hooks/pre-receive
	END
	chmod 755 "$NEW/hooks/pre-receive"
	git remote set-url origin "$NEW"
	commit ada one -S
	accepted main:refs/heads/signed/x
	n=$(evidence)
	[ "$(record "$n" 'p["pusher"]["source"]')" = GL_USERNAME ]
	[ "$(record "$n" 'p["pusher"]["transport"]')" = web ]
	rm "$NEW/hooks/pre-receive"
	sluice uninstall "$NEW"
	[ ! -e "$NEW/custom_hooks" ]
}

@test "core.hooksPath of the repository is honoured" {
	git --git-dir="$NEW" config core.hooksPath own-hooks
	sluice install "$NEW"
	[ -x "$NEW/own-hooks/pre-receive" ]
	commit ada unsigned
	run git push "$NEW" main:refs/heads/signed/x
	[ "$status" -ne 0 ]
	[[ $output == *'sluice: refused'* ]]
	sluice uninstall "$NEW"
	[ ! -e "$NEW/own-hooks" ]
}

@test "core.hooksPath from elsewhere is found out" {
	sluice install "$NEW"
	git config --global core.hooksPath /nowhere
	run sluice doctor "$NEW"
	[ "$status" -eq 1 ]
	[[ $output == *'never run'* ]]
	git init -q --bare "$W/srv/team/more.git"
	run sluice install "$W/srv/team/more.git"
	git config --global --unset core.hooksPath
	[ "$status" -eq 2 ]
	[[ $output == *'never run'* ]]
	[ ! -e "$W/srv/team/more.git/hooks/pre-receive" ]
}

@test "names: from the path, below a root, chosen, taken" {
	mkdir -p "$W/srv/a/b"
	git init -q --bare "$W/srv/a/b/c.git"
	sluice install --root "$W/srv" "$W/srv/a/b/c.git"
	grep -q "^a/b/c	" "$STATE/repositories"
	run sluice install --name a/b/c "$NEW"
	[ "$status" -eq 64 ]
	[[ $output == *'already the name'* ]]
	[ ! -e "$NEW/hooks/pre-receive" ]
	run sluice install --name 'bad name' "$NEW"
	[ "$status" -eq 64 ]
}

@test "a path with ':' and with quotes" {
	odd="$W/srv/it's a:\"path\".git"
	git init -q --bare "$odd"
	git remote add odd "$odd"
	git push -q odd main:refs/heads/signed/x
	sluice install --name team/odd "$odd"
	commit ada unsigned
	run git push odd main:refs/heads/signed/x
	[ "$status" -ne 0 ]
	[[ $output == *signature.missing* ]]
	as ada git commit -q --amend --no-edit -S
	git push odd main:refs/heads/signed/x
	sluice doctor "$odd"
}

@test "a repository that moved refuses until it is installed again" {
	sluice install "$NEW"
	mv "$NEW" "$W/srv/team/moved.git"
	run git push "$W/srv/team/moved.git" main:refs/heads/x
	[ "$status" -ne 0 ]
	[[ $output == *install* ]]
	sluice install "$W/srv/team/moved.git"
	git push "$W/srv/team/moved.git" main:refs/heads/x
	grep -q "^team/new	$W/srv/team/moved.git\$" "$STATE/repositories"
}

@test "what cannot be gated is said clearly" {
	git init -q --bare --object-format=sha256 "$W/srv/sha256.git"
	run sluice install "$W/srv/sha256.git"
	[ "$status" -eq 2 ]
	[[ $output == *SHA-256* ]]
	[ ! -e "$W/srv/sha256.git/hooks/pre-receive" ]
	run sluice install "$WORK"
	[ "$status" -eq 2 ]
	[[ $output == *'work tree'* ]]
	run sluice install "$WORK/.git"
	[ "$status" -eq 2 ]
	[[ $output == *'work tree'* ]]
	run sluice install "$W/none.git"
	[ "$status" -eq 2 ]
	[[ $output == *'No such file'* ]]
	run sluice install "$W"
	[ "$status" -eq 2 ]
	[[ $output == *'not a Git repository'* ]]
	run sluice install "$WORK/README"
	[ "$status" -eq 2 ]
	run sluice install
	[ "$status" -eq 64 ]
}

@test "what cannot be read is not touched" {
	git --git-dir="$NEW" config core.repositoryFormatVersion 1
	git --git-dir="$NEW" config extensions.partialClone origin
	before=$(snapshot "$NEW")
	known=$(cat "$STATE/repositories")
	run sluice install "$NEW"
	[ "$status" -eq 2 ]
	[[ $output == *partialclone*'nothing was changed'* ]] || fail "$output"
	diff <(echo "$before") <(snapshot "$NEW")
	[ "$(cat "$STATE/repositories")" = "$known" ]
	# A form of refs, say, that git itself does not know.
	git --git-dir="$NEW" config --unset extensions.partialClone
	git --git-dir="$NEW" config extensions.ofTomorrow yes
	run sluice install "$NEW"
	[ "$status" -eq 2 ]
	[[ $output == *'extension found: oftomorrow'* ]] || fail "$output"
}

@test "links, spaces, borrowed objects, settings of one's own" {
	policy_edit '.repositories[0].match = ["**"]'
	git init -q --bare "$W/srv/a b's \$c.git"
	ln -s "a b's \$c.git" "$W/srv/link.git"
	git clone -q --bare --shared "$REPO" "$W/srv/borrows.git"
	git init -q --bare "$W/srv/strict.git"
	for setting in receive.denyDeletes receive.fsckObjects \
		receive.denyNonFastForwards core.logAllRefUpdates; do
		git --git-dir="$W/srv/strict.git" config "$setting" true
	done
	git --git-dir="$W/srv/strict.git" config receive.unpackLimit 1
	git --git-dir="$W/srv/strict.git" config transfer.hideRefs \
		refs/heads/sluice-doctor
	commit ada more -S
	for repo in link borrows strict; do
		before=$(snapshot "$W/srv/$repo.git/hooks" &&
			cat "$W/srv/$repo.git/config")
		sluice install --name "team/$repo" "$W/srv/$repo.git"
		run git push "$W/srv/$repo.git" HEAD:refs/heads/free/one
		[ "$status" -eq 0 ] || fail "$repo: $output"
		[[ $output == *'sluice: accepted'* ]] || fail "$repo: $output"
		run git push "$W/srv/$repo.git" HEAD:refs/heads/main
		[ "$status" -ne 0 ] || fail "$repo: $output"
		run sluice doctor "$W/srv/$repo.git"
		[ "$status" -eq 0 ] || fail "$repo: $output"
		run sluice audit "$W/srv/$repo.git"
		[ "$status" -eq 0 ] || fail "$repo: $output"
		sluice uninstall "$W/srv/$repo.git"
		diff <(echo "$before") <(snapshot "$W/srv/$repo.git/hooks" &&
			cat "$W/srv/$repo.git/config")
	done
	# A name with a line end would be two lines in a list.
	git init -q --bare "$W/srv/"$'new\nline.git'
	run sluice install "$W/srv/"$'new\nline.git'
	[ "$status" -eq 2 ]
	[[ $output == *'control characters in its path'* ]] || fail "$output"
}

@test "a repository on a disk that cannot be written" {
	if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
		skip 'needs root, to mount'
	fi
	# shellcheck disable=SC2016
	run unshare -m sh -c 'mount --bind "$1" "$1" &&
		mount -o remount,ro,bind "$1" && "$2" --state "$3" install "$1"' \
		- "$NEW" "$SLUICE" "$STATE"
	[ "$status" -eq 2 ]
	[[ $output == *'cannot write to'*'Read-only file system'* ]] ||
		fail "$output"
	not grep -q "$NEW" "$STATE/repositories"
}

@test "a SHA-256 repository behind the hook is refused with one clear line" {
	sluice install "$NEW"
	rm -r "$NEW/objects" "$NEW/refs"
	git init -q --bare --object-format=sha256 "$W/s.git"
	cp -r "$W/s.git/objects" "$W/s.git/refs" "$NEW"
	git --git-dir="$NEW" config core.repositoryFormatVersion 1
	git --git-dir="$NEW" config extensions.objectFormat sha256
	git init -q --object-format=sha256 "$W/c"
	cd "$W/c"
	as ada git commit -q --allow-empty -m x
	run git push "$NEW" main:refs/heads/x
	[ "$status" -ne 0 ]
	[[ ${output,,} == *sha*256* ]]
	[ -z "$(git --git-dir="$NEW" for-each-ref)" ]
}

@test "the environment of a push chooses nothing" {
	mkdir "$W/fake"
	printf '#!/bin/sh\nexit 0\n' >"$W/fake/sluice"
	cp "$W/fake/sluice" "$W/fake/git"
	chmod 755 "$W"/fake/*
	commit ada unsigned
	# PATH is given to the server's side alone.
	printf '#!/bin/sh\nPATH=%s:$PATH SLUICE_STATE=/nowhere XDG_STATE_HOME=/nowhere exec git-receive-pack "$@"\n' \
		"$W/fake:$(git --exec-path)" >"$W/receive"
	chmod 755 "$W/receive"
	run git push --receive-pack="$W/receive" origin main
	[ "$status" -ne 0 ]
	[[ $output == *signature.missing* ]]
}

@test "doctor: a closed gate is told from each kind of open one" {
	sluice doctor
	sluice doctor --json | json 'd["bad"]' | grep -qx 0
	# one COMMAND TEXT: broken so, doctor says TEXT and fails.
	broken() {
		run sluice doctor
		[ "$status" -eq 1 ] || fail "passed: $output"
		[[ $output == *"$1"* ]] || fail "no '$1': $output"
		run sluice doctor --json
		[ "$status" -eq 1 ]
	}
	hook=$REPO/hooks/pre-receive
	cp -p "$hook" "$W/hook"

	chmod 644 "$hook"
	broken 'not executable'
	rm "$hook"
	broken 'is not there'
	printf '#!/bin/sh\nexit 0\n' >"$hook"
	chmod 755 "$hook"
	broken "is not sluice's"
	sed 's/^exec/: exec/' "$W/hook" >"$hook"
	broken 'edited'
	cp -p "$W/hook" "$hook"
	chmod 775 "$hook"
	broken 'others than its owner may write'
	cp -p "$W/hook" "$hook"
	sed "s|--state '[^']*'|--state '/nowhere'|" "$W/hook" >"$hook"
	broken 'another state folder'
	sed "s|exec '[^']*'|exec '/nowhere/sluice'|" "$W/hook" >"$hook"
	broken '/nowhere/sluice'
	cp -p "$W/hook" "$hook"

	for f in index.db repositories log log/checkpoint vault cache; do
		chmod g+w "$STATE/$f"
		broken "others than its owner may write '$STATE/$f' (mode "
		chmod g-w "$STATE/$f"
	done
	chmod 640 "$STATE/log.key"
	broken 'log.key'
	chmod 600 "$STATE/log.key"
	mv "$STATE/policy.json" "$W"
	broken 'policy'
	echo '{' >"$STATE/policy.json"
	broken 'policy'
	sed 's|team/\*|crew/*|' "$W/policy.json" >"$STATE/policy.json"
	broken 'does not name'
	cp "$W/policy.json" "$STATE/policy.json"
	git --git-dir="$REPO" config --unset sluice.adopted
	broken 'adopted'
	git --git-dir="$REPO" config sluice.adopted 0
	mv "$REPO" "$REPO.gone"
	broken 'No such file'
	mv "$REPO.gone" "$REPO"
	sed -i '3s/^./=/' "$STATE/log/checkpoint"
	broken 'log'
}

@test "installed by root for the account that owns the state" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	# What the account must reach.
	export TMPDIR=/tmp
	D=$(mktemp -d)
	chmod 755 "$D"
	cp "${SLUICE%/*}"/sluice "${SLUICE%/*}"/sluice-* "$D"
	mkdir "$D/home"
	git init -q --bare "$D/a.git"
	chown -R 65534:65534 "$D"
	chown root "$D" "$D"/sluice*
	SLUICE=$D/sluice
	STATE=$D/state
	rules_give "$STATE/cache"
	chown -R 65534:65534 "$STATE"
	as_user env HOME="$D/home" "$SLUICE" --state "$STATE" --quiet init \
		--origin x.example.org
	as_user sh -c "cat >'$STATE/policy.json'" <<-END
	$(policy_text)
	END
	as_user mkdir -p "$STATE/keys"
	as_user sh -c "cd '$STATE/keys' && umask 022 && tar -xf -" < <(
		tar -C "$BATS_FILE_TMPDIR/keys" -cf - ada.pub bela.pub ci.pub \
			gus.asc)
	sluice install --name team/a "$D/a.git"
	sluice doctor
	[ -z "$(find "$STATE" "$D/a.git" -user 0)" ]
	# One that root made by hand is found.
	chown -R root "$STATE"
	run sluice doctor
	chown -R root "$D"
	rm -rf "$D"
	[ "$status" -eq 1 ]
	[[ $output == *'cannot write'* ]]
}
