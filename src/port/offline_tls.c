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

/* What it is given here it frees in the end. */
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

void mbedtls_ssl_conf_ca_chain(mbedtls_ssl_config *config,
	mbedtls_x509_crt *chain, mbedtls_x509_crl *revoked)
{
	(void)revoked;
	config->MBEDTLS_PRIVATE(ca_chain) = chain;
}

void mbedtls_ssl_conf_rng(mbedtls_ssl_config *config,
	int (*f)(void *, unsigned char *, size_t), void *p)
{
	config->MBEDTLS_PRIVATE(f_rng) = f;
	config->MBEDTLS_PRIVATE(p_rng) = p;
}

/* It does not start unless a cipher is known. */
int mbedtls_ssl_get_ciphersuite_id(const char *name)
{
	(void)name;
	return 1;
}
#endif
