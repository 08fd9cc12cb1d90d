#include "deploy/proofref.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/io.h"
#include "base/proc.h"
#include "deploy/fastimport.h"

#define FOLDER_LEN (OID_HEX + 2) /* with two slashes */

void proofref_folder(const struct oid *o, struct buf *out)
{
	char hex[OID_HEX + 1];

	oid_hex(o, hex);
	buf_fmt(out, "%.2s/%.2s/%s", hex, hex + 2, hex + 4);
}

bool proofref_object(struct span path, struct oid *o)
{
	struct buf hex = BUF_INIT(OID_HEX);
	bool ok;

	if (path.n < FOLDER_LEN + 2 || path.p[2] != '/' || path.p[5] != '/' ||
		path.p[FOLDER_LEN] != '/')
		return false;
	buf_span(&hex, span_sub(path, 0, 2));
	buf_span(&hex, span_sub(path, 3, 2));
	buf_span(&hex, span_sub(path, 6, OID_HEX - 4));
	ok = oid_read(buf_all(&hex), o);
	buf_free(&hex);
	return ok;
}

static void put_tip(const struct proofref_push *p, const struct oid *tip,
	size_t mark, struct buf *out)
{
	struct buf at = BUF_INIT(FOLDER_LEN + 32);

	proofref_folder(tip, &at);
	buf_fmt(&at, "/%llu", (unsigned long long)p->decision);
	if (p->witnessed)
		buf_fmt(out, "D %s\n", buf_cstr(&at));
	buf_fmt(out, "M 100644 :%zu %s%s\n", mark, buf_cstr(&at),
		p->witnessed ? ".w" : "");
	buf_free(&at);
}

/* As a file it need not be asked for; packed, or kept in another way, it must
 * be. */
static int is_there(const char *path, bool *there, struct err *err)
{
	struct buf loose = PATH_BUF_INIT;
	const char *argv[] = {"git", "--git-dir", path, "show-ref", "--verify",
		"--quiet", PROOF_REF, NULL};
	const struct proc p = {.argv = argv};
	struct proc_end end;

	io_join(&loose, path, PROOF_REF);
	*there = io_exists(buf_cstr(&loose));
	buf_free(&loose);
	if (*there)
		return 0;
	if (proc_run(&p, &end, err))
		return -1;
	*there = !end.signal && !end.status;
	return 0;
}

static int write_locked(const char *path, const struct proofref_push *v,
	size_t n, struct err *err)
{
	struct buf stream = BUF_INIT(PROOF_BATCH_MAX);
	size_t i, k;
	bool there;
	int ret = -1;

	if (is_there(path, &there, err))
		goto out;
	for (i = 0; i < n; i++) {
		buf_fmt(&stream, "blob\nmark :%zu\ndata %zu\n", i + 1,
			v[i].proof.n);
		buf_span(&stream, v[i].proof);
		buf_str(&stream, "\n");
	}
	fastimport_commit(&stream, PROOF_REF, "publish proofs", !there);
	for (i = 0; i < n; i++)
		for (k = 0; k < v[i].ntip; k++)
			put_tip(&v[i], &v[i].tip[k], i + 1, &stream);
	buf_str(&stream, "done\n");
	if (!buf_check(&stream, "the proofs", err))
		ret = fastimport_run(path, buf_all(&stream), err);
out:
	buf_free(&stream);
	return ret;
}

int proofref_write(const char *path, const struct proofref_push *v, size_t n,
	struct err *err)
{
	int lock, ret;

	/* The folder itself, so that nothing of ours lies in it. */
	lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0)
		return err_sys(err, "cannot open '%s'", path);
	while ((ret = flock(lock, LOCK_EX)) && errno == EINTR)
		;
	ret = ret ? err_sys(err, "cannot lock '%s'", path)
		  : write_locked(path, v, n, err);
	io_close(lock);
	return ret;
}
