/*
 * Functions that have no safe use here. Each has a replacement: buf_* and
 * snprintf for text, text_to_u64 for numbers, proc_run for children. Included
 * after the system headers, so that a use fails to build.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#define strcpy(x, y) banned_strcpy
#define strcat(x, y) banned_strcat
#define strncpy(x, y, n) banned_strncpy
#define strncat(x, y, n) banned_strncat
#undef sprintf
#undef vsprintf
#pragma GCC poison sprintf vsprintf gets strtok system popen mktemp
#pragma GCC poison tmpnam atoi atol atoll gmtime localtime

#endif
