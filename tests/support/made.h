/* What a script of tests/support makes for a test: keys, and what is signed with
 * them. */
#ifndef SUPPORT_MADE_H
#define SUPPORT_MADE_H

#include "base/arena.h"
#include "base/io.h"
#include "support/unit.h"

/* made_by(script, dir, n): a folder of one's own, and the script run with it.
 */
static inline void made_by(const char *script, char *dir, size_t n)
{
	const char *argv[] = {script, dir, NULL};
	struct buf talk = BUF_INIT(1 << 20);
	struct proc p = {.argv = argv, .timeout_ms = 120000, .talk = &talk};
	struct err err = ERR_INIT;
	struct proc_end end;

	unit_dir(dir, n);
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	if (end.status || end.signal)
		fail_msg("%s: %s", script, buf_cstr(&talk));
	buf_free(&talk);
}

/* made_file(dir, name, end, arena): the bytes of DIR/NAME and the end. */
static inline struct span made_file(
	const char *dir, const char *name, const char *end, struct arena *arena)
{
	struct buf b = BUF_INIT(1 << 20), path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	struct span s;

	buf_fmt(&path, "%s/%s%s", dir, name, end);
	if (io_read_file(buf_cstr(&path), &b, &err))
		fail_msg("%s", err.text);
	s = arena_copy(arena, buf_all(&b));
	buf_free(&b);
	buf_free(&path);
	return s;
}

#endif
