#include "port/token.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <p11-kit/pkcs11.h>

#include "port/trustfile.h"

#define SLOTS_MAX 64
#define POINT_MAX 64

struct token {
	void *library;
	CK_FUNCTION_LIST *f;
	CK_SESSION_HANDLE session;
	bool begun, open;
};

/* A library is begun and ended once a process, whoever else has it open. */
static struct {
	CK_FUNCTION_LIST *f;
	unsigned n;
} begun[4];

static int failed(struct err *err, const char *what, CK_RV rv)
{
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LEN_RANGE)
		err_set(err, ERR_CRYPTO, "the token refuses the PIN");
	else if (rv == CKR_PIN_LOCKED)
		err_set(err, ERR_CRYPTO, "the token's PIN is locked");
	else
		err_set(err, ERR_CRYPTO, "the token cannot %s: 0x%lx", what,
			(unsigned long)rv);
	return -1;
}

static int check_library(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st))
		return err_sys(
			err, "cannot find the token's library '%s'", path);
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022)) {
		err_set(err, ERR_CRYPTO,
			"the token's library '%s' is not a file that root "
			"alone may change",
			path);
		return err_hint(err, "chown root '%s' and chmod go-w", path);
	}
	/* Nor may anybody put another one in its place. */
	return trustfile_place(path, 0, err);
}

static int begin(struct token *t, struct err *err)
{
	size_t i, free_at = 4;
	CK_RV rv;

	for (i = 0; i < 4; i++) {
		if (begun[i].n && begun[i].f == t->f) {
			begun[i].n++;
			t->begun = true;
			return 0;
		}
		if (!begun[i].n)
			free_at = i;
	}
	if (free_at == 4)
		return err_set(err, ERR_LIMIT, "too many tokens");
	rv = t->f->C_Initialize(NULL);
	if (rv != CKR_OK)
		return failed(err, "begin", rv);
	begun[free_at].f = t->f;
	begun[free_at].n = 1;
	t->begun = true;
	return 0;
}

static void end(struct token *t)
{
	size_t i;

	for (i = 0; i < 4; i++)
		if (begun[i].n && begun[i].f == t->f && !--begun[i].n)
			t->f->C_Finalize(NULL);
}

static int load(struct token *t, const char *module, struct err *err)
{
	CK_C_GetFunctionList list;
	CK_RV rv;

	if (check_library(module, err))
		return -1;
	t->library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
	if (!t->library)
		return err_set(err, ERR_CRYPTO, "cannot load '%s': %s", module,
			dlerror());
	/* The detour is what POSIX asks for. */
	*(void **)(void *)&list = dlsym(t->library, "C_GetFunctionList");
	if (!list)
		return err_set(
			err, ERR_CRYPTO, "'%s' is no PKCS#11 library", module);
	rv = list(&t->f);
	if (rv != CKR_OK)
		return failed(err, "say its functions", rv);
	return begin(t, err);
}

/* Labels are padded with spaces. */
static bool labelled(const CK_TOKEN_INFO *info, const char *label)
{
	struct span s = span_of(info->label, sizeof(info->label));

	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return span_is(s, label);
}

static int find_slot(struct token *t, const char *label, CK_SLOT_ID *slot,
	CK_TOKEN_INFO *info, struct err *err)
{
	CK_SLOT_ID v[SLOTS_MAX];
	CK_ULONG i, n = SLOTS_MAX, hits = 0;
	CK_TOKEN_INFO one;
	CK_RV rv = t->f->C_GetSlotList(CK_TRUE, v, &n);

	if (rv != CKR_OK)
		return failed(err, "list its slots", rv);
	for (i = 0; i < n; i++) {
		if (t->f->C_GetTokenInfo(v[i], &one) != CKR_OK ||
			!labelled(&one, label))
			continue;
		*slot = v[i];
		*info = one;
		hits++;
	}
	if (hits == 1)
		return 0;
	return err_set(err, ERR_CRYPTO,
		hits ? "several tokens are called '%s'"
		     : "no token is called '%s'",
		label);
}

static int log_in(struct token *t, CK_SLOT_ID slot, const CK_TOKEN_INFO *info,
	struct span pin, struct err *err)
{
	CK_RV rv;

	if (info->flags & (CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED)) {
		err_set(err, ERR_CRYPTO,
			"the token's PIN was wrong so often that once more "
			"would lock it, or has");
		return err_hint(err, "log in by hand with the right one first");
	}
	rv = t->f->C_OpenSession(
		slot, CKF_SERIAL_SESSION, NULL, NULL, &t->session);
	if (rv != CKR_OK)
		return failed(err, "open a session", rv);
	t->open = true;
	rv = t->f->C_Login(
		t->session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)pin.p, pin.n);
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		return failed(err, "log in", rv);
	return 0;
}

int token_open(const char *module, const char *label, struct span pin,
	struct token **out, struct err *err)
{
	struct token *t = calloc(1, sizeof(*t));
	CK_TOKEN_INFO info = {.flags = 0};
	CK_SLOT_ID slot = 0;

	*out = NULL;
	if (!t)
		die("out of memory");
	if (load(t, module, err) || find_slot(t, label, &slot, &info, err) ||
		log_in(t, slot, &info, pin, err)) {
		token_close(t);
		return err_in(err, "token '%s'", label);
	}
	*out = t;
	return 0;
}

void token_close(struct token *t)
{
	if (!t)
		return;
	if (t->open)
		t->f->C_CloseSession(t->session);
	if (t->begun)
		end(t);
	if (t->library)
		dlclose(t->library);
	free(t);
}

/* The only one of that class and id. */
static int find_key(struct token *t, CK_OBJECT_CLASS class, struct span id,
	CK_OBJECT_HANDLE *out, struct err *err)
{
	CK_KEY_TYPE type = CKK_EC_EDWARDS;
	CK_ATTRIBUTE want[] = {
		{CKA_CLASS, &class, sizeof(class)},
		{CKA_KEY_TYPE, &type, sizeof(type)},
		{CKA_ID, (void *)(uintptr_t)id.p, id.n},
	};
	CK_OBJECT_HANDLE v[2];
	CK_ULONG n = 0;
	CK_RV rv = t->f->C_FindObjectsInit(t->session, want, ARRAY_LEN(want));

	if (rv == CKR_OK) {
		rv = t->f->C_FindObjects(t->session, v, 2, &n);
		t->f->C_FindObjectsFinal(t->session);
	}
	if (rv != CKR_OK)
		return failed(err, "look for the key", rv);
	if (n != 1)
		return err_set(err, ERR_CRYPTO,
			n ? "the token has several Ed25519 keys of that id"
			  : "the token has no Ed25519 key of that id");
	*out = v[0];
	return 0;
}

int token_public(
	struct token *t, struct span id, unsigned char out[32], struct err *err)
{
	unsigned char point[POINT_MAX];
	CK_ATTRIBUTE a = {CKA_EC_POINT, point, sizeof(point)};
	CK_OBJECT_HANDLE key;
	CK_RV rv;

	if (find_key(t, CKO_PUBLIC_KEY, id, &key, err))
		return -1;
	rv = t->f->C_GetAttributeValue(t->session, key, &a, 1);
	if (rv != CKR_OK)
		return failed(err, "give its public key", rv);
	/* In an OCTET STRING of DER, or as it is. */
	if (a.ulValueLen == 34 && point[0] == 0x04 && point[1] == 32)
		memcpy(out, point + 2, 32);
	else if (a.ulValueLen == 32)
		memcpy(out, point, 32);
	else
		return err_set(err, ERR_CRYPTO,
			"the token's public key is not of type Ed25519");
	return 0;
}

int token_sign(struct token *t, struct span id, struct span s,
	unsigned char sig[64], struct err *err)
{
	CK_MECHANISM how = {CKM_EDDSA, NULL, 0};
	CK_OBJECT_HANDLE key;
	CK_ULONG n = 64;
	CK_RV rv;

	if (find_key(t, CKO_PRIVATE_KEY, id, &key, err))
		return -1;
	rv = t->f->C_SignInit(t->session, &how, key);
	if (rv == CKR_OK)
		rv = t->f->C_Sign(
			t->session, (CK_BYTE *)(uintptr_t)s.p, s.n, sig, &n);
	if (rv != CKR_OK)
		return failed(err, "sign", rv);
	if (n != 64)
		return err_set(err, ERR_CRYPTO,
			"the token's signature is not of type Ed25519");
	return 0;
}
