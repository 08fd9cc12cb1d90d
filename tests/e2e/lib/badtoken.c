/*
 * A token's library that misbehaves where it is to sign; otherwise SoftHSM.
 *	-DHOW=1	dies	-DHOW=2	talks	-DHOW=3	answers an error
 *	-DHOW=4	gives a wrong signature
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CK_FUNCTION_LIST real, *real_list;

static CK_RV bad_sign(CK_SESSION_HANDLE s, CK_BYTE *data, CK_ULONG n,
	CK_BYTE *sig, CK_ULONG *nsig)
{
	CK_RV rv;

	if (HOW == 1)
		abort();
	if (HOW == 2) {
		puts("LIBRARY out: PIN \033[2J 1234");
		fprintf(stderr, "LIBRARY err: PIN \033[2J 1234\n");
		fflush(stdout);
	}
	if (HOW == 3)
		return CKR_DEVICE_ERROR;
	rv = real_list->C_Sign(s, data, n, sig, nsig);
	if (HOW == 4)
		sig[7] ^= 1;
	return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **out)
{
	void *lib = dlopen(SOFTHSM, RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList list;
	CK_RV rv;

	if (!lib)
		return CKR_GENERAL_ERROR;
	*(void **)&list = dlsym(lib, "C_GetFunctionList");
	rv = list(&real_list);
	if (rv != CKR_OK)
		return rv;
	memcpy(&real, real_list, sizeof(real));
	real.C_Sign = bad_sign;
	*out = &real;
	return CKR_OK;
}
