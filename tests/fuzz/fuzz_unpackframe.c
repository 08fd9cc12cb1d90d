#include "base/compiler.h"
#include "parse/unpackframe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void request(const uint8_t *data, size_t size)
{
	unsigned char again[UNPACK_REQUEST_HEAD];
	struct unpack_request r;
	struct err err = ERR_INIT;

	if (size < UNPACK_REQUEST_HEAD || unpack_request_read(data, &r, &err))
		return;
	unpack_request_write(&r, again);
	if (memcmp(again, data, sizeof(again)))
		die("unpackframe: another request");
}

/* Frames as they come from a program that may have been taken over: each that
 * is taken has one form, and all together stay within what was asked. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unpack_track track = {.asked = {.depth = 3,
					     .members = 20,
					     .member = 1000,
					     .total = 5000}};
	unsigned char again[UNPACK_FRAME_HEAD];
	struct err err = ERR_INIT;
	struct unpack_frame f;
	uint64_t total = 0;
	size_t members = 0;

	request(data, size);
	while (size >= UNPACK_FRAME_HEAD) {
		if (unpack_frame_read(data, &f, &err))
			break;
		unpack_frame_write(&f, again);
		if (memcmp(again, data, sizeof(again)))
			die("unpackframe: another frame");
		if (unpack_track(&track, &f, &err))
			break;
		members += f.kind == UNPACK_MEMBER;
		total += f.body;
		if (members > 20 || f.body > 1000 || total > 5000 ||
			f.depth > 3 || f.name > UNPACK_NAME_MAX)
			die("unpackframe: more than was asked for");
		data += UNPACK_FRAME_HEAD;
		size -= UNPACK_FRAME_HEAD;
		if (f.name + f.body > size)
			break;
		data += f.name + f.body;
		size -= f.name + (size_t)f.body;
	}
	return 0;
}
