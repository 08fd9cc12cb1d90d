#!/usr/bin/env bats
# The log as docs/verify-without-us.md checks it: openssl, sha256sum and a
# few lines of Python, none of our code. Then the same with one bit flipped.
# Python, since a verifier of its own in another language is the point.
bats_require_minimum_version 1.5.0
load lib/e2e

# Nothing here changes the log, but for copies of it.
setup_file() {
	clean_environment
	mkdir "$HOME"
	cd "$BATS_FILE_TMPDIR" || return
	git config --global init.defaultBranch main
	git config --global user.name Ada
	git config --global user.email ada@example.org
	state=$PWD/state
	rules_give "$state/cache"
	"$SLUICE" --state "$state" --quiet init \
		--origin git.example.org/independent >/dev/null
	cat >"$state/policy.json" <<-'END'
		{"repositories": [{"match": ["**"],
		 "refs": [{"match": ["**"], "ref": {"force_push": "deny"}}]}]}
	END
	git init -q --bare payments/api.git
	"$SLUICE" --state "$state" --quiet install payments/api.git
	git init -q work
	for i in 1 2 3; do
		git -C work commit -q --allow-empty -m "change $i"
		git -C work push -q ../payments/api.git main
	done
	# A list too long for an entry stands aside.
	for i in $(seq 230); do
		echo "create refs/heads/b$i $(git -C work rev-parse HEAD)"
	done | git -C work update-ref --stdin
	git -C work push -q ../payments/api.git 'refs/heads/*:refs/heads/*'
}

setup() {
	clean_environment
	cd "$BATS_TEST_TMPDIR" || return
	cp -a "$BATS_FILE_TMPDIR/state" .
	state=$PWD/state
	log=$state/log
}

# checkpoint_signature LOG: what the document does.
checkpoint_signature() {
	local key
	key=$("$SLUICE" --state "$state" log key)
	key=${key#*+} # the name; base64 may have a '+' of its own
	printf '%s' "${key#*+}" | base64 -d | tail -c 32 >key.raw
	{
		printf '\060\052\060\005\006\003\053\145\160\003\041\000'
		cat key.raw
	} >key.der
	sed '/^$/,$d' "$1/checkpoint" >text
	grep '^— ' "$1/checkpoint" | head -n 1 | awk '{print $3}' |
		base64 -d | tail -c 64 >sig
	[ "$(wc -c <sig)" -eq 64 ] || return 1
	openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der \
		-in text -sigfile sig
}

# tree LOG VAULT: root over all entries, tiles, names of lists and records.
tree() {
	python3 - "$1" "$2" <<'END'
import base64, hashlib, json, os, sys
log, vault = sys.argv[1:]
def sha(b): return hashlib.sha256(b).digest()
def read(p): return open(os.path.join(log, p), "rb").read()
origin, size, root = read("checkpoint").split(b"\n")[:3]
size = int(size)
assert 0 < size < 256, "this test reads one tile"
data = read("tile/entries/000.p/%d" % size)
entries = []
while data:
    n = int.from_bytes(data[:2], "big")
    assert len(data) >= 2 + n
    entries.append(data[2:2 + n])
    data = data[2 + n:]
assert len(entries) == size
leaves = [sha(b"\0" + e) for e in entries]
assert read("tile/0/000.p/%d" % size) == b"".join(leaves), "tile"
def mth(v):
    if len(v) == 1:
        return v[0]
    k = 1
    while k * 2 < len(v):
        k *= 2
    return sha(b"\1" + mth(v[:k]) + mth(v[k:]))
assert base64.b64decode(root) == mth(leaves), "root"
lists = 0
for e in entries:
    j = json.loads(e)
    p = j["predicate"]
    canonical = json.dumps(j, sort_keys=True, separators=(",", ":"),
                           ensure_ascii=False).encode()
    assert canonical == e, "canonical"
    r = p["record"]
    record = open(os.path.join(vault, r[:2], r), "rb").read()
    assert hashlib.sha256(record).hexdigest() == r, "record"
    for k in ("updates_list", "commits_list"):
        if k in p:
            text = read("lists/" + p[k]["sha256"])
            assert hashlib.sha256(text).hexdigest() == p[k]["sha256"]
            assert text.count(b"\n") == p[k]["count"]
            lists += 1
print(size, lists)
END
}

@test "openssl accepts the checkpoint's signature, and nothing altered" {
	checkpoint_signature "$log"
	cp -r "$log" copy
	sed -i '2s/.*/7/' copy/checkpoint
	run checkpoint_signature copy
	[ "$status" -ne 0 ]
}

@test "the key id is what the signed-note format says" {
	vkey=$("$SLUICE" --state "$state" log key)
	key=${vkey#*+}
	key=${key#*+}
	printf '%s' "$key" | base64 -d | tail -c 32 >key.raw
	id=$({ printf 'git.example.org/independent\n\001'; cat key.raw; } |
		sha256sum | cut -c1-8)
	[ "$vkey" = "git.example.org/independent+$id+$key" ]
}

@test "options may stand behind 'log key' and 'log checkpoint' too" {
	[ "$("$SLUICE" log key --state "$state")" = "$(cat state/log.vkey)" ]
	"$SLUICE" log checkpoint --state "$state" | cmp - state/log/checkpoint
	run "$SLUICE" log key --help
	[ "$status" -eq 0 ]
	run "$SLUICE" --state "$state" log key more
	[ "$status" -eq 64 ]
}

@test "root, tiles, records and lists are recomputed by other code" {
	run tree "$log" "$state/vault"
	echo "$output"
	[ "$status" -eq 0 ]
	# One adoption, four decisions and their outcomes; the last two of
	# them name their updates in a list.
	[ "$output" = '9 2' ]
}

@test "both notice one bit in an entry, a tile, a record, a list" {
	for file in log/tile/entries/000.p/9 log/tile/0/000.p/9 \
		"$(find state/vault -type f | head -n 1 | cut -d/ -f2-)" \
		"$(find state/log/lists -type f | head -n 1 | cut -d/ -f2-)"; do
		rm -rf copy
		cp -a state copy
		flip "copy/$file" $(($(stat -c %s "copy/$file") / 2))
		run tree copy/log copy/vault
		[ "$status" -ne 0 ]
		run "$SLUICE" --state "$PWD/copy" log verify
		echo "$file: $output"
		[ "$status" -eq 1 ]
	done
}
