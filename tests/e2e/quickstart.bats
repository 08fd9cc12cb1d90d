# The demonstration is a promise: it checks every result itself, so here it only
# has to run, again and again, and leave everything else alone.
load lib/e2e

setup() {
	export HOME=$BATS_TEST_TMPDIR/home
	mkdir "$HOME"
	clean_environment
	export HOME=$BATS_TEST_TMPDIR/home
	export SLUICE_BUILD=${SLUICE%/*} SLUICE_DEMO=$BATS_TEST_TMPDIR/demo
	cd "$BATS_TEST_TMPDIR" || return
}

@test "it runs twice in a row, and everything is in one folder" {
	run "$E2E_ROOT/scripts/quickstart"
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *"Everything goes into one folder: $SLUICE_DEMO"* ]]
	[[ $output == *'sluice: refused'* ]]
	[[ $output == *'make -C '*' install'* ]]
	[ "$(ls -A "$HOME")" = '' ]
	[ "$(find . -mindepth 1 -maxdepth 1 | sort | xargs)" = './demo ./home' ]
	run "$E2E_ROOT/scripts/quickstart"
	[ "$status" -eq 0 ] || fail "$output"
}

@test "a repository that is given is only read" {
	# As if it had run before: what was compiled is kept.
	mkdir demo
	: >demo/.made-by-sluice-quickstart
	rules_give demo/state/cache
	git init -q -b trunk own
	git -C own -c user.name=x -c user.email=x@example.org \
		commit -q --allow-empty -m first
	git clone -q --bare own own.git
	before=$(find own.git -printf '%p %T@ %m\n' | sort)
	run "$E2E_ROOT/scripts/quickstart" own.git
	[ "$status" -eq 0 ] || fail "$output"
	[ "$(find own.git -printf '%p %T@ %m\n' | sort)" = "$before" ]
	[[ $output == *'refs/heads/trunk'* ]]
}

@test "a folder that is not its own is left alone" {
	mkdir demo
	echo mine >demo/file
	run "$E2E_ROOT/scripts/quickstart"
	[ "$status" -eq 64 ]
	[ "$(cat demo/file)" = mine ]
	[ "$(ls -A demo)" = file ]
}
