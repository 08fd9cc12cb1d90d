/*
 * signedpack KIND N DIR: a pack of ${N} signed commits in a row, each with one
 * changed file, in DIR/pack; the public key for a policy in DIR/key; the last
 * commit's name on standard output. Kinds: openpgp or ssh, then -ed25519,
 * -rsa2048 or -p256. 'git index-pack --stdin' takes the pack.
 */
#include <stdio.h>
#include <stdlib.h>

#include <libdeflate.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "model/oid.h"
#include "port/pubkey.h"
#include "support/objectname.h"
#include "support/signer.h"

#define PACK_MAX ((size_t)2 << 30)
#define OBJECT_MAX 65536

struct pack {
	struct buf bytes;
	struct libdeflate_compressor *z;
	uint64_t n;
};

static void put_u32(struct buf *out, uint64_t v)
{
	const unsigned char b[] = {(unsigned char)(v >> 24),
		(unsigned char)(v >> 16), (unsigned char)(v >> 8),
		(unsigned char)v};

	buf_add(out, b, sizeof(b));
}

/* gitformat-pack: type and size, seven bits a byte after the first four. */
static void pack_put(
	struct pack *p, enum object_type type, struct span s, struct oid *id)
{
	size_t left = s.n >> 4, room, n;
	unsigned char c = (unsigned char)((unsigned)type << 4 | (s.n & 15));
	unsigned char *at;

	while (left) {
		buf_byte(&p->bytes, c | 0x80);
		c = left & 0x7f;
		left >>= 7;
	}
	buf_byte(&p->bytes, c);
	room = libdeflate_zlib_compress_bound(p->z, s.n);
	at = buf_room(&p->bytes, room);
	n = at ? libdeflate_zlib_compress(p->z, s.p, s.n, at, room) : 0;
	if (!n)
		die("signedpack: too large");
	p->bytes.n += n;
	p->n++;
	*id = object_name(type, s);
}

/* A blob, the tree it is in, and the commit that has it. */
static void commit_put(struct pack *p, const struct signer *s, uint64_t i,
	int64_t at, struct oid *last)
{
	struct buf b = BUF_INIT(OBJECT_MAX), head = BUF_INIT(OBJECT_MAX);
	struct buf sig = BUF_INIT(OBJECT_MAX);
	struct span rest, line;
	char hex[OID_HEX + 1];
	struct oid blob, tree;
	bool first = true;

	buf_fmt(&b, "number %llu\n", (unsigned long long)i);
	pack_put(p, OBJECT_BLOB, buf_all(&b), &blob);
	buf_reset(&b);
	buf_add(&b, "100644 file", 12);
	buf_add(&b, blob.b, sizeof(blob.b));
	pack_put(p, OBJECT_TREE, buf_all(&b), &tree);
	buf_fmt(&head, "tree %s\n", oid_hex(&tree, hex));
	if (i)
		buf_fmt(&head, "parent %s\n", oid_hex(last, hex));
	buf_fmt(&head,
		"author Ada <ada@example.org> %lld +0000\n"
		"committer Ada <ada@example.org> %lld +0000\n",
		(long long)at, (long long)at);
	buf_reset(&b);
	buf_fmt(&b, "%s\nchange %llu\n", buf_cstr(&head),
		(unsigned long long)i);
	signer_sign(s, buf_all(&b), at, &sig);
	for (rest = buf_all(&sig); span_line(&rest, &line, NULL);
		first = false) {
		buf_str(&head, first ? "gpgsig " : " ");
		buf_span(&head, line);
		buf_byte(&head, '\n');
	}
	buf_fmt(&head, "\nchange %llu\n", (unsigned long long)i);
	pack_put(p, OBJECT_COMMIT, buf_all(&head), last);
	buf_free(&b);
	buf_free(&head);
	buf_free(&sig);
}

static int put(const char *dir, const char *name, struct span s)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	int ret;

	io_join(&path, dir, name);
	ret = io_replace(buf_cstr(&path), s, 0644, &err);
	if (ret)
		fprintf(stderr, "signedpack: %s\n", err.text);
	buf_free(&path);
	return ret;
}

static bool kind_read(
	const char *word, enum signature_kind *kind, enum signer_key *type)
{
	static const char *const types[] = {[SIGNER_ED25519] = "ed25519",
		[SIGNER_RSA2048] = "rsa2048",
		[SIGNER_P256] = "p256"};
	struct span s = span_str(word);
	size_t i;

	*kind = span_starts(s, SPAN_LIT("ssh-")) ? SIGNATURE_SSH
						 : SIGNATURE_OPENPGP;
	if (*kind == SIGNATURE_OPENPGP && !span_starts(s, SPAN_LIT("openpgp-")))
		return false;
	s = span_from(s, span_find(s, '-') + 1);
	for (i = 0; i < ARRAY_LEN(types); i++) {
		*type = (enum signer_key)i;
		if (span_is(s, types[i]))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct pack p = {.bytes = BUF_INIT(PACK_MAX)};
	struct arena *arena = arena_new(1 << 20);
	unsigned char sum[PUBKEY_HASH_MAX];
	struct buf key = BUF_INIT(OBJECT_MAX);
	const int64_t now = clock_now();
	enum signature_kind kind;
	enum signer_key type;
	struct signer signer;
	struct oid last;
	char hex[OID_HEX + 1];
	struct span all;
	uint64_t n, i;
	int ret = 1;

	if (argc != 4 || !kind_read(argv[1], &kind, &type) ||
		!text_to_u64(span_str(argv[2]), 1000000, &n) || !n)
		return 64;
	p.z = libdeflate_alloc_compressor(1);
	if (!p.z)
		die("out of memory");
	signer_make(&signer, kind, type, now - 86400, arena);
	signer_file(&signer, "ada", &key);
	buf_str(&p.bytes, "PACK");
	put_u32(&p.bytes, 2);
	put_u32(&p.bytes, 3 * n);
	for (i = 0; i < n; i++)
		commit_put(&p, &signer, i, now - 3600, &last);
	all = buf_all(&p.bytes);
	buf_add(&p.bytes, sum, pubkey_digest(PUBKEY_SHA1, &all, 1, sum));
	if (put(argv[3], "pack", buf_all(&p.bytes)) ||
		put(argv[3], "key", buf_all(&key)))
		goto out;
	puts(oid_hex(&last, hex));
	ret = 0;
out:
	libdeflate_free_compressor(p.z);
	buf_free(&p.bytes);
	buf_free(&key);
	signer_free(&signer);
	arena_free(arena);
	return ret;
}
