#include "parse/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses is written back to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)16 << 20);
	struct buf again = BUF_INIT(NOTE_MAX);
	struct span in = span_of(data, size);
	struct err err = ERR_INIT;
	struct note_key key;
	struct note note;
	size_t i;

	if (!note_parse(in, a, &note, &err)) {
		buf_span(&again, note.text);
		note_split(&again);
		for (i = 0; i < note.nsigs; i++)
			note_add_sig(&again, note.sigs[i].name, note.sigs[i].id,
				note.sigs[i].bytes);
		if (!span_eq(buf_all(&again), in))
			abort();
	}
	if (!note_key_parse(in, &key, &err)) {
		buf_reset(&again);
		note_key_text(&key, &again);
		if (!span_eq(buf_all(&again), span_trim(in)))
			abort();
	}
	if (!note_secret_parse(in, &key, &err)) {
		buf_reset(&again);
		note_secret_text(&key, &again);
		if (!span_eq(buf_all(&again), span_trim(in)))
			abort();
	}
	buf_free(&again);
	arena_free(a);
	return 0;
}
