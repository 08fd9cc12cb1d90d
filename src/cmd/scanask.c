#include "cmd/scanask.h"

#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "port/sodium.h"
#include "scan/leakpack.h"

#define DEPTH_DEFAULT 2 /* as in a policy */

/* Compiled rules are kept where the gate keeps them when there is a gate, or
 * where a user keeps such things. */
static const char *cache_dir(const struct run *run, struct buf *out)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (!access(run->state, W_OK))
		buf_fmt(out, "%s/cache", run->state);
	else if (xdg && xdg[0] == '/')
		buf_fmt(out, "%s/sluice", xdg);
	else if (home && home[0] == '/')
		buf_fmt(out, "%s/.cache/sluice", home);
	else
		return NULL;
	return buf_cstr(out);
}

/* The packs by --rules and --gitleaks-config; when there are none, our own. */
static int read_packs(const struct scan_ask *ask, struct arena *arena,
	struct pack *packs, size_t *n, struct err *err)
{
	const struct leakpack_source source = {
		.read = leakpack_file, .standard = ask->standard};
	size_t i;

	*n = 0;
	if (ask->leaks) {
		if (leakpack_read(ask->leaks, &source, arena, &packs[0], err))
			return -1;
		*n = 1;
	}
	for (i = 0; i < ask->rules.n; i++) {
		const char *name = ask->rules.v[i];
		const char *leaks = leakpack_is(name);

		if (leaks ? leakpack_read(
				    leaks, &source, arena, &packs[*n], err)
			  : pack_read(name, arena, &packs[*n], err))
			return -1;
		++*n;
	}
	if (*n)
		return 0;
	*n = 1;
	return pack_read("builtin", arena, &packs[0], err);
}

static int ask_depth(const struct scan_ask *ask, unsigned *out, struct err *err)
{
	uint64_t n = DEPTH_DEFAULT;

	if (ask->depth &&
		!text_to_u64(span_str(ask->depth), REVEAL_DEPTH_MAX, &n))
		return err_set(err, ERR_USAGE,
			"--decode-depth: expected a number from 0 to %d",
			REVEAL_DEPTH_MAX);
	*out = (unsigned)n;
	return 0;
}

static int archive_depth(
	const struct scan_ask *ask, unsigned *out, struct err *err)
{
	uint64_t n = UNPACK_DEPTH;

	if (ask->archive_depth &&
		(!text_to_u64(
			 span_str(ask->archive_depth), UNPACK_DEPTH_MAX, &n) ||
			!n))
		return err_set(err, ERR_USAGE,
			"--archive-depth: expected a number from 1 to %d",
			UNPACK_DEPTH_MAX);
	*out = (unsigned)n;
	return 0;
}

int ask_inspector(const struct run *run, const struct scan_ask *ask, size_t max,
	struct arena *arena, struct inspector **out, bool *own_key,
	struct err *err)
{
	struct pack *packs =
		arena_get(arena, SCAN_PACKS_MAX + 1, sizeof(*packs));
	struct buf cache = PATH_BUF_INIT;
	unsigned char key[FINGERPRINT_KEY];
	struct scanner_setup setup = {
		.packs = packs, .max = max, .obey_comments = ask->comments};
	struct unpack_setup unpack = {.member = max};
	struct scanner *scanner;
	unsigned depth = DEPTH_DEFAULT;
	struct err none = ERR_INIT;
	int ret = -1;

	if (ask_depth(ask, &depth, err) ||
		archive_depth(ask, &unpack.depth, err) ||
		read_packs(ask, arena, packs, &setup.npacks, err))
		goto out;
	setup.cache = cache_dir(run, &cache);
	/* Without an installation there is nothing to compare with but what
	 * is found now. */
	*own_key = fingerprint_key(run->state, false, key, &none) != 0;
	if (*own_key)
		random_bytes(key, sizeof(key));
	setup.key = key;
	*out = NULL;
	ret = scanner_new(&setup, &scanner, err);
	if (!ret)
		*out = inspector_new(scanner, depth);
	if (!ret && !ask->no_archives)
		inspector_unpack(*out, &unpack);
out:
	explicit_bzero(key, sizeof(key));
	buf_free(&cache);
	return ret;
}

int ask_format(const struct run *run, const struct scan_ask *ask,
	enum report_format *out, struct err *err)
{
	static const char *const names[] = {"text", "json", "sarif", "junit"};
	static const enum report_format formats[] = {
		REPORT_TEXT, REPORT_JSON, REPORT_SARIF, REPORT_JUNIT};
	const char *name = ask->format;
	size_t i;

	*out = run->json ? REPORT_JSON : REPORT_TEXT;
	for (i = 0; name && i < ARRAY_LEN(names); i++) {
		if (!strcmp(name, names[i])) {
			*out = formats[i];
			return 0;
		}
	}
	if (!name)
		return 0;
	return err_set(err, ERR_USAGE,
		"unknown format '%s', expected text, json, sarif or junit",
		name);
}

int ask_threads(const struct scan_ask *ask, unsigned *out, struct err *err)
{
	const char *text = ask->threads;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t n = cpus > 8 ? 8 : cpus < 1 ? 1 : (uint64_t)cpus;

	if (text && (!text_to_u64(span_str(text), SCAN_THREADS_MAX, &n) || !n))
		return err_set(err, ERR_USAGE,
			"--threads: expected a number from 1 to %d",
			SCAN_THREADS_MAX);
	*out = (unsigned)n;
	return 0;
}

/* "5000000", "512K", "50M", "1G": bytes. */
int ask_size(const struct scan_ask *ask, size_t *out, struct err *err)
{
	const char *text = ask->max;
	struct span s = span_str(text);
	unsigned shift = 0;
	uint64_t n = 0;

	*out = SCAN_FILE_MAX;
	if (!text)
		return 0;
	switch (s.n ? s.p[s.n - 1] : 0) {
	case 'K':
		shift = 10;
		break;
	case 'M':
		shift = 20;
		break;
	case 'G':
		shift = 30;
		break;
	default:
		break;
	}
	s.n -= shift != 0;
	if (!text_to_u64(s, SCAN_FILE_MAX >> shift, &n) || !n)
		return err_set(err, ERR_USAGE,
			"--max-size: expected bytes, at most 1G, as in 50M");
	*out = (size_t)n << shift;
	return 0;
}

static int read_list(
	const char *path, bool ignore, struct baseline *b, struct err *err)
{
	struct buf text = BUF_INIT(BASELINE_MAX);
	size_t passed = 0;
	int ret = io_read_file(path, &text, err);

	if (!ret && ignore)
		baseline_ignore(b, buf_all(&text), &passed);
	else if (!ret && baseline_report(b, buf_all(&text), err))
		ret = err_in(err, "%s", path);
	if (passed)
		fprintf(stderr,
			"sluice: %s: %zu lines are no fingerprints of "
			"gitleaks and were passed over\n",
			path, passed);
	buf_free(&text);
	return ret;
}

int ask_baseline(
	const struct scan_ask *ask, struct baseline **out, struct err *err)
{
	size_t i;

	if (!ask->ignore.n && !ask->baseline.n)
		return 0;
	*out = baseline_new();
	for (i = 0; i < ask->ignore.n; i++) {
		if (read_list(ask->ignore.v[i], true, *out, err))
			return -1;
	}
	for (i = 0; i < ask->baseline.n; i++) {
		if (read_list(ask->baseline.v[i], false, *out, err))
			return -1;
	}
	return 0;
}

int ask_check(const struct scan_ask *ask, int n, struct err *err)
{
	size_t i;

	if (ask->git && ask->staged)
		return err_set(err, ERR_USAGE,
			"--git and --staged exclude each other");
	if (ask->git && n > 1)
		return err_set(err, ERR_USAGE, "scan --git takes one range");
	if (ask->staged && n)
		return err_set(err, ERR_USAGE, "scan --staged takes no path");
	if (!ask->git && !ask->staged && !n)
		return err_set(err, ERR_USAGE,
			"scan needs a path, '-', --git or --staged");
	if (ask->git && (ask->gitignore || ask->exclude.n))
		return err_set(err, ERR_USAGE,
			"--exclude and --respect-gitignore are for files");
	if (ask->standard && !ask->leaks && !ask->rules.n)
		return err_set(err, ERR_USAGE,
			"--gitleaks-default needs --gitleaks-config");
	for (i = 0; i < ask->exclude.n; i++) {
		if (strlen(ask->exclude.v[i]) > GLOB_MAX)
			return err_set(err, ERR_USAGE,
				"--exclude: longer than %d bytes", GLOB_MAX);
	}
	return 0;
}
