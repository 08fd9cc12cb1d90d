# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Proofs that travel with the repository: a clone and the log's public key.
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

PROOFS=refs/sluice/proofs

# proof_path OBJECT: its folder under $PROOFS.
proof_path() {
	git rev-parse "$1" | sed 's|\(..\)\(..\)\(.*\)|\1/\2/\3|'
}

# a clone in $W/clone that fetched the proofs, and the key in $key.
fresh_clone() {
	cd "$W" || return
	rm -rf "$W/clone"
	git clone -q "$REPO" "$W/clone"
	cd "$W/clone" || return
	git fetch -q origin "$PROOFS:$PROOFS"
	key=$(sluice log key)
}

# asked NAME [OPTION...]: with no state folder to look into.
asked() {
	run "$SLUICE" --state /nonexistent verify --vkey "$key" "$@"
}

# forge PATH FILE...: a commit of proofs with those files at that path.
forge() {
	local path=$1 f
	shift
	{
		echo "commit $PROOFS"
		echo 'committer x <x> 1 +0000'
		printf 'data 0\n\ndeleteall\n'
		for f; do
			printf 'M 100644 inline %s/%s\ndata %s\n' "$path" \
				"${f##*/}" "$(stat -c %s "$f")"
			cat "$f"
			echo
		done
	} | git fast-import --quiet --force
}

@test "a push publishes its proof, and a clone answers alone" {
	policy_edit '.log.proofs = true'
	# Somebody else's repository is in the same log.
	git init -q --bare "$W/srv/team/hidden.git"
	git push -q "$W/srv/team/hidden.git" main
	sluice --quiet install --name team/hidden "$W/srv/team/hidden.git"
	commit ada one -S
	commit ada two -S
	git push -q "$W/srv/team/hidden.git" HEAD~:refs/heads/signed/x
	git push -q origin HEAD:refs/heads/signed/x
	as ada git tag -s -m v1 v1.2.3
	as ada git tag -s -m v2 v1.2.4
	git tag free-1
	git push -q origin v1.2.3 free-1
	[ "$(git -C "$REPO" rev-list --count "$PROOFS")" -eq 2 ]
	git push -q "$W/srv/team/hidden.git" v1.2.4

	fresh_clone
	asked v1.2.3
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'as refs/tags/v1.2.3: it came through the gate'* ]]
	[[ $output == *'not shown: '*'who signed'*'not moved since'* ]]
	asked origin/signed/x --repository team/app --ref refs/heads/signed/x
	[ "$status" -eq 0 ] || fail "$output"
	# In the middle of a push.
	asked origin/signed/x~1 --json
	[ "$status" -eq 0 ] || fail "$output"
	[ "$(json 'd["answer"] + d["repository"]' <<<"$output")" = \
		acceptedteam/app ]
	# The ref was never at it, and the answer says what there is.
	asked origin/signed/x~1 --ref refs/heads/signed/x
	[ "$status" -eq 1 ]
	sluice log prove "$(git rev-parse origin/signed/x~1)" >"$W/middle"
	asked "$W/middle" --ref refs/heads/signed/x --repository team/app
	[ "$status" -eq 1 ]
	[[ $output == *': nothing in this proof has that ref moved to it itself, though it came with a push that was let in'* ]]
	asked "$W/middle" --ref refs/heads/signed/x --repository team/none
	[ "$status" -eq 1 ]
	[[ $output == *': nothing in this proof names it'* ]]
	# As another ref, of another repository, of another name's tag.
	asked origin/signed/x --ref refs/heads/main
	[ "$status" -eq 1 ]
	asked origin/signed/x --repository team/hidden
	[ "$status" -eq 1 ]
	git tag v9 v1.2.3
	asked v9
	[ "$status" -eq 1 ]
	[[ $output == *'as refs/tags/v9: nothing in this proof'* ]]
	# Adopted before there were proofs; then published with the rest.
	asked origin/main
	[ "$status" -eq 0 ] || [ "$status" -eq 1 ]
	[[ $output != *'it came through the gate'* ]]
	# Nobody else's, and about 2 KB.
	git ls-tree -r "$PROOFS" | awk '{print $3}' | sort -u >"$W/blobs"
	[ "$(wc -l <"$W/blobs")" -eq 2 ]
	while read -r blob; do
		not grep -q hidden <(git cat-file blob "$blob")
		git cat-file blob "$blob" >"$W/blob"
		[ "$(gzip -c "$W/blob" | wc -c)" -lt 2048 ]
		[ "$(stat -c %s "$W/blob")" -lt 5000 ]
	done <"$W/blobs"
	sluice audit
	# Clients cannot write it, whatever the policy lets pass.
	policy_edit '.mode = "observe" | refs[4].severity = {"ref.*": "off"}'
	for what in "+HEAD:$PROOFS" ":$PROOFS" "HEAD:$PROOFS-2"; do
		run git push origin "$what"
		[ "$status" -ne 0 ]
		[[ $output == *'is reserved'* ]] || fail "$output"
	done
}

@test "refused: forged, moved, truncated, any bit turned over" {
	local i size
	policy_edit '.log.proofs = true'
	commit ada one -S
	git push -q origin HEAD:refs/heads/signed/x
	commit ada two -S
	git push -q origin HEAD:refs/heads/signed/y
	commit ada three -S
	fresh_clone
	at=$(proof_path origin/signed/x)
	git cat-file blob "$PROOFS:$at/$(git ls-tree --name-only \
		"$PROOFS:$at")" >"$W/good"
	# Not fetched is not known.
	asked HEAD --proofs refs/sluice/none
	[ "$status" -eq 2 ]
	[[ $output == *'git fetch origin'* ]]
	# The proof of one commit where that of another is looked for.
	forge "$(proof_path origin/signed/y)" "$W/good"
	asked origin/signed/y
	[ "$status" -eq 1 ]
	not grep -q 'came through' <<<"$output"
	# Another key's.
	forge "$at" "$W/good"
	asked origin/signed/x
	[ "$status" -eq 0 ]
	sluice --state "$W/other" --quiet init --origin \
		gate.example.org/e2e >"$W/none"
	run "$SLUICE" verify origin/signed/x --vkey \
		"$(cat "$W/other/log.vkey")"
	[ "$status" -eq 1 ]
	[[ $output == *'the proof is false'* ]]
	# In the clone; the unit test turns over every bit of such a file.
	size=$(stat -c %s "$W/good")
	for i in 0 1 2 3; do
		cp "$W/good" "$W/bad"
		flip "$W/bad" $((size * i / 4)) $((1 << i))
		forge "$at" "$W/bad"
		asked origin/signed/x
		[ "$status" -eq 1 ] || fail "byte $((size * i / 4)): $output"
	done
	head -c $((size / 2)) "$W/good" >"$W/bad"
	forge "$at" "$W/bad"
	asked origin/signed/x
	[ "$status" -eq 1 ]
	[[ $output == *'the proof is false'* ]]
	# A good one beside it answers, and the bad one is told.
	forge "$at" "$W/bad" "$W/good"
	asked origin/signed/x
	[ "$status" -eq 0 ]
	[[ $output == *'note: besides, 1 false proof'* ]]
	# A file of the repository does not answer for a revision.
	git update-ref refs/tags/v1 origin/signed/y
	cp "$W/good" v1
	asked v1
	[ "$status" -eq 64 ]
	[[ $output == *'is a file and a revision'* ]]
	asked ./v1
	[ "$status" -eq 0 ]
	asked --revision v1
	[ "$status" -eq 1 ]
}

@test "none is lost: pushes at one time, an old log, witnesses" {
	local i
	commit ada one -S
	git push -q origin HEAD:refs/heads/signed/before
	not git -C "$REPO" rev-parse -q --verify "$PROOFS"
	policy_edit '.log.proofs = true'
	for i in 1 2 3 4 5 6; do
		commit ada "$i" -S
		git branch "b$i"
	done
	for i in 1 2 3 4 5 6; do
		git push -q origin "b$i:refs/heads/signed/b$i" 2>>"$W/said" &
	done
	wait
	[ "$(git -C "$REPO" ls-tree -r "$PROOFS" | wc -l)" -eq 6 ] ||
		fail "$(cat "$W/said")"
	fresh_clone
	for i in 1 2 3 4 5 6; do
		asked "origin/signed/b$i" --ref "refs/heads/signed/b$i"
		[ "$status" -eq 0 ] || fail "$output"
	done
	asked origin/signed/before --ref refs/heads/signed/before
	[ "$status" -eq 1 ]
	# What was pushed before, and what there was before the gate.
	run sluice log publish "$REPO"
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *': 2 proofs added' ]]
	run sluice log publish
	[[ $output == *': 0 proofs added' ]]
	run sluice log publish "$W/none"
	[ "$status" -eq 2 ]
	fresh_clone
	asked origin/signed/before --ref refs/heads/signed/before
	[ "$status" -eq 0 ] || fail "$output"
	asked origin/main
	[ "$status" -eq 1 ]
	[[ $output == *'it was there before the gate'* ]]
	# Of a checkpoint that witnesses signed, in place of the others.
	sluice witness --dir "$W/a" init --name w.example.org/a >"$W/a.vkey"
	sluice witness --dir "$W/a" trust "$key"
	printf 'witness a %s\nquorum a\n' "$(cat "$W/a.vkey")" \
		>"$STATE/witnesses"
	sluice log witness --request | sluice witness --dir "$W/a" add |
		sluice log witness --take -
	asked origin/signed/b1 --witnesses "$STATE/witnesses"
	[ "$status" -eq 1 ]
	run sluice log publish --witnessed
	[[ $output == *': 8 proofs added' ]] || fail "$output"
	fresh_clone
	asked origin/signed/b1 --witnesses "$STATE/witnesses"
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'a quorum of them'* ]]
	not grep -qv '\.w$' <(git ls-tree -r --name-only "$PROOFS")
}

# by_readme DIR: the commands of its README, with no program of ours to run.
by_readme() {
	(
		cd "$1" || exit
		# The line that runs all of them, as it stands there.
		line=$(sed -n "s/^ *\(sh -euc .*\)/\1/p" README)
		PATH=/usr/bin:/bin GNUPGHOME=$GNUPGHOME sh -c "$line"
	)
}

# spoilt FILE [BYTE]: of the export, with the sums made to fit.
spoilt() {
	rm -rf "$W/bad"
	cp -r "$W/out" "$W/bad"
	flip "$W/bad/$1" "${2:-40}"
	sums
	run by_readme "$W/bad"
	[ "$status" -ne 0 ] || fail "$1: $output"
	[[ $output != *'all checks passed'* ]]
}

sums() {
	(
		cd "$W/bad" || exit
		find . -type f ! -name SHA256SUMS -printf '%P\n' |
			xargs sha256sum >"$W/sums"
		cp "$W/sums" SHA256SUMS
	)
}

@test "an auditor checks an export by its README alone" {
	local fp i first list record size near
	fp=$(gpg --batch --with-colons --list-secret-keys gus |
		awk -F: '$1 == "fpr" {print $10; exit}')
	# The server's own keyring.
	mkdir -m 700 "$HOME/.gnupg"
	gpg --batch --export-secret-keys gus@example.org |
		gpg --batch --quiet --homedir "$HOME/.gnupg" --import
	policy_edit '.log.openpgp_key = $fp' --arg fp "$fp"
	git init -q --bare "$W/srv/team/hidden.git"
	git push -q "$W/srv/team/hidden.git" main
	sluice --quiet install --name team/hidden "$W/srv/team/hidden.git"
	for i in 1 2 3; do
		commit ada "$i" -S
		git push -q origin HEAD:refs/heads/signed/x
		git push -q "$W/srv/team/hidden.git" HEAD:refs/heads/signed/y
	done
	# More refs than an entry holds: a list beside it.
	for i in $(seq 201); do echo "create refs/heads/free/$i HEAD"; done |
		git update-ref --stdin
	git push -q origin 'refs/heads/free/*'
	run sluice log export "$W/out" --from 5 --to 2999-01-01
	[ "$status" -eq 0 ] || fail "$output"
	run sluice log export "$W/out"
	[ "$status" -eq 2 ]
	[[ $output == *'something at'* ]]
	run sluice log export "$W/none" --from 2999-01
	[ "$status" -eq 2 ]
	[[ $output == *'no such entries'* ]]
	run by_readme "$W/out"
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'Signature Verified Successfully'*'Good signature'* ]]
	[[ $output == *'all checks passed' ]]
	not grep -q 'not here' <<<"$output"
	# The same as one file, and each time the same.
	run sluice log export --tar "$W/out.tar" --from 5 --to 2999-01-01
	[ "$status" -eq 0 ] || fail "$output"
	sluice log export --tar - --from 5 --to 2999-01-01 >"$W/again.tar"
	cmp "$W/out.tar" "$W/again.tar"
	mkdir "$W/unpacked"
	tar xf "$W/out.tar" -C "$W/unpacked"
	diff -r "$W/out" "$W"/unpacked/log-5-*
	run by_readme "$W"/unpacked/log-5-*
	[ "$status" -eq 0 ] || fail "$output"
	[[ $output == *'all checks passed' ]]
	run sluice log export --tar "$W/out.tar"
	[ "$status" -eq 2 ]
	[[ $output == *'something at'* ]]
	cmp "$W/out.tar" "$W/again.tar"
	sluice log export --tar - >/dev/full && return 1
	run sluice log export --tar "$W/none/out.tar"
	[ "$status" -eq 2 ]
	run sluice log export --tar "$W/x.tar" "$W/x"
	[ "$status" -eq 64 ]
	# Half a file is none.
	(ulimit -f 8 && trap '' XFSZ && ! sluice log export --tar "$W/x.tar")
	[ ! -e "$W/x.tar" ]
	list=$(cd "$W/out" && echo lists/*)
	[ -s "$W/out/${list%% *}" ]
	record=$(find "$W/out/records" -type f | sort | tail -n 1)
	# What is false is found, even with sums made for it.
	for i in entries/5 checkpoint checkpoint.asc tree log.vkey \
		"${list%% *}" "records/${record##*/}"; do
		spoilt "$i"
	done
	for i in 0 300; do
		spoilt entries/9 "$i"
	done
	# A note ends at its last empty line, and this one is signed at its first.
	cp -r "$W/out" "$W/bad"
	printf 'more\n\n\342\200\224 x AAAAAAAAAAAA\n' >>"$W/bad/checkpoint"
	rm "$W/bad/checkpoint.asc"
	sums
	not by_readme "$W/bad"
	rm -rf "$W/bad"
	# An entry too many, one that is gone, one at another number.
	cp -r "$W/out" "$W/bad"
	cp "$W/bad/entries/9" "$W/bad/entries/99"
	sums
	not by_readme "$W/bad"
	rm "$W/bad/entries/9" "$W/bad/entries/99"
	sums
	not by_readme "$W/bad"
	rm -rf "$W/bad"
	cp -r "$W/out" "$W/bad"
	sed -i 's/^hash 4 /hash 3 /' "$W/bad/tree"
	mv "$W/bad/entries/9" "$W/bad/entries/8"
	sums
	not by_readme "$W/bad"
	# ... also where hashes over less than nothing make the sums right.
	size=$(sed -n 2p "$STATE/log/checkpoint")
	while [ $((size % 2)) -ne 0 ]; do
		run git push origin "HEAD:refs/heads/main"
		[ "$status" -ne 0 ]
		size=$(sed -n 2p "$STATE/log/checkpoint")
	done
	sluice log export "$W/one" --from $((size - 2)) --to $((size - 2))
	by_readme "$W/one"
	near=$(grep -B1 '^entry' "$W/one/tree" |
		sed -n 's/^hash \([0-9]*\) .*/\1/p')
	for i in $((1 - near)) 00$((1 - near)) $((1 - near + (1 << 62) * 2)); do
		rm -rf "$W/bad"
		cp -r "$W/one" "$W/bad"
		sed -i "s/^hash $near /hash $((2 * near)) /
			s/^hash 1 /hash $i /
			s/^entry .*/entry $((size - 2 + near))/" "$W/bad/tree"
		mv "$W/bad/entries/$((size - 2))" \
			"$W/bad/entries/$((size - 2 + near))"
		sums
		not by_readme "$W/bad"
	done
	# One repository's, and nothing of the other.
	sluice log export "$W/app" --repository team/app
	not grep -rq hidden "$W/app"
	run by_readme "$W/app"
	[ "$status" -eq 0 ] || fail "$output"
	# A record that was removed is named by both.
	first=$(sed -n 's/.*"record":"\([0-9a-f]*\)".*/\1/p' "$W/out/entries/5")
	rm "$STATE/vault/${first:0:2}/$first"
	run sluice log export "$W/less" --from 5 --to 6
	[ "$status" -eq 2 ]
	[[ $output == *'1 of their records'* ]]
	run by_readme "$W/less"
	[ "$status" -eq 0 ]
	[[ $output == *'entries/5: its record is not here'* ]]
}

# dsse FILE: its payload, if openssl says that the log's key signed it.
dsse() {
	local type
	sluice log key | sed 's/^[^+]*+[^+]*+//' | base64 -d | tail -c 32 \
		>"$W/raw"
	{
		printf '\060\052\060\005\006\003\053\145\160\003\041\000'
		cat "$W/raw"
	} >"$W/key.der"
	jq -r .payload "$1" | base64 -d >"$W/payload"
	type=$(jq -r .payloadType "$1")
	jq -r '.signatures[0].sig' "$1" | base64 -d >"$W/sig"
	{
		printf 'DSSEv1 %s %s %s ' "${#type}" "$type" \
			"$(stat -c %s "$W/payload")"
		cat "$W/payload"
	} >"$W/pae"
	openssl pkeyutl -verify -rawin -pubin -keyform DER \
		-inkey "$W/key.der" -in "$W/pae" -sigfile "$W/sig" >/dev/null &&
		cat "$W/payload"
}

# level NAME [OPTION...]: what its summary claims.
level() {
	sluice log prove --vsa "$@" >"$W/vsa" || return
	dsse "$W/vsa" | json 'd.predicate.verifiedLevels[0]'
}

here() {
	git rev-parse "${1-HEAD}"
}

@test "statements and summaries, signed by the log's key" {
	policy_edit '(refs[] | select(.match[0] == "refs/heads/signed/**")).ref
		= {"force_push": "deny", "delete": "deny"}'
	commit ada one -S
	accepted HEAD:refs/heads/signed/x
	sluice log prove --statement "$(here)" >"$W/statement"
	dsse "$W/statement" >"$W/record"
	[ "$(sha256sum <"$W/record" | cut -c1-64)" = "$(sluice --json \
		log show "$(evidence)" | json 'd.entry.predicate.record')" ]
	[ "$(level "$(here)")" = SLSA_SOURCE_LEVEL_3 ]
	[ "$(dsse "$W/vsa" | json '[d.predicateType, d.subject[0],
		d.predicate.verificationResult, d.predicate.verifier.id,
		d.predicate.policy.digest.sha256] | tojson')" = "$(jq -nc '[
		"https://slsa.dev/verification_summary/v1",
		{annotations: {sourceRefs: ["refs/heads/signed/x"]},
		digest: {gitCommit: $c}}, "PASSED",
		"https://gate.example.org/e2e", $p]' \
		--arg c "$(git rev-parse HEAD)" \
		--arg p "$(sha256sum <"$STATE/policy.json" | cut -c1-64)")" ]
	# What openssl is asked is what counts.
	jq -c '.payload |= (@base64d | sub("LEVEL_3"; "LEVEL_4") | @base64)' \
		"$W/vsa" >"$W/forged"
	not dsse "$W/forged"
	# With a review of it: the fourth.
	approve bela HEAD refs/heads/main
	accepted HEAD:refs/heads/main
	[ "$(level "$(here)" --ref refs/heads/main)" = SLSA_SOURCE_LEVEL_4 ]
	# Nothing is kept of that ref: the first. A tag's subject is the tag.
	accepted HEAD:refs/heads/free/x
	[ "$(level "$(here)" --ref refs/heads/free/x)" = SLSA_SOURCE_LEVEL_1 ]
	as ada git tag -s -m v1 v1
	accepted v1
	[ "$(level "$(here v1)")" = SLSA_SOURCE_LEVEL_3 ]
	[ "$(dsse "$W/vsa" | json 'd.subject[0].digest.gitTag')" = \
		"$(here v1)" ]
	# Moved round the gate and back in: the history no longer joins.
	git --git-dir="$REPO" update-ref -d refs/heads/signed/x
	accepted HEAD:refs/heads/signed/x
	[ "$(level "$(here)" --ref refs/heads/signed/x)" = SLSA_SOURCE_LEVEL_1 ]
	as ada git commit -q -S --allow-empty -m y
	accepted HEAD:refs/heads/signed/y
	[ "$(level "$(here)")" = SLSA_SOURCE_LEVEL_3 ]
	commit ada aside -S
	git --git-dir="$REPO" fetch -q "$WORK" main:refs/heads/signed/y
	commit ada two -S
	accepted HEAD:refs/heads/signed/y
	[ "$(level "$(here)")" = SLSA_SOURCE_LEVEL_1 ]
	# ... and neither does one that an audit saw elsewhere, once it is back.
	commit ada three -S
	accepted HEAD:refs/heads/signed/z
	was=$(here)
	[ "$(level "$was" --ref refs/heads/signed/z)" = SLSA_SOURCE_LEVEL_3 ]
	git --git-dir="$REPO" update-ref refs/heads/signed/z "$(here HEAD~)"
	run sluice audit --record "$REPO"
	git --git-dir="$REPO" update-ref refs/heads/signed/z "$was"
	commit ada four -S
	accepted HEAD:refs/heads/signed/z
	[ "$(level "$(here)" --ref refs/heads/signed/z)" = SLSA_SOURCE_LEVEL_1 ]
	[ "$(level "$was" --ref refs/heads/signed/z)" = SLSA_SOURCE_LEVEL_3 ]
	# One who reviews and a robot are not two people.
	git checkout -q main
	commit ci robot -S
	approve bela HEAD refs/heads/main
	accepted HEAD:refs/heads/main
	[ "$(level "$(here)" --ref refs/heads/main)" = SLSA_SOURCE_LEVEL_3 ]
	# Of what was not let in, of another policy, of nothing there is none.
	commit mallory sneaky
	refused signature.missing HEAD:refs/heads/signed/x
	run sluice log prove --vsa "$(here)"
	[ "$status" -eq 2 ]
	[[ $output == *'no push in the log'* ]]
	policy_edit '.comment = "other"'
	run sluice log prove --vsa "$(here HEAD~)"
	[ "$status" -eq 2 ]
	[[ $output == *'not the policy that entry'*'--policy FILE'* ]]
	run sluice log prove --vsa --statement "$(here HEAD~)"
	[ "$status" -eq 64 ]
}
