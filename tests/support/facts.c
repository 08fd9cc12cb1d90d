#include "support/facts.h"

#include <stdarg.h>

#define WORLD_TIME 1790000000

static const char *emails[WORLD_PEOPLE][2] = {
	{"ada@example.org", "ada@home.example"},
	{"bela@example.org", "bela@home.example"},
	{"cy@example.org", "cy@home.example"},
	{"ci@example.org", "ci@home.example"},
};

void world_open(struct world *w)
{
	static const char *const names[] = {"ada", "bela", "cy", "ci"};
	size_t i;

	memset(w, 0, sizeof(*w));
	w->names = (struct buf)BUF_INIT(65536);
	w->arena = arena_new((size_t)64 << 20);
	for (i = 0; i < WORLD_PEOPLE; i++) {
		w->person[i].name = names[i];
		w->person[i].email = emails[i];
		w->person[i].nemail = 2;
		w->person[i].robot = i == CI;
	}
	w->policy.person = w->person;
	w->policy.nperson = WORLD_PEOPLE;
	w->push.repository = "payments/api";
	w->push.up = w->up;
	w->push.pusher.name = "dora";
	w->push.pusher.source = "GL_USER";
	w->push.pusher.email = w->push.pusher.address = "";
	w->facts.push = &w->push;
	w->facts.policy = &w->policy;
	w->facts.update = w->update;
	w->facts.change = w->change;
	w->facts.tag = w->tag;
	w->facts.approval = w->approval;
	w->facts.waiver = w->waiver;
	w->facts.hit = w->hit;
	w->push.time = WORLD_TIME;
	w->out.arena = w->arena;
}

void world_close(struct world *w)
{
	buf_free(&w->names);
	arena_free(w->arena);
}

static void room(size_t n)
{
	if (n >= WORLD_MAX)
		die("world: too many of something");
}

static struct oid oid_make(unsigned char kind, size_t n)
{
	struct oid o = {{kind, (unsigned char)(n + 1)}};

	return o;
}

struct update_fact *world_update(struct world *w, const char *ref)
{
	size_t u = w->push.nup++;
	struct update_fact *up = &w->update[u];

	room(u);
	w->up[u].ref = span_str(ref);
	w->up[u].old = oid_make(0x01, u);
	w->up[u].new = oid_make(0x11, u);
	up->up = &w->up[u];
	up->movement = MOVEMENT_FORWARD;
	up->type = up->last = OBJECT_COMMIT;
	up->change = w->of_update[u];
	up->tag = w->tag_of[u];
	up->matches = arena_get(w->arena, 1, 8);
	return up;
}

static void sign_well(struct world *w, struct signature_fact *sig, int who)
{
	sig->status = SIGNATURE_GOOD;
	sig->kind = SIGNATURE_OPENPGP;
	sig->person = &w->person[who];
	sig->key = "0123456789ABCDEF";
	sig->detail = "";
}

struct change *world_commit(struct world *w, struct update_fact *up, int who)
{
	size_t n = w->facts.nchange++;
	struct change *c = &w->change[n];

	room(n);
	up->change[up->nchange++] = n;
	c->commit.id = oid_make(0x20, n);
	up->up = &w->up[up - w->update];
	w->up[up - w->update].new = c->commit.id;
	c->commit.author.name = span_str(w->person[who].name);
	c->commit.author.email = span_str(emails[who][0]);
	c->commit.committer = c->commit.author;
	c->commit.message = SPAN_LIT("PAY-1 add the parser\n\nwhy\n");
	c->matches = arena_get(w->arena, 1, 8);
	sign_well(w, &c->sig, who);
	return c;
}

struct tag_change *world_tag(struct world *w, struct update_fact *up, int who)
{
	size_t n = w->facts.ntag++;
	struct tag_change *t = &w->tag[n];

	room(n);
	up->tag[up->ntag++] = n;
	up->type = OBJECT_TAG;
	t->tag.id = oid_make(0x30, n);
	t->tag.target = oid_make(0x20, 0);
	t->tag.target_type = OBJECT_COMMIT;
	t->tag.name = SPAN_LIT("v1");
	t->tag.tagger.name = span_str(w->person[who].name);
	t->tag.tagger.email = span_str(emails[who][0]);
	sign_well(w, &t->sig, who);
	return t;
}

struct approval_fact *world_approval(
	struct world *w, struct update_fact *up, int who, size_t upto)
{
	size_t n = w->facts.napproval++, i;
	struct approval_fact *a = &w->approval[n];

	room(n);
	a->object = oid_make(0x40, n);
	a->commit = w->change[up->change[upto]].commit.id;
	a->ref = up->up->ref;
	a->person = &w->person[who];
	a->status = APPROVAL_VALID;
	a->detail = "";
	a->pushed_in = SIZE_MAX;
	a->update = (size_t)(up - w->update);
	a->covers = arena_get(w->arena, BIT_WORDS(WORLD_MAX), 8);
	for (i = 0; i <= upto; i++)
		bit_set(a->covers, i);
	return a;
}

struct waiver_fact *world_waiver(struct world *w, struct update_fact *up,
	int who, const char *finding, size_t of)
{
	size_t n = w->facts.nwaiver++, i;
	struct waiver_fact *a = &w->waiver[n];

	room(n);
	a->object = oid_make(0x60, n);
	a->about = &w->change[up->change[of]];
	a->commit = a->about->commit.id;
	a->ref = up->up->ref;
	a->finding = span_str(finding);
	a->reason = SPAN_LIT("it is not so bad");
	a->made = WORLD_TIME - 3600;
	a->until = WORLD_TIME + 20 * 3600;
	a->person = &w->person[who];
	a->status = WAIVER_VALID;
	a->detail = "";
	a->pushed_in = SIZE_MAX;
	a->update = (size_t)(up - w->update);
	a->covers = arena_get(w->arena, BIT_WORDS(WORLD_MAX), 8);
	for (i = 0; i <= of; i++)
		bit_set(a->covers, i);
	return a;
}

struct hit_fact *world_hit(struct world *w, struct update_fact *up)
{
	size_t n = w->facts.nhit++;
	struct hit_fact *h = &w->hit[n];

	room(n);
	h->rule = "github_pat";
	h->description = "GitHub personal access token";
	h->remediation = "revoke it at the forge";
	h->confidence = CONFIDENCE_HIGH;
	h->redacted = "ghp_…(40)";
	h->fingerprint = "00ff";
	h->object = oid_make(0x50, n);
	h->path = SPAN_LIT("src/config.c");
	h->what = "blob";
	h->line = 7;
	h->column = 3;
	h->update = (size_t)(up - w->update);
	return h;
}

struct people world_people(struct world *w, ...)
{
	struct people p = {0};
	va_list ap;
	int who;

	p.v = arena_get(w->arena, WORLD_PEOPLE, sizeof(*p.v));
	va_start(ap, w);
	while ((who = va_arg(ap, int)) >= 0)
		p.v[p.n++] = &w->person[who];
	va_end(ap);
	return p;
}

const char *world_findings(struct world *w, const struct check *check,
	const struct update_fact *up)
{
	struct buf one = BUF_INIT(1000);
	size_t i;

	w->out = (struct findings){.arena = w->arena};
	buf_reset(&w->names);
	check->run(&w->facts, (size_t)(up - w->update), &w->out);
	for (i = 0; i < w->out.n; i++) {
		finding_name(&w->out.v[i], &one);
		buf_fmt(&w->names, "%s%s", i ? " " : "", buf_cstr(&one));
	}
	buf_free(&one);
	return buf_cstr(&w->names);
}
