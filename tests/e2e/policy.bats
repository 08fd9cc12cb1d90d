#!/usr/bin/env bats
# sluice policy, as an administrator meets it.

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sluice=${SLUICE:-$top/build/sluice}
	schema=$top/policies/sluice-policy.schema.json
	vectors=$top/tests/vectors/policy
	umask 022
	cd "$BATS_TEST_TMPDIR"
	mkdir keys
	export GNUPGHOME=$PWD/gnupg
	mkdir -m 700 "$GNUPGHOME"
}

teardown() {
	gpgconf --kill all 2>/dev/null || true
}

# small: the shipped policy for a small team with keys made now.
small() {
	cp "$top/policies/small-team.json" policy.json
	gpg -q --batch --passphrase '' --quick-generate-key \
		'Ada <ada@example.org>' ed25519 sign never 2>/dev/null
	gpg -q --armor --export ada@example.org >keys/ada.asc
	ssh-keygen -q -t ed25519 -N '' -C bela -f keys/bela
}

# fails TEXT HINT COMMAND...: exit 2, one line with the text, a hint line.
fails() {
	text=$1
	hint=$2
	shift 2
	run "$@"
	[ "$status" -eq 2 ] || {
		echo "status $status: $output"
		return 1
	}
	[[ ${lines[0]} == *"$text"* ]] || {
		echo "$output"
		return 1
	}
	[ -z "$hint" ] || [[ ${lines[1]} == "hint: "*"$hint"* ]] || {
		echo "$output"
		return 1
	}
}

@test "policy check: a good policy with real keys" {
	small
	run "$sluice" policy check policy.json
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"is good: 2 people, 2 key files"* ]]
	run "$sluice" --policy policy.json policy check
	[ "$status" -eq 0 ]
	run "$sluice" --quiet policy check policy.json
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "policy check: what a policy refers to must be there and be a key" {
	small
	mv keys/bela.pub keys/gone
	fails "key 'keys/bela.pub' of 'bela': cannot open" '' \
		"$sluice" policy check policy.json
	cp keys/bela keys/bela.pub
	fails 'bela' '' "$sluice" policy check policy.json
	echo nonsense >keys/bela.pub
	fails 'bela' '' "$sluice" policy check policy.json
	# Without keys the document alone is good.
	run "$sluice" policy check --no-keys policy.json
	[ "$status" -eq 0 ]
}

@test "policy check: one key, two people" {
	small
	sed -i 's/"openpgp": \["keys.ada.asc"\]/"ssh": ["keys\/other.pub"]/' \
		policy.json
	# The same key: only the comment differs.
	sed 's/bela$/ada/' keys/bela.pub >keys/other.pub
	run cmp -s keys/bela.pub keys/other.pub
	[ "$status" -eq 1 ]
	fails "bela" '' "$sluice" policy check policy.json
}

@test "policy check: files and folders that others may write" {
	small
	chmod g+w policy.json
	fails 'can be written by its group' "chmod go-w '$PWD/policy.json'" \
		"$sluice" policy check policy.json
	chmod 644 policy.json
	chmod o+w keys
	fails 'can be written by others' "chmod go-w '$PWD/keys'" \
		"$sluice" policy check policy.json
	chmod 755 keys
	"$sluice" policy check policy.json
}

@test "policy check: an unreadable policy is one line with the cause" {
	fails "cannot open 'none.json': No such file" '' \
		"$sluice" policy check none.json
	mkdir folder
	fails 'is not a regular file' '' "$sluice" policy check folder
}

@test "policy check: each mistake is refused with its place" {
	n=0
	for file in "$vectors"/form/*.json "$vectors"/meaning/*.json; do
		fails '' '' "$sluice" policy check --no-keys "$file"
		[[ ${lines[0]} == "sluice: policy '$file': "* ]]
		case $file in
		*/duplicate-key.json) [[ ${lines[0]} == *"line "* ]] ;;
		*) [[ ${lines[0]} =~ (repositories|people|groups|mode|log|document|forge|allowed_signers|ssh_revoked|ssh_compromised|x509) ]] ;;
		esac
		n=$((n + 1))
	done
	[ "$n" -gt 50 ]
}

@test "policy schema: agrees with the program about form" {
	check=$top/tests/support/schema-check
	run "$check" "$schema" bad "$vectors"/form/*.json
	[ "$status" -ne 77 ] || skip "python3-jsonschema is not here"
	echo "$output"
	[ "$status" -eq 0 ]
	good=()
	for file in "$top"/policies/*.json; do
		case $file in
		*.schema.json) continue ;;
		esac
		"$sluice" policy check --no-keys "$file"
		good+=("$file")
	done
	[ "${#good[@]}" -ge 3 ]
	run "$check" "$schema" good "${good[@]}" "$vectors"/meaning/*.json
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "policy explain: in words, with the place each demand comes from" {
	cp "$top/policies/strict.json" policy.json
	run "$sluice" --policy policy.json policy explain refs/heads/main \
		--repository payments/api
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"A push to refs/heads/main of payments/api must"* ]]
	[[ $output == *"must be signed (OpenPGP or SSH) by one of: ada, bela"* ]]
	[[ $output == *"needs 2 approvals"* ]]
	[[ $output == *"from repositories[0].refs[1].approval"* ]]
	[[ $output == *"no force push"* ]]
	run "$sluice" --policy policy.json policy explain refs/heads/main
	[ "$status" -eq 64 ]
	[[ $output == *"--repository NAME"* ]]
	run "$sluice" --policy policy.json policy explain main
	[ "$status" -eq 64 ]
	[[ $output == *"refs/heads/main"* ]]
}

@test "policy explain: a repository that is not named" {
	sed '0,/"\*\*"/s//"only\/this"/' "$top/policies/secrets-only.json" \
		>policy.json
	run "$sluice" --policy policy.json policy explain refs/heads/main \
		--repository another
	[ "$status" -eq 1 ]
	[[ $output == *"every push there is refused"* ]]
	run "$sluice" --policy policy.json policy explain refs/heads/main
	[ "$status" -eq 0 ]
	[[ $output == *"refs/heads/main of only/this must"* ]]
}

@test "policy diff: a weakening is a changed line" {
	sed 's/"count": 1/"count": 2/' "$top/policies/small-team.json" >a.json
	cp "$top/policies/small-team.json" b.json
	run "$sluice" policy diff a.json b.json
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"-     approval.count: 2"*"+     approval.count: 1"* ]]
	[ "${#lines[@]}" -eq 4 ]
	run "$sluice" policy diff a.json a.json
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run "$sluice" policy diff a.json none.json
	[ "$status" -eq 2 ]
}

@test "policy: bad use" {
	for args in '' 'chek x' 'check a b' 'explain' 'diff a' 'show --wrong'; do
		# shellcheck disable=SC2086
		run "$sluice" policy $args
		[ "$status" -eq 64 ]
	done
	run "$sluice" policy --help
	[ "$status" -eq 0 ]
	[[ $output == *"--no-keys"* ]]
}
