/*
 * Runs a fuzz target over a corpus without a fuzzer: every file whole, and cut
 * at each of its first bytes, because a truncated input is what parsers get
 * wrong most. Reports TAP, one test a file. A corpus without files fails.
 *	fuzz_x tests/fuzz/corpus/x
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (4u << 20)
#define CUTS_MAX 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A copy of exactly n bytes, so that the sanitizer sees a read past it. */
static void run(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		exit(2);
	memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static int replay(const char *path)
{
	static uint8_t data[FILE_MAX];
	FILE *f = fopen(path, "rb");
	size_t n, i;

	if (!f) {
		perror(path);
		return -1;
	}
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	run(data, n);
	for (i = 0; i < n && i < CUTS_MAX; i++)
		run(data, i);
	return 0;
}

int main(int argc, char **argv)
{
	struct dirent **names = NULL;
	int n, i, bad = 0, ran = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
		return 64;
	}
	n = scandir(argv[1], &names, NULL, alphasort);
	if (n < 0) {
		perror(argv[1]);
		return 1;
	}
	for (i = 0; i < n; i++) {
		char path[4096];

		if (names[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", argv[1],
				names[i]->d_name);
			ran++;
			if (replay(path)) {
				bad++;
				printf("not ok %d - %s\n", ran, path);
			} else {
				printf("ok %d - %s\n", ran, path);
			}
			fflush(stdout);
		}
		free(names[i]);
	}
	free(names);
	printf("1..%d\n", ran);
	return bad || !ran;
}
