#!/usr/bin/env bats
# What 'make install' puts where, that it works from there, and that 'make
# uninstall' takes all of it away.
bats_require_minimum_version 1.5.0
load lib/e2e

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	dest=$BATS_TEST_TMPDIR/dest
	unset MAKEFLAGS MAKELEVEL MFLAGS
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
}

place() {
	make -s BUILD="${SLUICE_BUILD:-build}" DESTDIR="$dest" "$1"
}

@test "install puts everything below PREFIX and nothing else" {
	place install
	local=$dest/usr/local
	[ -x "$local/bin/sluice" ]
	[ -x "$local/libexec/sluice/sluice-http" ]
	[ -x "$local/libexec/sluice/sluice-repo" ]
	[ -x "$local/libexec/sluice/sluice-unpack" ]
	[ -x "$local/libexec/sluice/hooks/pre-receive" ]
	[ -x "$local/libexec/sluice/hooks/post-receive" ]
	[ -f "$local/share/man/man1/sluice.1" ]
	[ -f "$local/share/man/man5/sluice-policy.5" ]
	[ -f "$local/share/man/man5/sluice-log.5" ]
	[ -f "$local/share/man/man7/sluice-findings.7" ]
	unit=$local/lib/systemd/system/sluice-audit
	grep -qx 'ExecStart=/usr/local/bin/sluice .* audit --record' \
		"$unit.service"
	[ -f "$unit.timer" ]
	unit=$local/lib/systemd/system/sluice-pack
	grep -qx 'ExecStart=/usr/local/bin/sluice .* log pack' "$unit.service"
	[ -f "$unit.timer" ]
	unit=$local/lib/systemd/system/sluice-prune
	grep -qx 'ExecStart=/usr/local/bin/sluice .* log prune' "$unit.service"
	[ -f "$unit.timer" ]
	# Nothing is started by being installed.
	[ -z "$(find "$dest" -name '*.wants')" ]
	[ "$(ls -A "$dest")" = usr ]
	[ "$(ls -A "$dest/usr")" = local ]
	for policy in policies/*.json; do
		cmp "$policy" "$local/share/sluice/$policy"
	done
}

@test "what is installed runs" {
	place install
	run "$dest/usr/local/bin/sluice" --version
	[ "$status" -eq 0 ]
	[ "$output" = "sluice $(cat VERSION)" ]
	run "$dest/usr/local/libexec/sluice/sluice-unpack" --version
	[ "$output" = "sluice-unpack $(cat VERSION)" ]
	# What it runs is found, wherever all of it was put.
	rules_give "$XDG_CACHE_HOME/sluice"
	echo text | gzip >"$BATS_TEST_TMPDIR/text.gz"
	run "$dest/usr/local/bin/sluice" --state "$BATS_TEST_TMPDIR/state" \
		scan "$BATS_TEST_TMPDIR/text.gz"
	[ "$status" -eq 0 ]
	run grep -r "@[A-Z]*@" "$dest/usr/local/libexec/sluice/hooks"
	[ "$status" -eq 1 ]
	grep -qx 'exec /usr/local/bin/sluice hook pre-receive' \
		"$dest/usr/local/libexec/sluice/hooks/pre-receive"
}

@test "files are readable by all and writable by their owner only" {
	umask 077
	place install
	run find "$dest" ! -type l \( -perm /022 -o ! -perm -444 \)
	[ -z "$output" ]
}

@test "uninstall takes all of it away" {
	place install
	place uninstall
	run find "$dest" -type f
	[ -z "$output" ]
}

@test "a Git work tree stays clean after building" {
	git rev-parse --git-dir >/dev/null 2>&1 || skip 'not a work tree'
	run git status --porcelain --untracked-files=all
	[[ $output != *build/* ]]
}

# Each push starts the front twice: what it links, every push waits for. The
# libraries that read what is pushed are not in the process that holds the key.
# has PROGRAM LIBRARY SYMBOL: linked with it, as a shared library or an archive.
has() {
	objdump -p "$1" | grep NEEDED | grep -q "$2" || nm "$1" | grep -q " $3\$"
}

@test "the front links only what the log needs" {
	front=${SLUICE_BUILD:-build}/sluice
	has "$front" libcrypto SHA256_Update
	has "$front" libsodium sodium_init
	while read -r library symbol; do
		! has "$front" "$library" "$symbol" || fail "$library"
		has "$front-repo" "$library" "$symbol" || fail "no $library"
	done <<-END
		libgit2 git_libgit2_init
		libhs hs_set_scratch_allocator
		libgpgme gpgme_new
		libpcre2 pcre2_compile_8
	END
	for program in "$front" "$front-repo"; do
		! has "$program" libcurl curl_easy_init || fail libcurl
	done
}
