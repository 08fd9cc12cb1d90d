# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# A policy that cannot be trusted or understood refuses, with one line that says
# why, and the push is on record.
load lib/e2e

setup_file() {
	people_make
}

teardown_file() {
	people_end
}

setup() {
	world_make
}

# without_override COMMAND...: root who may not pass over modes.
without_override() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --bounding-set -dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}

@test "missing" {
	rm "$STATE/policy.json"
	undecided 'policy.json' main:refs/heads/topic
	[ "$(record "$(evidence)" 'p["verdict"]')" = undecided ]
}

@test "unreadable" {
	chmod 000 "$STATE/policy.json"
	run without_override git push origin main:refs/heads/topic
	[ "$status" -ne 0 ]
	[[ $output == *'could not judge'* ]]
	[[ $output == *'Permission denied'* ]]
}

@test "writable by others, or in a folder that is" {
	chmod 666 "$STATE/policy.json"
	undecided 'policy.json' main:refs/heads/topic
	chmod 644 "$STATE/policy.json"
	chmod 777 "$STATE"
	undecided "$STATE" main:refs/heads/topic
	chmod 755 "$STATE"
	chmod 666 "$STATE/keys/ada.pub"
	undecided 'ada.pub' main:refs/heads/topic
	chmod 644 "$STATE/keys/ada.pub"
	accepted main:refs/heads/topic
}

@test "refers to nobody" {
	sed -i 's/"bela", "gus"\]/"bela", "nobody"]/' "$STATE/policy.json"
	undecided nobody main:refs/heads/topic
	[[ $output == *groups.maintainers* ]]
}

@test "refers to a key that is not there" {
	rm "$STATE/keys/bela.pub"
	undecided bela.pub main:refs/heads/topic
}

@test "is not JSON, has a key that nobody knows, has a key twice" {
	cp "$STATE/policy.json" "$W"
	echo '{"people": ' >"$STATE/policy.json"
	undecided policy.json main:refs/heads/topic
	sed 's/"approval":/"aproval":/' "$W/policy.json" >"$STATE/policy.json"
	undecided aproval main:refs/heads/topic
	sed 's/"force_push": "deny",/"force_push": "deny", "force_push": "allow",/' \
		"$W/policy.json" >"$STATE/policy.json"
	undecided force_push main:refs/heads/topic
}

@test "a folder, a fifo" {
	rm "$STATE/policy.json"
	mkdir "$STATE/policy.json"
	undecided policy.json main:refs/heads/topic
	rmdir "$STATE/policy.json"
	mkfifo "$STATE/policy.json"
	undecided policy.json main:refs/heads/topic
}

@test "changed between two pushes it is the new one that counts" {
	commit ada unsigned
	accepted main:refs/heads/free/x
	sed -i 's|"refs/heads/free/\*\*", ||' "$STATE/policy.json"
	sed -i 's|"refs/heads/signed/\*\*"|"refs/heads/signed/**", "refs/heads/free/**"|' \
		"$STATE/policy.json"
	commit ada again
	refused signature.missing main:refs/heads/free/x
}
