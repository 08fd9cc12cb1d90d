/*
 * A zip of members that nobody's tool would write, none of them compressed.
 *
 * oddzip FILE CONTENT NAME...	members of those names, all of that content
 * oddzip FILE -n NUMBER	so many empty folders
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Little endian: ${n} bytes of ${v}. */
static void put(FILE *f, uint64_t v, int n)
{
	for (; n > 0; n--, v >>= 8)
		fputc((int)(v & 0xff), f);
}

static uint32_t crc32_of(const char *p)
{
	uint32_t crc = 0xffffffff;
	int i;

	for (; *p; p++) {
		crc ^= (unsigned char)*p;
		for (i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

struct zip {
	FILE *body, *directory;
	unsigned n;
};

/* What both headers have, from the version that is needed on. */
static void head(FILE *f, const char *name, const char *content)
{
	put(f, 20, 2);
	put(f, 0x800, 2); /* names are UTF-8 */
	put(f, 0, 2);
	put(f, 0x00210000, 4); /* the first of January 1980 */
	put(f, crc32_of(content), 4);
	put(f, strlen(content), 4);
	put(f, strlen(content), 4);
	put(f, strlen(name), 2);
	put(f, 0, 2);
}

static void member(struct zip *z, const char *name, const char *content)
{
	long at = ftell(z->body);

	put(z->body, 0x04034b50, 4);
	head(z->body, name, content);
	fputs(name, z->body);
	fputs(content, z->body);
	put(z->directory, 0x02014b50, 4);
	put(z->directory, 20, 2);
	head(z->directory, name, content);
	put(z->directory, 0, 10);
	put(z->directory, (uint64_t)at, 4);
	fputs(name, z->directory);
	z->n++;
}

/* The directory and the two ends, as more members than 65535 need both. */
static void finish(struct zip *z, const char *directory, size_t size)
{
	uint64_t at = (uint64_t)ftell(z->body), end;

	fwrite(directory, 1, size, z->body);
	end = at + size;
	put(z->body, 0x06064b50, 4);
	put(z->body, 44, 8);
	put(z->body, 45, 2);
	put(z->body, 45, 2);
	put(z->body, 0, 8);
	put(z->body, z->n, 8);
	put(z->body, z->n, 8);
	put(z->body, size, 8);
	put(z->body, at, 8);
	put(z->body, 0x07064b50, 4);
	put(z->body, 0, 4);
	put(z->body, end, 8);
	put(z->body, 1, 4);
	put(z->body, 0x06054b50, 4);
	put(z->body, 0, 4);
	put(z->body, z->n < 0xffff ? z->n : 0xffff, 2);
	put(z->body, z->n < 0xffff ? z->n : 0xffff, 2);
	put(z->body, size, 4);
	put(z->body, at, 4);
	put(z->body, 0, 2);
}

int main(int argc, char **argv)
{
	struct zip z = {0};
	char *directory = NULL, name[32];
	size_t size = 0;
	long i;

	if (argc < 4)
		return 64;
	z.body = fopen(argv[1], "wb");
	z.directory = open_memstream(&directory, &size);
	if (!z.body || !z.directory)
		err(2, "%s", argv[1]);
	if (!strcmp(argv[2], "-n")) {
		for (i = 0; i < strtol(argv[3], NULL, 10); i++) {
			snprintf(name, sizeof(name), "%ld/", i);
			member(&z, name, "");
		}
	} else {
		for (i = 3; i < argc; i++)
			member(&z, argv[i], argv[2]);
	}
	fclose(z.directory);
	finish(&z, directory, size);
	if (fclose(z.body))
		err(2, "%s", argv[1]);
	free(directory);
	return 0;
}
