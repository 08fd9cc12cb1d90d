#include "gather/gather.h"
#include "parse/policytext.h"
#include "port/crypto.h"

#define TEXT_MAX ((size_t)64 << 20)
#define DIGITS 12

static const char *short_digest(const struct buf *text, struct arena *arena)
{
	char hex[SHA256_HEX + 1];

	sha256_hex(buf_all(text), hex);
	return arena_str(arena, span_of(hex, DIGITS));
}

/* For which server a certificate has to be is part of what is asked of it. */
static void put_urls(
	const struct policy *p, struct span repository, struct buf *out)
{
	size_t i, k;

	for (i = 0; i < p->nrepository; i++) {
		const struct repository_rules *r = &p->repository[i];

		if (!globs_match(r->match, r->nmatch, repository))
			continue;
		for (k = 0; k < r->nurl; k++)
			buf_fmt(out, "url %s\n", r->url[k]);
	}
}

static void note(struct facts *f, struct update_fact *up, struct arena *arena)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	unsigned i;

	up->section = arena_get(arena, SECTIONS, sizeof(*up->section));
	for (i = 0; i < SECTIONS; i++) {
		buf_reset(&text);
		policy_show_section(
			&up->rules, (enum policy_section)i, arena, &text);
		if (text.n && i == SECTION_SIGNATURE)
			put_urls(f->policy, span_str(f->push->repository),
				&text);
		up->section[i] = text.n ? short_digest(&text, arena) : "";
	}
	buf_free(&text);
}

void gather_sections(struct facts *f, struct arena *arena)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	size_t i;

	policy_show_people(f->policy, arena, &text);
	buf_fmt(&text, "\nkeys %s\n", f->policy->keys_digest);
	f->people = short_digest(&text, arena);
	buf_free(&text);
	for (i = 0; i < f->push->nup; i++)
		note(f, &f->update[i], arena);
}
