# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# Secrets in archives, and archives that mean ill.
bats_require_minimum_version 1.5.0
load lib/e2e

# The word FAKE with check digits that are right: no token of anybody.
token=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

setup_file() {
	people_make
	program oddzip
	program bounded
	rules_give "$BATS_FILE_TMPDIR/cache-home/sluice"
}

teardown_file() {
	people_end
}

setup() {
	clean_environment
	W=$BATS_TEST_TMPDIR
	STATE=$W/state
	export HOME=$W XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache-home
	cd "$W"
	mkdir -p tree/dir out
	printf 'a\nb\nx = %s\n' "$token" >tree/dir/config.py
	echo 'nothing here' >tree/clean
}

scan() {
	run --separate-stderr "$SLUICE" --state "$W/state" scan "$@"
	# Whatever is in archives, nothing of it steers a terminal.
	harmless
}

# told PLACE: the token is told there, and nowhere else.
told() {
	[ "$status" -eq 1 ] || fail "$status: $output $stderr"
	[ "$(grep -c secret.github_pat: <<<"$output")" -eq 2 ] ||
		fail "not once: $output"
	[[ $output == "$1: error: secret.github_pat: "* ]] || fail "$output"
}

# unscanned TEXT: not scanned, for that reason.
unscanned() {
	[ "$status" -eq 2 ] || fail "$status: $output $stderr"
	[[ $output == *"error: secret.not_scanned: "*"$1"* ]] || fail "$output"
}

pack() {
	case $1 in
	zip | jar | docx) (cd tree && zip -qr "../out/a.$1" .) ;;
	tar) tar -C tree -cf out/a.tar . ;;
	v7.tar) tar -C tree --format=v7 -cf out/a.v7.tar dir/config.py ;;
	tar.gz) tar -C tree -czf out/a.tar.gz . ;;
	tar.bz2) tar -C tree -cjf out/a.tar.bz2 . ;;
	tar.xz) tar -C tree -cJf out/a.tar.xz . ;;
	tar.zst) tar -C tree -c . | zstd -q >out/a.tar.zst ;;
	7z) (cd tree && 7z a -bd ../out/a.7z . >/dev/null) ;;
	cpio) (cd tree && find . | cpio -o -H newc 2>/dev/null) >out/a.cpio ;;
	a) (cd tree/dir && ar rcs ../../out/a.a config.py) ;;
	esac
}

@test "every kind of archive, the place in the member" {
	for kind in zip jar docx tar tar.gz tar.bz2 tar.xz tar.zst 7z cpio; do
		pack $kind
		scan out/a.$kind
		case $kind in
		tar*) told "out/a.$kind!./dir/config.py:3:5" ;;
		*) told "out/a.$kind!dir/config.py:3:5" ;;
		esac
	done
	pack v7.tar
	scan out/a.v7.tar
	told 'out/a.v7.tar!dir/config.py:3:5'
	pack a
	scan out/a.a
	told 'out/a.a!config.py:3:5'
	# The methods of 7z, and a zip that packs nothing.
	for method in LZMA2 LZMA PPMd BZip2 Deflate Copy; do
		rm -f out/a.7z
		(cd tree && 7z a -bd -m0=$method ../out/a.7z . >/dev/null)
		scan out/a.7z
		told 'out/a.7z!dir/config.py:3:5'
	done
	(cd tree && zip -0qr ../out/plain.zip .)
	scan out/plain.zip
	told 'out/plain.zip!dir/config.py:3:5'
}

@test "compressed files" {
	gzip -c tree/dir/config.py >out/c.py.gz
	bzip2 -c tree/dir/config.py >out/c.py.bz2
	xz -c tree/dir/config.py >out/c.py.xz
	zstd -qc tree/dir/config.py >out/c.py.zst
	for end in gz bz2 xz zst; do
		scan out/c.py.$end
		told "out/c.py.$end!(unpacked):3:5"
	done
	# Zeros in front are no empty tar.
	(head -c 10k /dev/zero && cat tree/dir/config.py) | gzip -c >out/z.gz
	scan out/z.gz
	told 'out/z.gz!(unpacked):3:5'
	# Two in one, as a log that was written in two goes.
	(gzip -c tree/clean && gzip -c tree/dir/config.py) >out/two.gz
	scan out/two.gz
	told 'out/two.gz!(unpacked):4:5'
}

@test "what is encoded in a member" {
	printf 'a: b\nkey: %s\n' "$(base64 -w0 tree/dir/config.py)" \
		>tree/dir/config.yaml
	rm tree/dir/config.py
	pack zip
	scan out/a.zip
	told 'out/a.zip!dir/config.yaml:2:16'
	[[ $output == *', in base64'* ]]
}

@test "archives in archives, to the depth that was asked for" {
	pack zip
	mkdir -p tree2/in
	cp out/a.zip tree2/in/lib.zip
	tar -C tree2 -czf out/two.tar.gz in
	scan out/two.tar.gz
	told 'out/two.tar.gz!in/lib.zip!dir/config.py:3:5'
	gzip -c out/two.tar.gz >out/same.gz
	mkdir tree3
	cp out/two.tar.gz tree3
	(cd tree3 && 7z a -bd ../out/three.7z . >/dev/null)
	scan out/three.7z
	unscanned 'two.tar.gz!in/lib.zip was not unpacked: archives lie in each other deeper than allowed'
	scan --archive-depth 3 out/three.7z
	told 'out/three.7z!two.tar.gz!in/lib.zip!dir/config.py:3:5'
	scan --archive-depth 1 out/two.tar.gz
	unscanned 'in/lib.zip was not unpacked'
	scan --no-archives out/three.7z
	[ "$status" -eq 0 ]
	for bad in 0 6 x; do
		scan --archive-depth $bad out
		[ "$status" -eq 64 ]
	done
}

@test "a program with a zip behind it" {
	pack zip
	{
		printf '#!/bin/sh\nexec java -jar "$0"\n'
		cat out/a.zip
	} >out/app
	scan out/app
	told 'out/app!dir/config.py:3:5'
}

@test "reports name the member, and a baseline knows it" {
	pack zip
	scan --format json out/a.zip
	[ "$(jq -r '.path + " " + .member' <<<"$output")" = \
		'out/a.zip dir/config.py' ]
	[ "$(jq -c '[.line, .column, .offset, .length]' <<<"$output")" = \
		'[3,5,8,40]' ]
	printf '%s\n' "$output" >known
	scan --baseline known out/a.zip
	[ "$status" -eq 0 ]
	mkdir tree/other && mv tree/dir/config.py tree/other
	rm out/a.zip
	pack zip
	scan --baseline known out/a.zip
	told 'out/a.zip!other/config.py:3:5'
	scan --format sarif out/a.zip
	[ "$(jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri' \
		<<<"$output")" = 'out/a.zip!other/config.py' ]
	scan --format junit out/a.zip
	[[ $output == *'classname="out/a.zip!other/config.py"'* ]]
}

@test "names that mean ill" {
	"$BATS_FILE_TMPDIR/oddzip" out/evil.zip "x = $token" \
		../../../etc/passwd /abs $'e\e[31m\n\r.py' \
		$'\u202egpj.exe' "$(printf 'a%.0s' {1..3000})" . \
		"dir/$token/x"
	scan out/evil.zip
	[ "$status" -eq 1 ]
	[[ $output == *'out/evil.zip!../../../etc/passwd:1:5: '* ]]
	[[ $output == *'out/evil.zip!/abs:1:5: '* ]]
	[[ $output == *'out/evil.zip!e\x1b[31m\x0a\x0d.py:1:5: '* ]]
	[[ $output == *'out/evil.zip!dir/ghp_…lp/x:1:5: '* ]]
	[[ $output != *"$token"* ]]
	for format in json sarif junit; do
		scan --format $format out/evil.zip
		[[ $output != *"$token"* ]]
	done
}

# bounded COMMAND...: no process of it has more than 400 MiB, and it takes less
# than 90 seconds; its status and output as with run.
bounded() {
	run "$BATS_FILE_TMPDIR/bounded" 400 90 "$@"
	[ "$status" -ne 99 ] || fail "$output"
}

@test "bombs are bounded in memory and time, and not scanned" {
	head -c 1G /dev/zero | zip -q1 bomb.zip -
	zip -q out/bomb2.zip bomb.zip
	bounded "$SLUICE" --state "$W/state" scan out/bomb2.zip
	unscanned 'unpacks to more than allowed'
	head -c 600M /dev/zero | gzip -1 >out/bomb.gz
	bounded "$SLUICE" --state "$W/state" scan out/bomb.gz
	unscanned 'unpacks to more than allowed'
	head -c 300M /dev/zero | xz -0 >out/bomb.xz
	bounded "$SLUICE" --state "$W/state" scan out/bomb.xz
	unscanned 'unpacks to more than allowed'
	# A hole of a terabyte, in a tar that says so in a few bytes.
	truncate -s 1T hole
	echo end >>hole
	tar -cSf out/hole.tar hole
	bounded "$SLUICE" --state "$W/state" scan out/hole.tar
	unscanned 'unpacks to more than allowed'
	# More members than allowed, folders or not.
	"$BATS_FILE_TMPDIR/oddzip" out/many.zip -n 100001
	bounded "$SLUICE" --state "$W/state" scan out/many.zip
	unscanned 'more members than allowed'
	# An archive that holds itself.
	echo hello >out/quine.gz
	for _ in {1..40}; do
		gzip -c out/quine.gz >again
		mv again out/quine.gz
	done
	bounded "$SLUICE" --state "$W/state" scan out/quine.gz
	unscanned ''
}

@test "damaged, cut short and encrypted archives are not scanned" {
	for kind in zip tar.gz tar.xz tar.bz2 tar.zst 7z; do
		pack $kind
		size=$(stat -c %s out/a.$kind)
		head -c $((size / 2)) out/a.$kind >out/cut.$kind
		scan out/cut.$kind
		[[ $output == *secret.not_scanned* ]] || fail "$kind: $output"
		[ "$status" -eq 2 ]
	done
	# A wrong byte in what is compressed.
	head -c 10000 /dev/urandom >tree/noise
	rm out/a.*
	pack zip
	pack tar.xz
	pack 7z
	for kind in zip tar.xz 7z; do
		cp out/a.$kind out/bad.$kind
		flip out/bad.$kind $(($(stat -c %s out/a.$kind) / 2)) 255
		scan out/bad.$kind
		unscanned ''
	done
	(cd tree && zip -qr -P password ../out/closed.zip .)
	scan out/closed.zip
	unscanned 'it is encrypted'
	for header in on off; do
		rm -f out/closed.7z
		(cd tree && 7z a -bd -ppassword -mhe=$header ../out/closed.7z . \
			>/dev/null)
		scan out/closed.7z
		unscanned 'it is encrypted'
	done
	# What only looks like one at its end is no archive.
	{
		cat tree/clean
		printf 'PK\5\6\0\0\0\0\1\0\1\0\x41\0\0\0\x99\0\0\0\0\0'
	} >out/text
	scan out/text
	[ "$status" -eq 0 ] || fail "$output"
}

# installed: a copy of the programs in $W/bin, to put others in their place.
installed() {
	mkdir -p "$W/bin"
	cp "${SLUICE%/*}"/sluice "${SLUICE%/*}"/sluice-* "$W/bin"
	SLUICE=$W/bin/sluice
}

@test "without sluice-unpack, or with one that dies, archives are not scanned" {
	installed
	pack zip
	rm bin/sluice-unpack
	scan out tree/clean
	unscanned "cannot run '"
	[ "$(wc -l <<<"$output")" -eq 1 ]
	scan tree/clean
	[ "$status" -eq 0 ]
	for script in 'kill -9 $$' 'exit 0' 'head -c 500 /dev/zero' 'cat'; do
		printf '#!/bin/sh\n%s\n' "$script" >bin/sluice-unpack
		chmod +x bin/sluice-unpack
		scan out/a.zip
		unscanned 'an archive was not unpacked'
	done
}

@test "the unpacker has given up what it does not need" {
	mkfifo pipe
	"${SLUICE%/*}/sluice-unpack" 100000000 <pipe >answer 5<tree/clean 3>&- &
	pid=$!
	exec 8>pipe
	for _ in {1..600}; do
		if grep -q '^Seccomp:.*2$' "/proc/$pid/status"; then
			break
		fi
		sleep 0.05
	done
	grep -q '^Seccomp:[[:space:]]*2$' "/proc/$pid/status"
	grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/$pid/status"
	# What it inherited is closed; it can open and write nothing.
	[ "$(cd "/proc/$pid/fd" && echo *)" = '0 1 2' ]
	grep -q '^Max open files *3 ' "/proc/$pid/limits"
	grep -q '^Max file size *0 ' "/proc/$pid/limits"
	grep -q '^Max core file size *0 ' "/proc/$pid/limits"
	grep -q '^Max address space *100000000 ' "/proc/$pid/limits"
	grep -q '^Max cpu time *600 ' "/proc/$pid/limits"
	exec 8>&-
	wait "$pid"
}

@test "a push of a jar with a secret is refused, and its record says where" {
	cd "$W"
	world_make
	git checkout -q -b work
	mkdir -p jar/conf
	printf 'a\nkey=%s\n' "$token" >jar/conf/app.properties
	(cd jar && zip -qr ../app.jar .)
	git add app.jar
	as ada git commit -q -m 'the application'
	refused secret.github_pat work
	[[ $output == *' app.jar!conf/app.properties:2: '* ]] || fail "$output"
	[[ $output != *"$token"* ]]
	[[ $(record "$(evidence)" '[p.findings[].place]') == \
		*'app.jar!conf/app.properties:2'* ]]
	# A clean one goes through.
	printf 'a\nb\n' >jar/conf/app.properties
	rm app.jar
	(cd jar && zip -qr ../app.jar .)
	git add app.jar
	as ada git commit -q --amend -m 'the application'
	accepted work
	# One that cannot be looked into does not, unless the policy says so.
	(cd jar && zip -qr -P pw ../closed.zip .)
	git add closed.zip
	as ada git commit -q -m 'closed'
	refused secret.not_scanned work
	[[ $output == *'it is encrypted'* ]]
	sed -i 's|{"match": \["\*\*"\], "secret": {"rules": \["builtin"\]|{"match": ["**"], "secret": {"rules": ["builtin"], "archives": false|' \
		"$STATE/policy.json"
	accepted work
}

@test "a push of many versions of an archive, as a pack: what is known warns" {
	cd "$W"
	world_make
	git checkout -q -b work
	mkdir -p jar
	for i in 1 2 3 4 5; do
		seq 1 2000 >jar/numbers
		echo "$i" >>jar/numbers
		tar -cf app.tar jar
		git add app.tar
		as ada git commit -q -m "version $i"
	done
	git config --global receive.unpackLimit 1
	accepted work
	echo "key=$token" >jar/secret
	tar -cf app.tar jar
	git add app.tar
	as ada git commit -q -m 'with a key'
	seq 1 2001 >jar/numbers
	tar -cf app.tar jar
	git add app.tar
	as ada git commit -q -m 'and still'
	refused secret.github_pat work
	[[ $output == *'app.tar!jar/secret:1: '* ]] || fail "$output"
}

@test "doctor says when sluice-unpack is missing" {
	installed
	world_make
	run sluice doctor "$REPO"
	[[ $output == *'sluice-unpack'* ]] || fail "$output"
	[[ $output != *'BAD     archives'* ]]
	rm "$W/bin/sluice-unpack"
	run sluice doctor "$REPO"
	[ "$status" -eq 1 ]
	[[ $output == *'BAD     archives'* ]] || fail "$output"
}
