#include "parse/logdconf.h"

#include "base/text.h"
#include "parse/conf.h"

#define REPOSITORIES_MAX 1000u
#define BYTES_MAX ((uint64_t)1 << 40)
#define UID_MAX 4294967294u /* the last one means "none" */

static int count(struct conf *object, const char *key, unsigned lo, unsigned hi,
	unsigned *value, struct err *err)
{
	struct conf *c = conf_get(object, key);

	return c ? conf_count(c, lo, hi, value, err) : 0;
}

static int account(struct conf *c, struct logdconf_peer *out, struct err *err)
{
	struct conf *user = conf_get(c, "user"), *uid = conf_get(c, "uid");

	if (!user == !uid)
		return conf_fail(
			c, err, "expected one of \"user\" and \"uid\"");
	return user ? conf_text(user, "the name of an account", &out->user, err)
		    : conf_count(uid, 0, UID_MAX, &out->uid, err);
}

static int kinds(struct conf *c, struct logdconf_peer *out, struct err *err)
{
	/* The log's keys are no client's business. */
	static const char *const names[RECORD_KINDS] = {
		"adopt", "decision", "outcome", "observed"};
	struct conf *list;
	size_t i, n, which;

	if (conf_need(c, "append", "a list of kinds of records", &list, err) ||
		conf_list(list, 1, "a list of kinds of records", &n, err))
		return -1;
	for (i = 0; i < n; i++) {
		struct conf *item = conf_item(list, i);

		if (conf_choice(item, names, ARRAY_LEN(names), &which, err))
			return -1;
		if (out->append[which])
			return conf_fail(item, err, "twice");
		out->append[which] = true;
	}
	return 0;
}

static int repositories(
	struct conf *c, struct logdconf_peer *out, struct err *err)
{
	struct conf *list = conf_get(c, "repositories");
	size_t i;

	if (!list)
		return 0;
	if (conf_texts(list, "a list of patterns", "a pattern on names",
		    &out->repository, &out->nrepository, err))
		return -1;
	if (out->nrepository > REPOSITORIES_MAX)
		return conf_fail(list, err, "more than %u", REPOSITORIES_MAX);
	for (i = 0; i < out->nrepository; i++)
		if (strlen(out->repository[i]) > GLOB_MAX)
			return conf_fail(conf_item(list, i), err,
				"longer than %d bytes", GLOB_MAX);
	return 0;
}

static int peer(struct conf *c, struct logdconf_peer *out, struct err *err)
{
	struct conf *bytes;

	*out = (struct logdconf_peer){
		.connections = 64,
		.per_minute = 6000,
		.bytes_per_minute = (uint64_t)1 << 30,
	};
	if (conf_object(c, err) || account(c, out, err) || kinds(c, out, err) ||
		repositories(c, out, err) ||
		count(c, "connections", 1, LOGDCONF_CONNECTIONS_MAX,
			&out->connections, err) ||
		count(c, "per_minute", 1, 1000000, &out->per_minute, err))
		return -1;
	bytes = conf_get(c, "bytes_per_minute");
	if (bytes && conf_size(bytes, &out->bytes_per_minute, err))
		return -1;
	/* Or the largest record would never get in. */
	if (bytes &&
		(out->bytes_per_minute < RECORD_MAX ||
			out->bytes_per_minute > BYTES_MAX))
		return conf_fail(bytes, err, "expected from 64MiB to 1024GiB");
	return conf_done(c, err);
}

static bool same_account(
	const struct logdconf_peer *a, const struct logdconf_peer *b)
{
	if (!a->user || !b->user)
		return a->user == b->user && a->uid == b->uid;
	return !strcmp(a->user, b->user);
}

static int peers(struct conf *list, struct arena *a, struct logdconf *out,
	struct err *err)
{
	size_t i, k;

	if (conf_list(list, 1, "a list of peers", &out->npeer, err))
		return -1;
	if (out->npeer > LOGDCONF_PEERS_MAX)
		return conf_fail(list, err, "more than %u", LOGDCONF_PEERS_MAX);
	out->peer = arena_get(a, out->npeer, sizeof(*out->peer));
	for (i = 0; i < out->npeer; i++) {
		struct conf *c = conf_item(list, i);

		if (peer(c, &out->peer[i], err))
			return -1;
		for (k = 0; k < i; k++)
			if (same_account(&out->peer[i], &out->peer[k]))
				return conf_fail(
					c, err, "the account of peers[%zu]", k);
	}
	return 0;
}

static int whole(struct conf *c, struct arena *a, void *into, struct err *err)
{
	struct logdconf *out = into;
	struct conf *list;

	out->connections = 128;
	out->seconds = 10;
	out->max_age = 3600;
	if (conf_object(c, err) ||
		conf_need(c, "peers", "a list of peers", &list, err) ||
		peers(list, a, out, err) ||
		count(c, "connections", 1, LOGDCONF_CONNECTIONS_MAX,
			&out->connections, err) ||
		count(c, "seconds", 1, 600, &out->seconds, err) ||
		count(c, "max_age", 1, 604800, &out->max_age, err))
		return -1;
	return conf_done(c, err);
}

int logdconf_parse(struct span text, struct arena *a, struct logdconf *out,
	struct err *err)
{
	return conf_read(text, a, whole, out, sizeof(*out), err);
}
