#include "scan/baseline.h"

#include "base/text.h"
#include "model/oid.h"
#include "parse/doc.h"
#include "port/crypto.h"

/* Entries by the hash of what must be the same. */
struct baseline {
	struct oid_set set;
};

/* What an entry is about. */
enum kind {
	BY_LINE,        /* in this commit, or where there are none */
	BY_LINE_ALWAYS, /* in any commit */
	BY_FINGERPRINT
};

struct entry {
	enum kind kind;
	struct span file, member, rule, commit, fingerprint;
	size_t line;
};

struct baseline *baseline_new(void)
{
	struct baseline *b = calloc(1, sizeof(*b));

	if (!b)
		die("no memory for the baseline");
	return b;
}

void baseline_free(struct baseline *b)
{
	if (!b)
		return;
	oid_set_free(&b->set);
	free(b);
}

static struct span plain(struct span file)
{
	while (span_starts(file, SPAN_LIT("./")))
		file = span_from(file, 2);
	return file;
}

static void add_part(struct buf *key, struct span s)
{
	buf_fmt(key, "%zu:", s.n);
	buf_span(key, s);
}

/* As a report in JSON has it, which holds no other text. */
static void add_shown(struct buf *out, struct span s)
{
	if (text_is_utf8(s))
		buf_span(out, s);
	else
		text_printable(out, s, s.n);
}

/* Bytes of both at the most: nothing of a name may be left out. */
static size_t names_max(const struct entry *e)
{
	return (e->file.n + e->member.n) * 4 + 8;
}

/* The file, and what it is of that as an archive: "lib.zip!inner/config.py",
 * as gitleaks writes it too. */
static void add_file(struct buf *key, const struct entry *e)
{
	struct buf name = BUF_INIT(names_max(e));

	add_shown(&name, plain(e->file));
	if (e->member.n) {
		buf_byte(&name, '!');
		buf_span(&name, e->member);
	}
	add_part(key, buf_all(&name));
	buf_free(&name);
}

static struct oid hash_of(const struct entry *e)
{
	struct buf key = BUF_INIT(names_max(e) + ((size_t)1 << 20));
	unsigned char hash[SHA256_LEN];
	struct oid o;

	buf_fmt(&key, "%d:", (int)e->kind);
	add_file(&key, e);
	add_part(&key, e->rule);
	if (e->kind == BY_FINGERPRINT)
		add_part(&key, e->fingerprint);
	else
		buf_fmt(&key, "%zu:", e->line);
	if (e->kind == BY_LINE)
		add_part(&key, e->commit);
	sha256_of(buf_all(&key), hash);
	memcpy(o.b, hash, OID_RAW);
	buf_free(&key);
	return o;
}

static void add(struct baseline *b, const struct entry *e)
{
	struct oid o = hash_of(e);

	oid_set_add(&b->set, &o);
}

static bool has(const struct baseline *b, const struct entry *e)
{
	struct oid o = hash_of(e);

	return oid_set_has(&b->set, &o);
}

static size_t fields(struct span line, struct span field[4])
{
	size_t n = 0, end;

	for (;; n++) {
		end = span_find(line, ':');
		if (n < 4)
			field[n] = span_sub(line, 0, end);
		if (end == SIZE_MAX)
			return n + 1;
		line = span_from(line, end + 1);
	}
}

static void add_line(struct baseline *b, struct span line, size_t *passed)
{
	struct entry e = {.kind = BY_LINE_ALWAYS};
	struct buf path = BUF_INIT(65536);
	struct span field[4];
	size_t n = fields(line, field), i;
	uint64_t number = 0;

	if ((n != 3 && n != 4) ||
		!text_to_u64(field[n - 1], SIZE_MAX, &number)) {
		++*passed;
		return;
	}
	if (n == 4) {
		e.kind = BY_LINE;
		e.commit = field[0];
	}
	for (i = 0; i < field[n - 3].n; i++)
		buf_byte(&path,
			field[n - 3].p[i] == '\\' ? '/' : field[n - 3].p[i]);
	e.file = buf_all(&path);
	e.rule = field[n - 2];
	e.line = number;
	add(b, &e);
	buf_free(&path);
}

void baseline_ignore(struct baseline *b, struct span text, size_t *passed)
{
	struct span line;

	*passed = 0;
	while (span_line(&text, &line, NULL)) {
		line = span_trim(line);
		if (line.n && line.p[0] != '#')
			add_line(b, line, passed);
	}
}

static bool add_theirs(struct baseline *b, const struct doc *doc)
{
	struct entry e = {.kind = BY_LINE};
	int64_t line;

	if (doc_kind(doc) != DOC_OBJECT ||
		!doc_text(doc_get(doc, "RuleID"), &e.rule) ||
		!doc_text(doc_get(doc, "File"), &e.file) ||
		!doc_int(doc_get(doc, "StartLine"), &line) || line < 0)
		return false;
	e.commit = doc_get_text(doc, "Commit");
	e.line = (size_t)line;
	add(b, &e);
	return true;
}

static bool add_ours(struct baseline *b, const struct doc *doc)
{
	const struct span prefix = SPAN_LIT("secret.");
	struct entry e = {.kind = BY_LINE};
	struct span id;
	int64_t line;

	if (doc_kind(doc) != DOC_OBJECT || !doc_text(doc_get(doc, "id"), &id) ||
		!span_starts(id, prefix))
		return false;
	e.rule = span_from(id, prefix.n);
	e.file = doc_get_text(doc, "path");
	e.member = doc_get_text(doc, "member");
	e.commit = doc_get_text(doc, "commit");
	e.fingerprint = doc_get_text(doc, "fingerprint");
	line = doc_get_int(doc, "match_line");
	if (!line)
		line = doc_get_int(doc, "line");
	e.line = line > 0 ? (size_t)line : 0;
	if (e.fingerprint.n)
		e.kind = BY_FINGERPRINT;
	/* What could not be scanned is not known. */
	if (!span_is(e.rule, "not_scanned"))
		add(b, &e);
	return true;
}

static int add_array(struct baseline *b, struct span text, struct err *err)
{
	struct doc *doc = NULL;
	size_t i;
	int ret = -1;

	if (doc_parse(text, &doc, err))
		return -1;
	for (i = 0; i < doc_count(doc); i++) {
		if (!add_theirs(b, doc_at(doc, i))) {
			err_set(err, ERR_INPUT,
				"entry %zu is no finding of gitleaks", i + 1);
			goto out;
		}
	}
	ret = 0;
out:
	doc_free(doc);
	return ret;
}

static int add_lines(struct baseline *b, struct span text, struct err *err)
{
	struct span line;
	size_t n = 0;

	while (span_line(&text, &line, NULL)) {
		struct doc *doc = NULL;
		bool ok;

		n++;
		if (!span_trim(line).n)
			continue;
		if (doc_parse(line, &doc, err))
			return err_in(err, "line %zu", n);
		ok = add_ours(b, doc);
		doc_free(doc);
		if (!ok)
			return err_set(err, ERR_INPUT,
				"line %zu is no finding of 'sluice scan "
				"--format json'",
				n);
	}
	return 0;
}

int baseline_report(struct baseline *b, struct span text, struct err *err)
{
	text = span_trim(text);
	if (text.n && text.p[0] == '[')
		return add_array(b, text, err);
	return add_lines(b, text, err);
}

bool baseline_has(const struct baseline *b, const struct report_place *place,
	const struct scan_hit *hit)
{
	struct entry e = {.file = place->path,
		.member = span_str(hit->member),
		.rule = hit->rule->id,
		.commit = span_str(place->commit),
		.fingerprint = span_str(hit->fingerprint),
		.line = hit->match_line ? hit->match_line : place->line};

	if (e.fingerprint.n) {
		e.kind = BY_FINGERPRINT;
		if (has(b, &e))
			return true;
	}
	e.kind = BY_LINE_ALWAYS;
	if (has(b, &e))
		return true;
	e.kind = BY_LINE;
	return has(b, &e);
}
