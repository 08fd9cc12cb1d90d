#include "scan/leakpack.h"

#include "base/io.h"
#include "parse/gitleaks.h"
#include "parse/toml.h"
#include "port/crypto.h"

const char *leakpack_is(const char *name)
{
	const size_t n = sizeof(LEAKPACK_PREFIX) - 1;

	return strncmp(name, LEAKPACK_PREFIX, n) || !name[n] ? NULL : name + n;
}

int leakpack_file(void *ctx, const char *path, struct buf *out, struct err *err)
{
	(void)ctx;
	return io_read_file(path, out, err);
}

struct loading {
	const struct leakpack_source *source;
	struct arena *arena;
	struct buf digests;
	struct err *err;
};

static int load(struct loading *l, const char *path, unsigned depth,
	struct gitleaks_file **out);

static int load_base(struct loading *l, struct gitleaks_file *f, unsigned depth)
{
	struct gitleaks_file *base;
	struct span path = SPAN_EMPTY;
	const char *name = l->source->standard;

	switch (gitleaks_base(f, &path)) {
	case GITLEAKS_ALONE:
		return 0;
	case GITLEAKS_PATH:
		name = arena_str(l->arena, path);
		break;
	case GITLEAKS_DEFAULT:
		if (name)
			break;
		err_set(l->err, ERR_POLICY,
			"extend.useDefault: the default rules of gitleaks are "
			"not part of this program");
		return err_hint(l->err,
			"give its config/gitleaks.toml with "
			"--gitleaks-default, or as extend.path");
	}
	if (load(l, name, depth + 1, &base))
		return err_in(l->err, "extended");
	gitleaks_extend(f, base, l->arena);
	return 0;
}

static int load(struct loading *l, const char *path, unsigned depth,
	struct gitleaks_file **out)
{
	struct buf text = BUF_INIT(TOML_TEXT_MAX);
	char hex[SHA256_HEX + 1];
	int ret = -1;

	if (l->source->read(l->source->ctx, path, &text, l->err))
		goto out;
	sha256_hex(buf_all(&text), hex);
	buf_fmt(&l->digests, "%s\n", hex);
	if (gitleaks_parse(buf_all(&text), depth, l->arena, out, l->err) ||
		load_base(l, *out, depth)) {
		err_in(l->err, "%s", path);
		goto out;
	}
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

int leakpack_read(const char *path, const struct leakpack_source *source,
	struct arena *arena, struct pack *out, struct err *err)
{
	struct loading l = {.source = source,
		.arena = arena,
		.digests = BUF_INIT(1024),
		.err = err};
	struct gitleaks_file *f;
	int ret = -1;

	*out = (struct pack){0};
	if (load(&l, path, 0, &f))
		goto out;
	if (gitleaks_finish(f, arena, &out->rules, err)) {
		err_in(err, "%s", path);
		goto out;
	}
	sha256_hex(buf_all(&l.digests), out->digest);
	ret = 0;
out:
	buf_free(&l.digests);
	return ret;
}
