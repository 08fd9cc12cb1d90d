/*
 * Names of files as other systems read them: Windows (NTFS) and macOS (HFS+)
 * take several names for the same file, and some of those for .git.
 */
#ifndef BASE_PATHNAME_H
#define BASE_PATHNAME_H

#include "base/buf.h"

/*
 * pathname_next(rest, name):
 * Take the first part of a path off ${rest}; parts are separated by '/'. False
 * when nothing is left. "a//b" has an empty part in the middle.
 */
bool pathname_next(struct span *rest, struct span *name);
/* pathname_next_any: the same, where '\\' separates as well, as on Windows. */
bool pathname_next_any(struct span *rest, struct span *name);

/* pathname_is_dots(name): a part that is no name: "", "." or "..". */
bool pathname_is_dots(struct span name);

/*
 * pathname_is_git(name, what):
 * Whether some system takes the part ${name} of a path for ".${what}", with
 * ${what} "git" or "gitmodules": in any case of letters; with code points in it
 * that HFS+ ignores; with dots and blanks behind it or a stream's name
 * ("::$INDEX_ALLOCATION") on NTFS, and under its short name ("git~1").
 */
bool pathname_is_git(struct span name, const char *what);

/* pathname_windows_fault(name): why Windows cannot have a file of this name, or
 * NULL: devices ("con.txt"), trailing dots and blanks, characters. */
const char *pathname_windows_fault(struct span name);

/*
 * pathname_fold(out, name):
 * Append ${name} to ${out} so that names a file system takes for one become the
 * same bytes: small letters of Latin, Greek, Cyrillic, Armenian and full-width
 * script, code points that HFS+ ignores left out, letters with accents taken
 * apart (base/accents.h). What is not UTF-8 stays.
 */
void pathname_fold(struct buf *out, struct span name);
/* pathname_fold_case: the same, with accents left as they are. */
void pathname_fold_case(struct buf *out, struct span name);

#endif
