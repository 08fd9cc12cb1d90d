#!/usr/bin/env bats
# Whatever is pushed, 'sluice check' says before what the gate says then:
# lib/equal.bash.

load lib/e2e
load lib/equal

setup_file() { people_make; }
teardown_file() { people_end; }

@test "before a push and at the gate the same is said, again" {
	equal 7261126
}
