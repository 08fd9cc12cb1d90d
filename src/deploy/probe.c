#include "deploy/probe.h"

#include "base/proc.h"
#include "base/text.h"
#include "model/push.h"
#include "port/sodium.h"

#define TIMEOUT_MS 300000
#define REFS_MAX ((size_t)1 << 30) /* what git tells of its refs */
#define TALK_MAX ((size_t)1 << 20)
#define NONCE 16

static const char *random_hex(struct arena *a, size_t n)
{
	unsigned char raw[OID_RAW];
	struct buf hex = BUF_INIT(2 * sizeof(raw));
	const char *text;

	random_bytes(raw, sizeof(raw));
	text_hex(&hex, span_of(raw, n));
	text = arena_str(a, buf_all(&hex));
	buf_free(&hex);
	return text;
}

const char *probe_ref(struct arena *a)
{
	return arena_fmt(a, PROBE_REFS "%s", random_hex(a, NONCE));
}

/* One command and a flush; a deletion sends no pack. The old value is one that
 * no object has, or git would look whether the ref has it. */
static void command(const char *ref, struct arena *a, struct buf *out)
{
	static const char zeros[] = "0000000000000000000000000000000000000000";
	struct buf line = BUF_INIT(4096);

	buf_fmt(&line, "%s %s %s", random_hex(a, OID_RAW), zeros, ref);
	buf_byte(&line, 0);
	buf_str(&line, "report-status");
	buf_fmt(out, "%04zx", line.n + 4);
	buf_span(out, buf_all(&line));
	buf_str(out, "0000");
	buf_free(&line);
}

int probe_push(const char *path, const char *ref, struct arena *a,
	struct probe *out, struct err *err)
{
	const char *argv[] = {"git", "-c", "receive.autogc=false", "-c",
		"receive.updateServerInfo=false", "receive-pack", path, NULL};
	struct buf in = BUF_INIT(8192), said = BUF_INIT(REFS_MAX);
	struct buf talk = BUF_INIT(TALK_MAX);
	const struct proc p = {
		.argv = argv,
		.dir = "/",
		.in = SPAN_EMPTY,
		.out = &said,
		.talk = &talk,
		.timeout_ms = TIMEOUT_MS,
	};
	struct proc with = p;
	struct span rest, line, reason;
	struct proc_end end;
	int ret = -1;

	*out = (struct probe){.ref = ref, .reason = "", .said = ""};
	command(ref, a, &in);
	with.in = buf_all(&in);
	if (proc_run(&with, &end, err))
		goto out;
	out->answer = pushreport_read(buf_all(&said), span_str(ref), &reason);
	out->reason = arena_str(a, reason);
	rest = buf_all(&talk);
	if (span_line(&rest, &line, NULL))
		out->said = arena_str(a, line);
	ret = 0;
out:
	buf_free(&in);
	buf_free(&said);
	buf_free(&talk);
	return ret;
}
