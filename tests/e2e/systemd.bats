# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# The units under a systemd: of what is installed, by the commands of the
# documentation as they stand there.
load lib/e2e

setup() {
	cd "$E2E_ROOT"
	unset MAKEFLAGS MAKELEVEL MFLAGS
}

# block FILE N: the Nth fenced block of that file.
block() {
	awk -v n="$2" '/^```/ { in_it = !in_it; k += in_it; next }
		in_it && k == n' "$E2E_ROOT/$1"
}

# block_with FILE TEXT: the block that has that line in it.
block_with() {
	local n
	for ((n = 1; n < 40; n++)); do
		! block "$1" "$n" | grep -qF -e "$2" || break
	done
	block "$1" "$n" | grep . || fail "no block of $1 has '$2'"
}

@test "systemd-analyze finds nothing wrong with the units, and little exposed" {
	command -v systemd-analyze >/dev/null || skip 'no systemd here'
	for unit in systemd/* contrib/systemd/*; do
		sed "s|@PROGRAM@|$SLUICE|; /^Documentation/d" "$unit" \
			>"$BATS_TEST_TMPDIR/${unit##*/}"
	done
	cd "$BATS_TEST_TMPDIR"
	run systemd-analyze verify ./*
	[ "$status" -eq 0 ] || fail "$output"
	[ -z "$output" ] || fail "$output"
	for unit in *.service; do
		most=10
		[ "$unit" != sluice-monitor.service ] || most=20
		run systemd-analyze security --offline=yes --no-pager \
			--threshold="$most" "./$unit"
		[ "$status" -eq 0 ] || fail "$(tail -n 1 <<<"$output")"
	done
}

@test "set up by the documentation: timers, logd by its socket, a credential" {
	folder=$BATS_TEST_TMPDIR/boot
	mkdir -p "$folder/root"
	make -s BUILD="${SLUICE_BUILD:-build}" DESTDIR="$folder/root" install
	rules_give "$folder/cache"
	block_with docs/logd.md 'useradd --system' >"$folder/move"
	block_with docs/logd.md 'systemd-creds encrypt' >"$folder/seal"
	# What stands below 'systemctl edit' is what to type there.
	sed -i 's|^systemctl edit \(.*\)|mkdir -p /etc/systemd/system/\1.d\
cat >/etc/systemd/system/\1.d/edit.conf <<END|
		/^\tLoadCredential/a END' "$folder/seal"
	sed -i 's/^END$/END\nsystemctl daemon-reload/' "$folder/seal"
	block_with docs/logd.md 'sluice-log --quiet log pack' \
		>"$folder/pack.conf"
	block_with docs/privacy.md 'sluice-prune.timer' >"$folder/prune"
	cp "$E2E_ROOT/tests/e2e/lib/systemd-inside" "$folder/inside"
	run tests/e2e/lib/boot "$folder"
	[ "$status" -ne 77 ] || skip "no systemd can be run here: $output"
	[ "$status" -eq 0 ] || fail "$output"
	[ "$(cat "$folder/status")" = 0 ] ||
		fail "$(tail -n 40 "$folder/out"; tail -n 20 "$folder/console")"
	grep '^#' "$folder/out" >&3
}
