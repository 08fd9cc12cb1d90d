/*
 * Those functions of a TLS library that libgit2 calls when it starts (see
 * offline.c) and whose outcome it looks at. Without the header it was not built
 * with that library.
 */
#if __has_include(<mbedtls/ssl.h>)
#include <string.h>

#include <mbedtls/ssl.h>

void mbedtls_ssl_config_init(mbedtls_ssl_config *config)
{
	memset(config, 0, sizeof(*config));
}

void mbedtls_x509_crt_init(mbedtls_x509_crt *chain)
{
	memset(chain, 0, sizeof(*chain));
}

/* It does not start unless a cipher is known. */
int mbedtls_ssl_get_ciphersuite_id(const char *name)
{
	(void)name;
	return 1;
}
#endif
