/*
 * Files that carry trust: the policy, the keys it names, the log's own key.
 * Whoever may change such a file, or any folder above it, decides what passes
 * the gate, so all of that is checked before a byte is believed.
 */
#ifndef PORT_TRUSTFILE_H
#define PORT_TRUSTFILE_H

#include <sys/types.h>

#include "base/buf.h"

/*
 * trustfile_read(path, out, err):
 * Read a regular file whole into ${out}, up to the buffer's maximum. Refused
 * (ERR_POLICY, with the command that mends it as the hint) unless the file and
 * every folder from "/" down to it
 *   - belong to root or to the effective user, and
 *   - cannot be written by group or others.
 * A folder that others may write is accepted only if it has the sticky bit and
 * belongs to root (such as /tmp): there nobody can replace an entry of another
 * owner, and the owner of what we take out of it is checked in turn. Each check
 * is made on an open descriptor and the next name is opened from it, so nothing
 * can be swapped in between. Symbolic links are followed by hand, under the
 * same rules: a link in a trusted folder, owned by root or the effective user.
 * What cannot be opened is ERR_SYS.
 */
MUST_USE int trustfile_read(const char *path, struct buf *out, struct err *err);

/*
 * trustfile_read_secret(path, out, err):
 * The same of a file that nobody else may read: not others, and its group only
 * if it belongs to root. Wipe ${out}, also after failure.
 */
MUST_USE int trustfile_read_secret(
	const char *path, struct buf *out, struct err *err);

/*
 * trustfile_place(path, also, err):
 * The same checks of a file or a folder, which is not read, where what belongs
 * to the user ${also} will do as well.
 */
MUST_USE int trustfile_place(const char *path, uid_t also, struct err *err);

#endif
