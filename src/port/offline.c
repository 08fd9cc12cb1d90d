/*
 * libgit2 brings clients for HTTPS, SSH and Kerberos. No program that links it
 * here ever opens a socket (sluice-http alone does, and it has no libgit2), so
 * the functions of those clients' libraries are defined here: those that
 * libgit2 calls to start and stop do nothing, all others end the program.
 *
 * That keeps network code out of the process that meets hostile objects, lets
 * the programs be linked without those libraries, and saves every push the
 * parsing of the system's CA certificates, 4 of the 5 ms libgit2 took to start.
 *
 * The types are the library's business: no argument is looked at here, nor
 * any result by libgit2. Where one is, see offline_tls.c.
 */
#include "base/err.h"

#define IDLE(name)        \
	int name(void);   \
	int name(void)    \
	{                 \
		return 0; \
	}
#define ABSENT(name)                                          \
	NORETURN void name(void);                             \
	void name(void)                                       \
	{                                                     \
		die("libgit2 asked for the network: " #name); \
	}

/* Starting and stopping. No certificate is trusted. */
IDLE(libssh2_exit)
IDLE(libssh2_init)
IDLE(mbedtls_ctr_drbg_free)
IDLE(mbedtls_ctr_drbg_init)
IDLE(mbedtls_ctr_drbg_seed)
IDLE(mbedtls_entropy_free)
IDLE(mbedtls_entropy_init)
IDLE(mbedtls_ssl_conf_authmode)
IDLE(mbedtls_ssl_conf_ciphersuites)
IDLE(mbedtls_ssl_conf_min_version)
IDLE(mbedtls_ssl_config_defaults)
IDLE(mbedtls_ssl_config_free)
IDLE(mbedtls_x509_crt_free)
IDLE(mbedtls_x509_crt_parse_file)
IDLE(mbedtls_x509_crt_parse_path)

/* TLS */
ABSENT(mbedtls_ctr_drbg_random)
ABSENT(mbedtls_entropy_func)
ABSENT(mbedtls_ssl_close_notify)
ABSENT(mbedtls_ssl_free)
ABSENT(mbedtls_ssl_get_peer_cert)
ABSENT(mbedtls_ssl_get_verify_result)
ABSENT(mbedtls_ssl_handshake)
ABSENT(mbedtls_ssl_init)
ABSENT(mbedtls_ssl_read)
ABSENT(mbedtls_ssl_set_bio)
ABSENT(mbedtls_ssl_set_hostname)
ABSENT(mbedtls_ssl_setup)
ABSENT(mbedtls_ssl_write)
ABSENT(mbedtls_strerror)
ABSENT(mbedtls_x509_crt_verify_info)

/* SSH */
ABSENT(libssh2_agent_connect)
ABSENT(libssh2_agent_disconnect)
ABSENT(libssh2_agent_free)
ABSENT(libssh2_agent_get_identity)
ABSENT(libssh2_agent_init)
ABSENT(libssh2_agent_list_identities)
ABSENT(libssh2_agent_userauth)
ABSENT(libssh2_channel_close)
ABSENT(libssh2_channel_free)
ABSENT(libssh2_channel_open_ex)
ABSENT(libssh2_channel_process_startup)
ABSENT(libssh2_channel_read_ex)
ABSENT(libssh2_channel_set_blocking)
ABSENT(libssh2_channel_write_ex)
ABSENT(libssh2_hostkey_hash)
ABSENT(libssh2_knownhost_checkp)
ABSENT(libssh2_knownhost_free)
ABSENT(libssh2_knownhost_init)
ABSENT(libssh2_knownhost_readfile)
ABSENT(libssh2_session_abstract)
ABSENT(libssh2_session_disconnect_ex)
ABSENT(libssh2_session_free)
ABSENT(libssh2_session_handshake)
ABSENT(libssh2_session_hostkey)
ABSENT(libssh2_session_init_ex)
ABSENT(libssh2_session_last_error)
ABSENT(libssh2_session_method_pref)
ABSENT(libssh2_session_set_blocking)
ABSENT(libssh2_userauth_authenticated)
ABSENT(libssh2_userauth_keyboard_interactive_ex)
ABSENT(libssh2_userauth_list)
ABSENT(libssh2_userauth_password_ex)
ABSENT(libssh2_userauth_publickey)
ABSENT(libssh2_userauth_publickey_fromfile_ex)
ABSENT(libssh2_userauth_publickey_frommemory)

/* HTTP */
ABSENT(http_errno_description)
ABSENT(http_parser_execute)
ABSENT(http_parser_init)
ABSENT(http_parser_parse_url)
ABSENT(http_parser_pause)
ABSENT(http_should_keep_alive)

/* Kerberos */
ABSENT(gss_delete_sec_context)
ABSENT(gss_display_status)
ABSENT(gss_import_name)
ABSENT(gss_indicate_mechs)
ABSENT(gss_init_sec_context)
ABSENT(gss_release_buffer)
ABSENT(gss_release_name)
ABSENT(gss_release_oid_set)

extern void *const GSS_C_NT_HOSTBASED_SERVICE;
void *const GSS_C_NT_HOSTBASED_SERVICE = NULL;
