# bats sets status, output and stderr; each test is a subshell of its own.
# shellcheck disable=SC2154,SC2030,SC2031
# What other servers call push rules: for each one push that keeps it and one
# that breaks it, told with what, where and the way out.
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

# rules SECTIONS: what refs/heads/r/** and refs/tags/r-* demand, as JSON; no
# section of the policy's other entries applies there.
rules() {
	policy_edit '.people.ada.email = ["ada@example.org", "ada@home.example"] |
		.people.agent = {email: ["agent@bots.example"], robot: true} |
		{match: ["refs/heads/r/**", "refs/tags/r-*"]} as $those |
		refs |= [$those + $rules] + map(select(
			.match != ["**"] and .match != $those.match))' \
		--argjson rules "{$1}"
	sluice --quiet policy check
}

# says TEXT...: each is in what the pusher saw.
says() {
	for text in "$@"; do
		[[ $output == *"$text"* ]] || fail "no '$text': $output"
	done
}

# afresh: a branch without the commit that was there before the gate.
afresh() {
	git checkout -q --orphan afresh
	git rm -rqf .
}

# tree LINE...: $t, a tree of entries "MODE CONTENT PATH" with nothing checked;
# a CONTENT of 40 digits is the name of a commit. CONTENT and PATH are as
# printf's %b has them; what lies in a folder stands together.
tree() {
	local rows='' folder='' inside=() line mode content path kind
	for line in "$@" '- - -'; do
		read -r mode content path <<<"$line"
		if [ -n "$folder" ] && [[ $path != "$folder"/* ]]; then
			rows+="40000 tree $(tree "${inside[@]}" && echo "$t")"
			rows+="\t$folder\0000"
			folder=
		fi
		if [[ $path == */* ]]; then
			[ -n "$folder" ] || inside=()
			folder=${path%%/*}
			inside+=("$mode $content ${path#*/}")
			continue
		fi
		[ "$mode" != - ] || break
		kind=blob
		if [ "$mode" = 160000 ]; then
			kind=commit
		else
			content=$(printf %b "$content" |
				git hash-object -w --stdin)
		fi
		rows+="$mode $kind $content\t$path\0000"
	done
	t=$(printf %b "$rows" | git mktree -z --missing)
}

# files LINE...: $c, a commit without parents that has them.
files() {
	tree "$@"
	c=$(as ada git commit-tree -m files "$t")
}

# made MESSAGE [PARENT...]: $c, an empty commit of ada's.
made() {
	local message=$1 parents=()
	shift
	for p in "$@"; do
		parents+=(-p "$p")
	done
	c=$(as ada git commit-tree -m "$message" "${parents[@]}" \
		"$(git mktree </dev/null)")
}

# Identities

@test "strict: author and committer are the signer" {
	rules '"identity": {"email": "strict"}'
	afresh
	commit ada mine -S
	accepted HEAD:refs/heads/r/a
	commit ada 'of another' -S --author='Bela <bela@example.org>'
	refused identity.email HEAD:refs/heads/r/b
	says "the author's address <bela@example.org> is none of the signer" \
		"ada: 'of another' by Bela" 'hint: set user.email'
	git reset -q --hard HEAD^
	commit ada 'my other address' -S --author='Ada <ADA@home.example>'
	accepted HEAD:refs/heads/r/c
	commit ada unsigned
	refused identity.email HEAD:refs/heads/r/d
	says 'no signature says whose it is'
	# A tag has a tagger.
	as bela git tag -s -m x r-1 HEAD^
	accepted r-1
	as bela env GIT_COMMITTER_EMAIL=ada@example.org git tag -s -m x r-2 \
		HEAD^
	refused identity.email r-2
	says "the tagger's address <ada@example.org> is none of" "tag 'r-2'"
}

@test "the domain is enough where the policy says so" {
	rules '"identity": {"email": "domain"}'
	afresh
	commit ada 'of a colleague' -S --author='New <new@EXAMPLE.org>'
	accepted HEAD:refs/heads/r/a
	commit ada 'of a stranger' -S --author='X <x@notexample.org>'
	refused identity.email HEAD:refs/heads/r/b
	says '<x@notexample.org> is in no domain of the signer, ada'
}

@test ".mailmap, which is part of what is pushed, is not obeyed" {
	rules '"identity": {"email": "strict", "author": "known"}'
	afresh
	commit ada base -S
	printf '%s\n' 'ada <ada@example.org> <mallory@example.org>' \
		'ada <ada@example.org> mallory <mallory@example.org>' >.mailmap
	git add .mailmap
	git config mailmap.file "$PWD/.mailmap"
	git --git-dir="$REPO" config mailmap.file "$PWD/.mailmap"
	git --git-dir="$REPO" config log.mailmap true
	commit ada mapped -S --author='mallory <mallory@example.org>'
	[ "$(git log -1 --use-mailmap --format=%aE)" = ada@example.org ]
	refused identity.email HEAD:refs/heads/r/a
	[[ $output == *' identity.author '* ]]
	# Nor the other way: the map takes nobody's commit away from them.
	git reset -q --hard HEAD^
	echo 'mallory <mallory@example.org> <ada@example.org>' >.mailmap
	git add .mailmap
	commit ada 'mapped away' -S
	accepted HEAD:refs/heads/r/a
}

@test "the committer is the pusher" {
	rules '"identity": {"email": "off", "committer": "pusher"}'
	commit ada one
	GL_USERNAME=ada accepted HEAD:refs/heads/r/a
	commit ada two
	GL_USERNAME=bela refused identity.committer HEAD:refs/heads/r/b
	says "the committer's address <ada@example.org> is none of 'bela'" \
		'hint: have whoever committed it push it'
	GL_USERNAME=zoe refused identity.committer HEAD:refs/heads/r/b
	says "'zoe', who pushes and is not in the policy"
	GITEA_PUSHER_NAME=x GITEA_PUSHER_EMAIL=ada@example.org \
		accepted HEAD:refs/heads/r/b
}

@test "the author is somebody known" {
	rules '"identity": {"email": "off", "author": "known"}'
	commit gus one
	accepted HEAD:refs/heads/r/a
	commit gus two --author='Zoe <zoe@example.org>'
	refused identity.author HEAD:refs/heads/r/a
	says "nobody has the author's address <zoe@example.org>: 'two' by Zoe"
}

@test "names are those that the policy has" {
	rules '"identity": {"email": "off", "names": "listed"}'
	policy_edit '.people.ada.names = ["ada", "Ada Byron"]'
	sluice --quiet policy check
	commit ada one --author='Ada Byron <ada@example.org>'
	accepted HEAD:refs/heads/r/a
	commit ada two --author='Someone <ada@example.org>'
	refused identity.name HEAD:refs/heads/r/a
	says "the author's name 'Someone' is none of ada's: 'two'" \
		'hint: set user.name'
}

@test "addresses match the policy's patterns" {
	rules '"identity": {"email": "off",
		"author_email": ["@example\\.org$", "@home\\.example$"],
		"committer_email": ["@example\\.org$"]}'
	commit ada one --author='Z <z@home.example>'
	accepted HEAD:refs/heads/r/a
	commit ada two --author='Z <z@evil.example>'
	refused identity.pattern HEAD:refs/heads/r/a
	says "the author's address <z@evil.example> does not match" 'or another'
	git reset -q --hard HEAD^
	as ada env GIT_COMMITTER_EMAIL=z@home.example git commit -q \
		--allow-empty -m three --author='Z <z@example.org>'
	refused identity.pattern HEAD:refs/heads/r/a
	says "the committer's address <z@home.example>"
}

# Signatures

@test "what is not signed is refused, by whom also, and a robot's as a rule" {
	rules '"signature": {"by": ["@maintainers"]}'
	afresh
	commit ada signed -S
	accepted HEAD:refs/heads/r/a
	commit ada unsigned
	refused signature.missing HEAD:refs/heads/r/a
	says "'unsigned' by ada" 'hint: sign it'
	git reset -q --hard HEAD^
	commit mallory stranger -S
	refused signature.unknown_key HEAD:refs/heads/r/a
	git reset -q --hard HEAD^
	commit ci robot -S
	refused signature.not_allowed HEAD:refs/heads/r/a
}

# Robots

@test "robots push and commit only where they may" {
	rules '"robot": {"push": ["ci"], "commit": ["ci"]}'
	commit ci one
	GL_USERNAME=ci accepted HEAD:refs/heads/r/a
	GL_USERNAME=ada accepted HEAD:refs/heads/r/a2
	commit ada two
	GL_USERNAME=agent refused robot.push HEAD:refs/heads/r/b
	says "'agent' is a robot" 'hint: have the robot push to a branch'
	# Whichever part it had.
	commit ada 'three

Co-authored-by: Agent <Agent@bots.example>'
	GL_USERNAME=ada refused robot.commit HEAD:refs/heads/r/b
	says "the robot 'agent' is a co-author: 'three' by ada"
	git reset -q --hard HEAD^
	# In whatever paragraph, on however many lines.
	commit ada 'three

Co-authored-by: Agent
 <
 agent@bots.example>

# not the last'
	GL_USERNAME=ada refused robot.commit HEAD:refs/heads/r/b
	git reset -q --hard HEAD^
	# As the kernel has it, and agents that have no address.
	commit ada 'three

Co-developed-by: Agent <agent@bots.example>'
	GL_USERNAME=ada refused robot.commit HEAD:refs/heads/r/b
	git reset -q --hard HEAD^
	commit ada 'three

Assisted-by: Agent:model-3 clang-tidy'
	policy_edit '.people.agent.names = ["Agent"]'
	GL_USERNAME=ada refused robot.commit HEAD:refs/heads/r/b
	says "the robot 'agent' is a co-author: 'three' by ada"
	git reset -q --hard HEAD^
	commit ada four --author='A <agent@bots.example>'
	GL_USERNAME=ada refused robot.commit HEAD:refs/heads/r/b
	says "is the author: 'four'"
	git reset -q --hard HEAD^
	GL_USERNAME=ada accepted HEAD:refs/heads/r/b
}

@test "robots touch only the paths that are theirs" {
	rules '"robot": {"paths": [
		{"by": ["ci"], "match": ["ci.txt", "deps/**"]}]}'
	commit ci one
	accepted HEAD:refs/heads/r/a
	mkdir -p deps/x
	echo 1 >deps/x/lock
	git add deps
	as ci git commit -q -m lock
	accepted HEAD:refs/heads/r/a
	echo 2 >build.sh
	git add build.sh
	as ci git commit -q -m script
	refused robot.path HEAD:refs/heads/r/a
	says build.sh "not for the robot 'ci'" 'hint: leave the path out'
	git reset -q --hard HEAD^
	# To take away is to touch.
	git rm -q README
	as ci git commit -q -m gone
	refused robot.path HEAD:refs/heads/r/a
	says README
	git reset -q --hard HEAD^
	# A robot that no entry names touches nothing; people are free.
	echo 3 >deps/x/lock
	git add deps
	as ada git commit -q -m x --author='A <agent@bots.example>'
	refused robot.path HEAD:refs/heads/r/a
	git reset -q --hard HEAD^
	commit ada three
	accepted HEAD:refs/heads/r/a
	# Who signs had a hand in it, whatever name stands there.
	echo 4 >build.sh
	git add build.sh
	GIT_CONFIG_PARAMETERS="'gpg.format=ssh' 'user.signingKey=$BATS_FILE_TMPDIR/keys/ci'" \
		GIT_AUTHOR_NAME=ada GIT_AUTHOR_EMAIL=ada@example.org \
		GIT_COMMITTER_NAME=ada GIT_COMMITTER_EMAIL=ada@example.org \
		git commit -q -S -m disguised
	refused robot.path HEAD:refs/heads/r/a
}

@test "what a robot helped with needs more people, and robots are none" {
	rules '"approval": {"count": 1, "robot_count": 2,
		"by": ["@maintainers", "ci"]}'
	commit ada plain
	approve bela HEAD refs/heads/r/a
	accepted HEAD:refs/heads/r/a
	commit ada 'with help

Co-authored-by: Agent <agent@bots.example>'
	approve bela HEAD refs/heads/r/a
	refused approval.robot HEAD:refs/heads/r/a
	says "1 of 1 new commits that a robot had a hand in" \
		"(a co-author is the robot 'agent') has 1 of 2" \
		'hint: ask '
	[[ $output != *approval.too_few* ]]
	approve ci HEAD refs/heads/r/a || true
	refused approval.robot HEAD:refs/heads/r/a
	says 'ci: a robot'
	approve gus HEAD refs/heads/r/a
	accepted HEAD:refs/heads/r/a
}

# Approvals by path; approval.bats has the others.

@test "a path needs its own people" {
	rules '"approval": {"count": 0, "by": ["@maintainers"],
		"paths": [{"match": ["bela.txt"], "count": 1, "by": ["gus"]}]}'
	commit ada free
	accepted HEAD:refs/heads/r/a
	commit bela bound
	approve ada HEAD refs/heads/r/a
	refused approval.path HEAD:refs/heads/r/a
	says ' bela.txt: 1 of 1 new commits' 'has 0 of 1' 'hint: ask gus to run'
	approve gus HEAD refs/heads/r/a
	accepted HEAD:refs/heads/r/a
}

# Messages

@test "a message names an issue" {
	rules '"message": {"issue": ["\\bPAY-[0-9]+", "\\bOPS-[0-9]+"]}'
	made 'fix it

Closes OPS-17'
	accepted "$c:refs/heads/r/a"
	made 'fix it, see PAY'
	refused message.issue "$c:refs/heads/r/b"
	says "'fix it, see PAY' by ada" 'PAY-[0-9]+' \
		'hint: name the issue that it belongs to'
}

@test "subjects and lines have a length" {
	rules '"message": {"max_subject": 10, "max_line": 20}'
	made 'äöüäöüäöüä

a line of 20 letters
https://example.org/one/long/word'
	accepted "$c:refs/heads/r/a"
	made 'eleven char'
	refused message.length "$c:refs/heads/r/b"
	says 'the subject has 11 characters, at most 10 are allowed' \
		"'eleven char' by ada" 'hint: make it shorter'
	made 'short

fine
this one is rather long'
	refused message.length "$c:refs/heads/r/b"
	says 'line 4 has 23 characters, at most 20'
}

@test "merge commits can be spared the rules for messages" {
	made 'A-1 left'
	left=$c
	made 'A-1 right'
	right=$c
	made 'Merge branch right' "$left" "$right"
	rules '"message": {"require": ["^A-[0-9]+ "], "sign_off": false,
		"merges": "spare"}'
	accepted "$c:refs/heads/r/a"
	rules '"message": {"require": ["^A-[0-9]+ "]}'
	made 'Merge branch right again' "$left" "$right"
	refused message.pattern "$c:refs/heads/r/b"
	says 'Merge branch right again'
}

@test "what a message must say, must not say, and a sign-off" {
	rules '"message": {"require": ["^(feat|fix): ", "\\n\\nWhy: "],
		"deny": ["(?i)\\bwip\\b", "^fixup!"]}'
	made 'fix: it

Why: so'
	accepted "$c:refs/heads/r/a"
	made 'fix: it'
	refused message.pattern "$c:refs/heads/r/b"
	says "does not match '\\n\\nWhy: ': 'fix: it' by ada" 'hint: reword it'
	made 'fix: it, WIP

Why: so'
	refused message.denied "$c:refs/heads/r/b"
	says "matches '(?i)\\bwip\\b'" 'hint: reword it'
	rules '"message": {"sign_off": true}'
	made 'x

Signed-off-by: Ada <ada@example.org>'
	accepted "$c:refs/heads/r/c"
	# By the author, and not by somebody else.
	for by in '' 'Signed-off-by: Bela <bela@example.org>' \
		'signed-off-by ada@example.org'; do
		made "y

$by"
		refused message.sign_off "$c:refs/heads/r/b"
	done
	says "'y' by ada" 'hint: add the line: git commit --amend'
}

@test "the server's own words stand beside the hint" {
	rules '"message": {"issue": ["\\bPAY-[0-9]+"]},
		"file": {"deny_extension": ["exe"]},
		"hints": {"message.issue": "see https://issues.example.org",
			"*": "questions: #git-help"}'
	files '100644 x a.exe'
	refused file.extension "$c:refs/heads/r/a"
	[[ $output == *" message.issue "* ]]
	says 'hint: name the issue that it belongs to' \
		'; see https://issues.example.org' \
		'hint: take it out' '; questions: #git-help'
	made PAY-1
	accepted "$c:refs/heads/r/a"
	[[ $output != *git-help* ]]
	run sluice policy show
	says 'hint message.issue: see https://issues.example.org'
}

# Refs

@test "names of branches and of tags" {
	rules '"ref": {"name": ["^refs/heads/r/(feat|fix)/[a-z0-9-]+$",
		"^refs/tags/r-[0-9]+$"]}'
	made x
	accepted "$c:refs/heads/r/fix/it"
	refused ref.name "$c:refs/heads/r/Fix"
	says "refs/heads/r/Fix" 'hint: rename the branch or tag'
	as ada git tag -a -m x r-1 "$c"
	as ada git tag -a -m x r-one "$c"
	accepted r-1
	refused ref.name r-one
	# To delete what has a wrong name is no harm.
	git --git-dir="$REPO" update-ref refs/heads/r/Fix "$c"
	accepted :refs/heads/r/Fix
}

@test "nothing is taken away, moved, rewritten or made" {
	rules '"ref": {"delete": "deny", "move": "deny", "force_push": "deny"}'
	made one
	one=$c
	made two "$one"
	accepted "$c:refs/heads/r/a"
	as ada git tag -a -m x r-1 "$c"
	accepted r-1
	refused ref.delete :refs/heads/r/a
	says 'hint: leave it'
	refused ref.delete :refs/tags/r-1
	refused ref.force_push "+$one:refs/heads/r/a"
	says 'hint: bring your work on top'
	as ada git tag -f -a -m y r-1 "$one"
	refused ref.move +r-1
	says 'hint: make a new tag'
	made three "$c"
	accepted "$c:refs/heads/r/a"
	rules '"ref": {"create": "deny"}'
	made four "$c"
	accepted "$c:refs/heads/r/a"
	refused ref.create "$c:refs/heads/r/b"
	says 'hint: push to a ref that exists'
}

@test "history is linear" {
	rules '"ref": {"merge": "deny"}'
	made left
	left=$c
	made right
	right=$c
	made next "$left"
	accepted "$c:refs/heads/r/a"
	made both "$left" "$right"
	refused ref.merge "$c:refs/heads/r/b"
	says "2 parents: 'both' by ada" 'hint: put your commits on top'
	# Let in where merges are allowed, it is still not linear here.
	accepted "$c:refs/heads/free/b"
	refused ref.merge "$c:refs/heads/r/b"
}

@test "tags are annotated, refs are left alone, pushes are small" {
	rules '"ref": {"lightweight": "deny", "update": "deny",
		"max_refs": 2, "max_commits": 2}'
	git tag r-light
	refused ref.lightweight r-light
	says 'it points to a commit itself' 'hint: make an annotated tag'
	as ada git tag -a -m x r-1
	accepted r-1
	made one
	one=$c
	made two "$one"
	two=$c
	made three "$two"
	accepted "$two:refs/heads/r/a"
	refused ref.update "$c:refs/heads/r/a"
	says 'hint: push to another ref'
	made x
	refused ref.max_refs "$c:refs/heads/r/1" "$c:refs/heads/r/2" \
		"$c:refs/heads/r/3"
	says '3 refs in one push, at most 2 are allowed' 'hint: push fewer'
	made y "$c"
	made z "$c"
	refused ref.max_commits "$c:refs/heads/r/1"
	says '3 new commits in one push, at most 2' 'hint: push them in parts'
	accepted "$c^:refs/heads/r/1" "$c^:refs/heads/r/2"
}

# Files

@test "names of files and their size" {
	rules '"file": {"deny": ["*.pem", "conf/**"], "max_size": "1KiB"}'
	files '100644 x pem' '100644 x x/conf' "100644 $(printf %01024d 0) big"
	accepted "$c:refs/heads/r/a"
	files '100644 x a/b/key.pem'
	refused file.name "$c:refs/heads/r/b"
	says "a/b/key.pem: '*.pem' is not allowed" 'hint: take it out'
	files '100644 x conf/a/b'
	refused file.name "$c:refs/heads/r/b"
	says "'conf/**' is not allowed"
	files "100644 $(printf %01025d 0) big"
	refused file.size "$c:refs/heads/r/b"
	says ' big: 1025 bytes, at most 1024 are allowed' 'hint: take it out'
	# What was there before the rule may be taken away.
	rules '"ref": {}'
	accepted "$c:refs/heads/r/old"
	rules '"file": {"max_size": "1KiB"}'
	c=$(as ada git commit-tree -m gone -p "$c" "$(git mktree </dev/null)")
	accepted "$c:refs/heads/r/old"
	# A name is told as it is, but for what steers a terminal, once.
	rules '"file": {"deny": ["*.pem"]}'
	files '100644 x a\\b\x1b.pem'
	refused file.name "$c:refs/heads/r/b"
	says ' a\\b\x1b.pem: '
}

# example NUMBER: that JSON of docs/pushrules.md, without its braces.
example() {
	awk -v n="$1" '/^```json/ { i++; on = i == n; next } /^```/ { on = 0 }
		on' "$E2E_ROOT/docs/pushrules.md" | jq -c . | sed 's/^{//;s/}$//'
}

@test "the list of files that hold secrets, as docs/pushrules.md has it" {
	rules "$(example 1)"
	files '100644 x .ssh/id_ed25519.pub' '100644 x key.go' \
		'100644 x history' '100644 x config.json'
	accepted "$c:refs/heads/r/a"
	for name in .ssh/id_ed25519 a/ID_RSA tls/server.key x.P12 .bash_history \
		.aws/credentials .docker/config.json .netrc a/.pgpass; do
		files "100644 x $name"
		refused file.name "$c:refs/heads/r/b"
	done
}

@test "every finding that docs/pushrules.md names is met by a push" {
	ids=$(sed -n 's/^|.*|.*| \(`[^|]*`\) |$/\1/p' "$E2E_ROOT/docs/pushrules.md" |
		grep -o '[a-z_]*\.[a-z_]*' | sort -u)
	[ "$(wc -w <<<"$ids")" -ge 40 ]
	for id in $ids; do
		files=("$BATS_TEST_FILENAME")
		[[ $id != approval.* ]] || files=("$E2E_ROOT"/tests/e2e/*.bats)
		grep -qE "(refused|forged) $id( |\$)" "${files[@]}" ||
			fail "no push is refused for $id"
	done
}

@test "extensions, patterns of paths, long paths" {
	rules '"file": {"deny_extension": ["exe", "tar.gz"],
		"deny_pattern": ["(^|/)id_(rsa|ecdsa)$"], "max_path": 20}'
	files '100644 x exe' '100644 x a.exe.txt' '100644 x id_rsa.pub' \
		'100644 x 0123456789/012345678'
	accepted "$c:refs/heads/r/a"
	files '100644 x bin/Setup.EXE'
	refused file.extension "$c:refs/heads/r/b"
	says bin/Setup.EXE "'.exe' is not allowed" 'hint: take it out'
	files '100644 x a.TAR.gz'
	refused file.extension "$c:refs/heads/r/b"
	files '100644 x home/id_rsa'
	refused file.name "$c:refs/heads/r/b"
	says home/id_rsa '(^|/)id_(rsa|ecdsa)$'
	files '100644 x 0123456789/0123456789'
	refused file.path_length "$c:refs/heads/r/b"
	says '21 bytes, at most 20 are allowed' 'hint: give the file'
}

@test "paths that differ in case only, on the tree that comes out" {
	rules '"file": {"case_collisions": "deny"}'
	files '100644 x readme' '100644 x src/main.c'
	accepted "$c:refs/heads/r/a"
	base=$c
	# The other name is not among what the push changes.
	tree '100644 x readme' '100644 y README' '100644 x src/main.c'
	c=$(as ada git commit-tree -m second -p "$base" "$t")
	second=$c
	refused file.case_collision "$c:refs/heads/r/a"
	says README "beside 'readme'" 'hint: rename one of them'
	# In folders, folders themselves, and letters that are not ASCII.
	tree '100644 x readme' '100644 x src/main.c' '100644 y src/Main.c'
	c=$(as ada git commit-tree -m x -p "$base" "$t")
	refused file.case_collision "$c:refs/heads/r/a"
	says src/Main.c
	tree '100644 x readme' '100644 x src/main.c' '100644 y SRC/other.c'
	c=$(as ada git commit-tree -m x -p "$base" "$t")
	refused file.case_collision "$c:refs/heads/r/a"
	files '100644 x \xc3\x84' '100644 x \xc3\xa4'
	refused file.case_collision "$c:refs/heads/r/b"
	# Nor how accents are put together: macOS keeps one of the two.
	files '100644 x caf\xc3\xa9' '100644 x cafe\xcc\x81'
	refused file.case_collision "$c:refs/heads/r/b"
	says "beside '" 'with other code points for the same letters'
	# What counts is the tree in the end.
	tree '100644 y README' '100644 x src/main.c'
	c=$(as ada git commit-tree -m renamed -p "$second" "$t")
	accepted "$c:refs/heads/r/a"
	# Each branch is clean, the merge is not.
	tree '100644 x readme' '100644 x other'
	left=$(as ada git commit-tree -m left -p "$base" "$t")
	tree '100644 x readme' '100644 x OTHER'
	right=$(as ada git commit-tree -m right -p "$base" "$t")
	accepted "$left:refs/heads/r/left" "$right:refs/heads/r/right"
	tree '100644 x readme' '100644 x OTHER' '100644 x other'
	c=$(as ada git commit-tree -m merge -p "$left" -p "$right" "$t")
	refused file.case_collision "$c:refs/heads/r/left"
	refused file.case_collision "$c:refs/heads/r/new"
	# What was there before the rule is not held against what comes now.
	accepted "$c:refs/heads/free/m"
	git --git-dir="$REPO" update-ref refs/heads/r/old "$c"
	tree '100644 x readme' '100644 new OTHER' '100644 x other' \
		'100644 x more'
	c=$(as ada git commit-tree -m more -p "$c" "$t")
	accepted "$c:refs/heads/r/old"
}

@test "symbolic links stay in the tree" {
	rules '"file": {"symlinks": "inside"}'
	files '120000 ../other/file dir/link' '120000 a/b link' \
		'120000 ./../x/./y a/link'
	accepted "$c:refs/heads/r/a"
	for to in /etc/passwd ../file 'a/../../x' 'C:/x' '\\\\host\\x' \
		.git/config '..\\x'; do
		files "120000 $to link"
		refused file.symlink "$c:refs/heads/r/b"
		says ' link: to ' 'hint: let it point to a file'
	done
	files '120000 ../../file dir/link'
	refused file.symlink "$c:refs/heads/r/b"
	says dir/link "to '../../file': it leads out of the repository"
	files "120000 $(printf 'a%.0s' {1..5000}) link"
	refused file.symlink "$c:refs/heads/r/b"
	says 'larger than 4096 bytes'
	rules '"file": {"symlinks": "deny"}'
	files '120000 a link'
	refused file.symlink "$c:refs/heads/r/b"
	says 'no symbolic links are allowed'
}

# modules URL: $c, a commit with one submodule from there.
modules() {
	local text="[submodule\\x20\"lib\"]\\n\\tpath=lib\\n\\turl=${1// /\\x20}\\n"
	files "100644 $text .gitmodules" "160000 $(git rev-parse HEAD) lib"
}

@test "submodules come from where the policy says" {
	rules '"file": {"submodules": ["https", "ssh", "relative"]}'
	for url in https://example.org/lib.git git@example.org:lib.git \
		ssh://git@example.org/lib ../lib.git; do
		modules "$url"
		accepted "+$c:refs/heads/r/a"
	done
	for url in http://example.org/lib git://example.org/lib /srv/lib \
		file:///srv/lib 'ext::sh -c id' ftp://example.org/x; do
		modules "$url"
		refused file.submodule "$c:refs/heads/r/b"
		says .gitmodules "submodule 'lib', url '$url'" \
			'allowed: https, ssh, relative' \
			'hint: change .gitmodules'
	done
	# What git was once led by, whatever is allowed.
	for url in --upload-pack=id ssh://-oProxyCommand=id/x \
		-oProxyCommand=id:x 'https://example.org/%0ahost=evil'; do
		modules "$url"
		refused file.submodule "$c:refs/heads/r/b"
	done
	says 'an encoded end of line'
	commit=$(git rev-parse HEAD)
	files '100644 [submodule\x20"../../x"]\nurl=https://example.org/x .gitmodules' \
		"160000 $commit x"
	refused file.submodule "$c:refs/heads/r/b"
	says "its name has '..' in it"
	files '100644 [submodule\x20"x .gitmodules' "160000 $commit x"
	refused file.submodule "$c:refs/heads/r/b"
	says 'it cannot be read: line 1'
	files '120000 other .gitmodules'
	refused file.submodule "$c:refs/heads/r/b"
	says 'it is a symbolic link'
	# Under any name that a system takes for it.
	files '100644 [submodule\x20"x"]\nurl=-x .GitModules'
	refused file.submodule "$c:refs/heads/r/b"
	rules '"file": {"submodules": []}'
	files "160000 $commit lib"
	refused file.submodule "$c:refs/heads/r/b"
	says 'no submodules are allowed'
}

# odd MODE NAME PATH: $c, a commit with one entry, whatever the mode is.
odd() {
	t=$({
		printf '%s %s\0' "$1" "$3"
		xxd -r -p <<<"$2"
	} | git hash-object -t tree -w --literally --stdin)
	c=$(as ada git commit-tree -m odd "$t")
}

@test "modes that git reads as a symbolic link or a submodule" {
	rules '"file": {"symlinks": "deny", "submodules": []}'
	to=$(printf ../x | git hash-object -w --stdin)
	commit=$(git rev-parse HEAD)
	for mode in 120777 120644; do
		odd "$mode" "$to" link
		refused file.symlink "$c:refs/heads/r/a"
		odd "$mode" "$to" .gitmodules
		refused file.submodule "$c:refs/heads/r/a"
	done
	for mode in 160755 20000 170000; do
		odd "$mode" "$commit" lib
		[[ $(git ls-tree "$c") == 160000* ]]
		refused file.submodule "$c:refs/heads/r/a"
	done
	says 'no submodules are allowed'
	rules '"file": {"symlinks": "inside", "submodules": ["https"]}'
	odd 120777 "$to" link
	refused file.symlink "$c:refs/heads/r/a"
	says "to '../x': it leads out"
	odd 160755 "$commit" .gitmodules
	refused file.submodule "$c:refs/heads/r/a"
	says 'it is a submodule'
	odd 100664 "$to" file
	accepted "$c:refs/heads/r/a"
}

@test "odd modes, names that Windows lacks, names like .git" {
	rules '"file": {"odd_modes": "deny", "windows_names": "deny",
		"git_names": "deny"}'
	files '100644 x a' '100755 x b.con' '120000 a c' '100644 x git/config' \
		'100644 x .gitignore' '100644 x dir/com10'
	accepted "$c:refs/heads/r/a"
	files '100666 x open'
	refused file.mode "$c:refs/heads/r/b"
	says ' open: mode 100666; git makes 100644' 'hint: add it again'
	for name in CON nul.txt 'aux/x' 'x/com1.log' 'end.' 'end\x20' \
		'a:b' 'a\\\\b'; do
		files "100644 x $name"
		refused file.windows_name "$c:refs/heads/r/b"
	done
	files '100644 x dir/nul.txt'
	refused file.windows_name "$c:refs/heads/r/b"
	says dir/nul.txt "the part 'nul.txt': the name of a device" \
		'hint: rename it'
	for name in '.git/config' '.GIT/config' 'x/.Git' 'git~1/hooks' \
		'.git\x20/x' '.git./x' '.g\xe2\x80\x8cit/x' '../x' './x' \
		'.git::$INDEX_ALLOCATION/x'; do
		files "100644 x $name"
		refused file.git_name "$c:refs/heads/r/b"
	done
	says "the part '.git::\$INDEX_ALLOCATION'" 'hint: rename it'
}

# The policy itself

@test "explain puts every rule in words, and a slip is told with its place" {
	rules '"identity": {"committer": "pusher"}, "robot": {"push": []},
		"ref": {"merge": "deny"}, "message": {"max_subject": 72},
		"file": {"symlinks": "inside", "submodules": ["https"]}'
	run sluice policy explain refs/heads/r/a
	[ "$status" -eq 0 ]
	says 'must be the person who pushes' 'Of the robots only these' \
		'no merge commits' 'at most 72 characters' \
		'must not lead out' 'kinds only: https' \
		'from repositories[0].refs[0].identity'
	run rules '"file": {"submodules": ["ftp"]}'
	[ "$status" -ne 0 ]
	says 'repositories[0].refs[0].file.submodules[0]: expected "https"'
	# The policy is broken now, and so nothing is judged by it.
	commit ada x
	undecided 'submodules[0]' HEAD:refs/heads/r/a
}
