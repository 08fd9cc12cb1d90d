#include "scan/validate.h"

#include "scan/validators.h"

enum validity validate(
	enum validator validator, struct span secret, int64_t now)
{
	switch (validator) {
	case VALIDATOR_CRC32_BASE62:
		return validate_crc_base62(secret);
	case VALIDATOR_CRC32_BASE36:
		return validate_crc_base36(secret);
	case VALIDATOR_CRC32_HEX:
		return validate_crc_hex_upper(secret);
	case VALIDATOR_CRC32_HEX_BODY:
		return validate_crc_hex_body(secret);
	case VALIDATOR_CRC32_HEX_LITTLE:
		return validate_crc_hex_little(secret);
	case VALIDATOR_BECH32:
		return validate_bech32(secret);
	case VALIDATOR_JWT:
		return validate_jwt(secret, now);
	case VALIDATOR_PEM:
		return validate_pem(secret);
	case VALIDATOR_PGP:
		return validate_pgp(secret);
	case VALIDATOR_JSON_SENTRY:
		return validate_json_sentry(secret);
	case VALIDATOR_JSON_GRAFANA:
		return validate_json_grafana(secret);
	case VALIDATOR_JSON_ONEPASSWORD:
		return validate_json_onepassword(secret);
	case VALIDATOR_MACAROON_V2:
		return validate_macaroon_v2(secret);
	case VALIDATOR_MACAROON_FLY:
		return validate_macaroon_fly(secret);
	case VALIDATOR_AWS_KEY_ID:
		return validate_aws_key_id(secret);
	case VALIDATOR_AWS_BEDROCK:
		return validate_aws_bedrock(secret);
	case VALIDATOR_DISCORD:
		return validate_discord(secret, now);
	case VALIDATOR_BASIC_AUTH:
		return validate_basic_auth(secret);
	case VALIDATOR_LUHN:
		return validate_luhn(secret);
	case VALIDATOR_PASSWORD:
		return validate_password(secret);
	case VALIDATOR_LOGIN:
		return validate_login(secret);
	case VALIDATOR_CHANCE:
		return validate_chance(secret);
	case VALIDATOR_NONE:
		break;
	}
	return VALIDITY_UNKNOWN;
}
