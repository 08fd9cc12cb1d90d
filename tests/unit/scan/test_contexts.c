/*
 * Contexts: how secrets stand in the files of programs and of their makers, and
 * what looks like one and is none. Every body is made up. A row names the least
 * or the most that the shipped rules may do.
 */
#include "support/unit.h"

#include "scan/scanner.h"

enum want {
	FOUND,  /* reported, blocking or not */
	BLOCKS, /* by default */
	QUIET,  /* nothing is said */
	PASSES, /* nothing blocks */
	WARNS,  /* reported, and nothing blocks */
};

static const struct {
	enum want want;
	const char *path, *text;
} rows[] = {
	{FOUND, "values.yaml", "db:\n  password: \"Fak3-Pa55w0rd-77\"\n"},
	{FOUND, "values.yaml", "database:\n  db_password: Fak3Pa55w0rd77\n"},
	{FOUND, "config.json",
		"{\"clientSecret\": \"FAKEa8F3kQ9zLm2pR5tV7xY1\"}"},
	{FOUND, "app.ini", "[db]\nuser = app\npassword = Fak3Pa55w0rd77\n"},
	{FOUND, "app.toml", "[api]\napi_key = \"FAKEa8F3kQ9zLm2pR5tV7xY1\"\n"},
	{FOUND, ".env", "DB_PASSWORD=Fak3Pa55w0rd77\n"},
	{FOUND, ".env", "API_TOKEN=FAKEa8F3kQ9zLm2pR5tV7xY1\nDEBUG=1\n"},
	{FOUND, "deploy.sh", "export API_TOKEN='FAKEa8F3kQ9zLm2pR5tV7xY1'\n"},
	{BLOCKS, "main.tf",
		"resource \"aws_db_instance\" \"a\" {\n  password = "
		"\"Fak3-Pa55w0rd-77\"\n}\n"},
	{FOUND, "Dockerfile",
		"FROM scratch\nENV SECRET_KEY=FAKEa8F3kQ9zLm2pR5tV7xY1\n"},
	{FOUND, "Dockerfile", "ARG API_TOKEN=FAKEa8F3kQ9zLm2pR5tV7xY1\n"},
	{FOUND, "server.xml", "<password>Fak3Pa55w0rd77</password>"},
	{FOUND, "web.config",
		"<add name=\"db\" "
		"connectionString=\"Server=db1;Database=app;User "
		"Id=app;Password=Fak3Pa55w0rd77;\" />"},
	{FOUND, "application.properties",
		"spring.datasource.password=Fak3Pa55w0rd77\n"},
	{FOUND, "Main.java", "String apiKey = \"FAKEa8F3kQ9zLm2pR5tV7xY1\";"},
	{FOUND, "app.py", "SECRET_KEY = 'FAKEa8F3kQ9zLm2pR5tV7xY1'"},
	{FOUND, "app.py",
		"conn = connect(host=\"db1\", user=\"app\", "
		"password=\"Fak3-Pa55w0rd-77\")"},
	{FOUND, "app.js", "const apiToken = \"FAKEa8F3kQ9zLm2pR5tV7xY1\";"},
	{FOUND, "app.ts",
		"headers: { 'X-Api-Key': 'FAKEa8F3kQ9zLm2pR5tV7xY1' }"},
	{FOUND, "main.go", "apiKey := \"FAKEa8F3kQ9zLm2pR5tV7xY1\""},
	{FOUND, "db.rb", ":password => 'Fak3-Pa55w0rd-77'"},
	{FOUND, "db.php", "$db_password = 'Fak3-Pa55w0rd-77';"},
	{FOUND, "wp-config.php", "define('DB_PASSWORD', 'Fak3-Pa55w0rd-77');"},
	{FOUND, "App.cs", "var clientSecret = \"FAKEa8F3kQ9zLm2pR5tV7xY1\";"},
	{FOUND, "main.rs",
		"const API_KEY: &str = \"FAKEa8F3kQ9zLm2pR5tV7xY1\";"},
	{FOUND, "conf.h", "#define API_KEY \"FAKEa8F3kQ9zLm2pR5tV7xY1\""},
	{FOUND, "conf.c",
		"static const char password[] = \"Fak3-Pa55w0rd-77\";"},
	{FOUND, "App.kt", "val apiKey = \"FAKEa8F3kQ9zLm2pR5tV7xY1\""},
	{FOUND, "App.swift",
		"let apiSecret: String = \"FAKEa8F3kQ9zLm2pR5tV7xY1\""},
	{FOUND, "ci.yml",
		"jobs:\n  a:\n    env:\n      API_TOKEN: "
		"FAKEa8F3kQ9zLm2pR5tV7xY1\n"},
	{FOUND, ".gitlab-ci.yml",
		"variables:\n  DEPLOY_PASSWORD: \"Fak3-Pa55w0rd-77\"\n"},
	{FOUND, "Jenkinsfile",
		"environment { API_KEY = 'FAKEa8F3kQ9zLm2pR5tV7xY1' }"},
	{FOUND, "run.ps1", "$env:API_KEY = \"FAKEa8F3kQ9zLm2pR5tV7xY1\""},
	{FOUND, "run.bat", "set API_KEY=FAKEa8F3kQ9zLm2pR5tV7xY1\r\n"},
	{FOUND, "run.fish", "set -x API_TOKEN FAKEa8F3kQ9zLm2pR5tV7xY1\n"},
	{FOUND, "run.sh",
		"curl -u deploy:Fak3Pa55w0rd77 https://api.intern.test/v1\n"},
	{FOUND, "run.sh",
		"curl -H \"Authorization: Bearer FAKEa8F3kQ9zLm2pR5tV7xY1\" "
		"https://api.intern.test\n"},
	{FOUND, "run.sh",
		"wget --user=app --password=Fak3Pa55w0rd77 "
		"https://files.intern.test/a\n"},
	{FOUND, "run.sh", "mysql -h db1 -u app -pFak3Pa55w0rd77 app\n"},
	{FOUND, "run.sh", "sshpass -p Fak3Pa55w0rd77 ssh root@10.1.2.3\n"},
	{BLOCKS, "a.yml",
		"url: postgres://app:Fak3Pa55w0rd77@db1.intern.test:5432/app"},
	{BLOCKS, "a.yml",
		"url: mysql://app:Fak3Pa55w0rd77@db1.intern.test/app"},
	{BLOCKS, "a.yml",
		"url: "
		"mongodb+srv://app:Fak3Pa55w0rd77@cluster0.intern.test/app"},
	{BLOCKS, "a.yml",
		"url: redis://:Fak3Pa55w0rd77@cache1.intern.test:6379/0"},
	{BLOCKS, "a.yml",
		"url: amqp://app:Fak3Pa55w0rd77@mq1.intern.test:5672/"},
	{BLOCKS, "a.yml",
		"url: mysql+pymysql://app:Fak3Pa55w0rd77@db1.intern.test/app"},
	{BLOCKS, "a.yml",
		"url: clickhouse://app:Fak3Pa55w0rd77@ch1.intern.test:9000/x"},
	{BLOCKS, "a.yml",
		"url: snowflake://app:Fak3Pa55w0rd77@fake-account/db"},
	{FOUND, "a.yml",
		"url: https://elastic:Fak3Pa55w0rd77@es1.intern.test:9200"},
	{FOUND, "a.java",
		"jdbc:mysql://db1.intern.test/"
		"app?user=app&password=Fak3Pa55w0rd77"},
	{FOUND, "a.java",
		"jdbc:oracle:thin:app/"
		"Fak3Pa55w0rd77@db1.intern.test:1521:orcl"},
	{FOUND, "a.java",
		"jdbc:sqlserver://"
		"db1:1433;databaseName=a;user=app;password=Fak3Pa55w0rd77;"},
	{FOUND, "a.cs",
		"Driver={ODBC Driver "
		"17};Server=db1;Uid=app;Pwd=Fak3Pa55w0rd77;"},
	{FOUND, "a.cs",
		"Data Source=db1;Initial Catalog=a;User "
		"ID=app;Password=Fak3Pa55w0rd77"},
	{BLOCKS, ".netrc",
		"machine api.intern.test login app password Fak3Pa55w0rd77\n"},
	{BLOCKS, ".pgpass", "db1.intern.test:5432:app:app:Fak3Pa55w0rd77\n"},
	{FOUND, ".htpasswd", "app:$apr1$fakesalt$FAKE0123456789abcdefgh\n"},
	{BLOCKS, ".npmrc",
		"//registry.intern.test/"
		":_authToken=FAKEa8F3kQ9zLm2pR5tV7xY1\n"},
	{FOUND, ".pypirc",
		"[intern]\nusername = app\npassword = Fak3Pa55w0rd77\n"},
	{FOUND, ".my.cnf", "[client]\nuser=app\npassword=Fak3Pa55w0rd77\n"},
	{FOUND, ".s3cfg",
		"access_key = FAKE\nsecret_key = "
		"FAKEa8F3kQ9zLm2pR5tV7xY1wB4nC6dE\n"},
	{FOUND, ".git-credentials",
		"https://app:FAKEa8F3kQ9zLm2pR5tV7xY1@git.intern.test\n"},
	{FOUND, "pip.conf",
		"index-url = "
		"https://app:Fak3Pa55w0rd77@pip.intern.test/simple\n"},
	{FOUND, "hosts.ini",
		"web1 ansible_user=root ansible_ssh_pass=Fak3Pa55w0rd77\n"},
	{FOUND, "wpa.conf",
		"network={\n ssid=\"fake\"\n psk=\"Fak3-Pa55w0rd-77\"\n}\n"},
	{FOUND, "kubeconfig",
		"users:\n- name: a\n  user:\n    token: "
		"FAKEa8F3kQ9zLm2pR5tV7xY1FAKEa8F3kQ9zLm2pR5tV7xY1\n"},
	{BLOCKS, "config.json",
		"{\"auths\": {\"reg.intern.test\": {\"auth\": "
		"\"ZmFrZTpGYWszUGE1NXcwcmQ3Nw==\"}}}"},
	{FOUND, "settings.xml",
		"<server><id>a</id><username>app</"
		"username><password>Fak3Pa55w0rd77</password></server>"},
	{FOUND, "a.pl", "my $password = \"Fak3-Pa55w0rd-77\";"},
	{FOUND, "a.lua", "local api_key = \"FAKEa8F3kQ9zLm2pR5tV7xY1\""},
	{FOUND, "a.ex",
		"config :app, secret_key_base: "
		"\"FAKEa8F3kQ9zLm2pR5tV7xY1FAKEa8F3kQ9zLm2pR5tV7xY1\""},
	{FOUND, "a.scala", "val dbPassword = \"Fak3-Pa55w0rd-77\""},
	{FOUND, "a.sql", "CREATE USER app WITH PASSWORD 'Fak3-Pa55w0rd-77';"},
	{FOUND, "a.sql",
		"ALTER USER 'app'@'%' IDENTIFIED BY 'Fak3-Pa55w0rd-77';"},
	{FOUND, "a.md", "Password: `Fak3-Pa55w0rd-77`\n"},
	{BLOCKS, "a.tfvars", "db_password = \"Fak3-Pa55w0rd-77\"\n"},
	{FOUND, "docker-compose.yml",
		"services:\n  db:\n    environment:\n      - "
		"POSTGRES_PASSWORD=Fak3Pa55w0rd77\n"},
	{FOUND, "azure-pipelines.yml",
		"variables:\n- name: apiToken\n  value: x\n- clientSecret: "
		"FAKEa8F3kQ9zLm2pR5tV7xY1\n"},
	{FOUND, "a.dart", "const String apiKey = 'FAKEa8F3kQ9zLm2pR5tV7xY1';"},
	{FOUND, "a.r", "api_key <- \"FAKEa8F3kQ9zLm2pR5tV7xY1\""},
	{FOUND, "a.vb", "Dim password As String = \"Fak3-Pa55w0rd-77\""},
	{FOUND, "a.clj", ":api-key \"FAKEa8F3kQ9zLm2pR5tV7xY1\""},
	{FOUND, "a.groovy",
		"credentials { username 'app'; password 'Fak3-Pa55w0rd-77' }"},
	{FOUND, "a.plist",
		"<key>ApiToken</key>\n<string>FAKEa8F3kQ9zLm2pR5tV7xY1</"
		"string>"},
	{FOUND, "a.reg", "\"Password\"=\"Fak3-Pa55w0rd-77\""},
	{FOUND, "a.sh",
		"docker login -u app -p Fak3Pa55w0rd77 reg.intern.test\n"},
	{FOUND, "a.sh", "redis-cli -h cache1 -a Fak3Pa55w0rd77 ping\n"},
	{FOUND, "a.sh", "PGPASSWORD=Fak3Pa55w0rd77 psql -h db1 app\n"},
	{FOUND, "a.http",
		"Authorization: Basic ZmFrZTpGYWszUGE1NXcwcmQ3Nw==\n"},
	{FOUND, "a.json",
		"{\"url\": \"https://app:Fak3Pa55w0rd77@api.intern.test/v1\"}"},
	{FOUND, "a.ldif", "userPassword: Fak3Pa55w0rd77\n"},
	{WARNS, "a.md", "curl -u proxyuser:proxypassword http://a.example/"},
	{WARNS, "a.md",
		"machine a.example\n  login daniel\n  password qwerty\n"},
	{WARNS, "test82",
		"GET / HTTP/1.1\r\nProxy-Authorization: Basic "
		"dGVzdHVzZXI6dGVzdHBhc3M=\r\n"},
	{BLOCKS, "a.http", "Authorization: Basic ZmFrZTpGYWszLVBhNTV3MHJk\n"},
	{WARNS, "a_test.go",
		"token := \"eyJhbGciOiJIUzI1NiJ9."
		"eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkZBS0UifQ."
		"FAKE0123456789abcdefghijklmnopqrstuvwxyzEKA\""},
	{WARNS, "a.yml", "  access_key: A1B2C3D4E5F6G7H8I9J0\n"},
	{WARNS, "secret.yaml", "  admin_password: dGVzdC1wYXNzd29yZA==\n"},
	{WARNS, "a_test.go", "const fooTestToken = \"Fake0123abcdEFGH45ijkl\""},
	{WARNS, "a.sql.yml",
		"password: \"md50123456789abcdef0123456789abcdef\""},
	{BLOCKS, "a.go", "const latestToken = \"Fake0123abcdEFGH45ijkl\""},
	{WARNS, "db.py",
		"url = 'mongodb://oplog:oplog_secret@db1.intern.test/'"},
	{QUIET, "a.md", "secret_token = '49d3f3de9ed86c74b94ad6bd0...'"},
	{QUIET, "ci.yml",
		"- uses: codecov/codecov-action@"
		"0123456789abcdef0123456789abcdef01234567 # v5"},
	{QUIET, "commit",
		"gpgsig FAKEapi\n "
		"FAKE0123456789abcdefghijklmnop+"
		"rstuvwxyzEKAFFAKE0123456789abcdef"
		"\n"},
	{QUIET, "a.json",
		"\"$ref\": \"#/definitions/io.k8s.api.core.v1."
		"PersistentVolumeClaimTemplate\""},
	{QUIET, "a.yml", "password: changeme"},
	{QUIET, "a.yml", "password: \"<your-password>\""},
	{QUIET, "a.yml", "password: ${DB_PASSWORD}"},
	{QUIET, "a.yml", "password: \"{{ vault_db_password }}\""},
	{QUIET, "a.yml", "api_key: YOUR_API_KEY_HERE"},
	{QUIET, ".env.example", "API_TOKEN=xxxxxxxxxxxxxxxxxxxxxxxx"},
	{QUIET, ".env.example", "DB_PASSWORD=\nDB_HOST=localhost"},
	{QUIET, ".env", "SECRET_KEY=$(openssl rand -hex 32)"},
	{QUIET, "ci.yml", "token: ${{ secrets.GITHUB_TOKEN }}"},
	{QUIET, "a.tf", "password = var.db_password"},
	{QUIET, "a.tf", "password = random_password.db.result"},
	{QUIET, "a.tf", "password = \"${data.vault.secret}\""},
	{QUIET, "a.py", "password = os.environ[\"DB_PASSWORD\"]"},
	{QUIET, "a.py", "token = get_token_from_request(request)"},
	{QUIET, "a.py", "api_key = config.get(\"api_key\")"},
	{QUIET, "a.js", "const token = process.env.API_TOKEN;"},
	{QUIET, "a.js",
		"const passwordField = "
		"document.getElementById(\"password-input\");"},
	{QUIET, "a.ts", "interface Login { password: string; token: string }"},
	{QUIET, "a.go",
		"password := flag.String(\"password\", \"\", \"the "
		"password\")"},
	{QUIET, "a.java", "private String clientSecret;"},
	{QUIET, "a.java", "String key = \"user.password.reset.title\";"},
	{QUIET, "a.c", "if (strcmp(password, stored_password) == 0)"},
	{QUIET, "a.rb", "password: params[:password]"},
	{QUIET, "a.php", "$password = $_POST[\"password\"];"},
	{QUIET, "package-lock.json",
		"\"integrity\": "
		"\"sha512-"
		"FAKEFAKE0123456789abcdefFAKEFAKE0123456789abcdefFAKEFAKE012345"
		"6789abcdefFAKEFAKE012345==\""},
	{QUIET, "yarn.lock",
		"resolved "
		"\"https://registry.intern.test/a/-/"
		"a-1.0.0.tgz#2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\""},
	{QUIET, "Cargo.lock",
		"checksum = "
		"\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852"
		"b855\""},
	{QUIET, "go.sum",
		"example.test/a v1.0.0 "
		"h1:FAKE0123456789abcdefFAKE0123456789abcdefFAK="},
	{QUIET, "poetry.lock",
		"{file = \"a-1.0.whl\", hash = "
		"\"sha256:"
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8"
		"55\"},"},
	{QUIET, "requirements.txt",
		"a==1.0 "
		"--hash=sha256:"
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8"
		"55"},
	{QUIET, "a.md", "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"},
	{QUIET, "a.json", "{\"id\": \"123e4567-e89b-42d3-a456-426614174000\"}"},
	{QUIET, "a.json",
		"{\"tokenId\": \"123e4567-e89b-42d3-a456-426614174000\"}"},
	{QUIET, "a.xml", "<Guid>123e4567-e89b-42d3-a456-426614174000</Guid>"},
	{QUIET, "a.html",
		"<input type=\"password\" name=\"password\" "
		"placeholder=\"Enter your password\">"},
	{QUIET, "a.css", ".password-strength-indicator { color: #fff }"},
	{QUIET, "a.md", "Set `API_KEY` to your key: `export API_KEY=<key>`"},
	{QUIET, "a.md", "curl -u user:password https://example.com"},
	{QUIET, "a.md",
		"curl -H \"Authorization: Bearer $TOKEN\" https://example.com"},
	{QUIET, "a.md", "postgres://user:password@localhost:5432/db"},
	{QUIET, "a.md", "postgres://user:pass@host/db"},
	{QUIET, "a.yml", "url: postgres://${DB_USER}:${DB_PASS}@db/app"},
	{QUIET, "a.py",
		"DATABASE_URL = "
		"\"postgresql://postgres:postgres@localhost/test\""},
	{QUIET, "a.yml", "url: redis://localhost:6379"},
	{QUIET, "a.py", "url = f\"mysql://{user}:{password}@{host}/db\""},
	{QUIET, "a.md", "mongodb://username:password@host1:27017/"},
	{QUIET, "compose.yml", "POSTGRES_PASSWORD: postgres"},
	{QUIET, "compose.yml", "MYSQL_ROOT_PASSWORD: root"},
	{PASSES, "test_a.py",
		"def test_login():\n    login(\"admin\", "
		"password=\"password123\")"},
	{QUIET, "a_test.go", "const testToken = \"test-token\""},
	{QUIET, "a.spec.ts", "expect(token).toBe(\"mock-access-token\")"},
	{QUIET, "a.po", "msgid \"Password\"\nmsgstr \"Passwort\""},
	{QUIET, "en.json", "{\"forgot_password\": \"Forgot your password?\"}"},
	{QUIET, "a.sql", "password VARCHAR(255) NOT NULL"},
	{QUIET, "a.proto", "string access_token = 1;"},
	{QUIET, "openapi.yaml", "tokenUrl: https://example.com/oauth/token"},
	{QUIET, "a.c", "#define TOKEN_LENGTH 32"},
	{QUIET, "a.c",
		"static const char *token_names[] = { \"identifier\", "
		"\"number\" };"},
	{QUIET, "a.h", "enum token_type { TOKEN_EOF, TOKEN_NUMBER };"},
	{QUIET, "a.pem",
		"-----BEGIN PUBLIC "
		"KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END "
		"PUBLIC KEY-----"},
	{QUIET, "a.crt",
		"-----BEGIN "
		"CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUFAKE\n-----END "
		"CERTIFICATE-----"},
	{QUIET, "a.pub",
		"ssh-ed25519 "
		"AAAAC3NzaC1lZDI1NTE5AAAAIFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEF"
		"AKEFAKE a@b"},
	{QUIET, "a.md",
		"-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE "
		"KEY-----"},
	{QUIET, "a.js", "const key = \"ArrowDown\";"},
	{QUIET, "a.js", "localStorage.setItem(\"auth_token\", token)"},
	{QUIET, "a.swift", "let keychainKey = \"com.example.app.session\""},
	{QUIET, "a.yml",
		"image: "
		"registry.intern.test/"
		"app@sha256:"
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8"
		"55"},
	{QUIET, "a.txt",
		"data:image/"
		"png;base64,"
		"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"},
	{QUIET, ".npmrc", "//registry.intern.test/:_authToken=${NPM_TOKEN}"},
	{QUIET, ".netrc", "machine example.com login USER password PASSWORD"},
	{QUIET, ".htpasswd", "# user:hash"},
	{QUIET, "a.conf", "ssl_certificate_key /etc/nginx/ssl/server.key;"},
	{QUIET, "a.md", "AKIAIOSFODNN7EXAMPLE"},
	{QUIET, "a.md", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
	{QUIET, "a.md", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
	{QUIET, "a.yml",
		"kind: Secret\ndata:\n  password: {{ .Values.password | b64enc "
		"}}"},
	{QUIET, "a.py",
		"parser.add_argument(\"--password\", help=\"password of the "
		"user\")"},
	{QUIET, "a.py", "password = getpass.getpass(\"Password: \")"},
	{QUIET, "a.py", "assert response.json()[\"token\"] is not None"},
	{QUIET, "a.js",
		"export const SET_ACCESS_TOKEN = \"SET_ACCESS_TOKEN\";"},
	{QUIET, "a.yml", "secretName: my-app-tls"},
	{QUIET, "a.yml", "secretKeyRef:\n  name: db\n  key: password"},
	{QUIET, "a.tf", "key_name = \"deployer-key\""},
	{QUIET, "a.tf", "secret_id = aws_secretsmanager_secret.db.id"},
	{QUIET, "Dockerfile", "ARG API_TOKEN\nENV API_TOKEN=$API_TOKEN"},
	{QUIET, "a.properties", "spring.datasource.password=${DB_PASSWORD:}"},
	{QUIET, "a.cs", "var password = Configuration[\"Db:Password\"];"},
	{QUIET, "a.json",
		"{\"type\": \"password\", \"name\": \"user_password\", "
		"\"label\": \"Password\"}"},
	{QUIET, "a.md", "The token is a 40 character hex string."},
	{QUIET, "a.txt",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8"
		"55  file.tar.gz"},
	{QUIET, "a.yml",
		"uses: "
		"actions/checkout@2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"},
	{QUIET, "a.svg",
		"<path d=\"M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 "
		"10-10S17.52 2 12 2z\"/>"},
	{QUIET, "a.sh", "curl -H \"X-Auth-Token: $TOKEN\" \"$URL\""},
	{QUIET, "a.sh", "curl -u \"$USER:$PASS\" \"$URL\""},
	{QUIET, "a.sh", "export PASSWORD=\"$(pass show db)\""},
	{QUIET, "a.go", "const passwordResetTokenTTL = 24 * time.Hour"},
	{QUIET, "a.rs", "fn tokenize(secret_key: &SecretKey) -> Token {"},
};

struct setting {
	struct arena *arena;
	struct pack pack;
	struct scanner *scanner;
};

static int make(void **state)
{
	struct setting *it = calloc(1, sizeof(*it));
	struct scanner_setup setup = {
		.npacks = 1, .cache = getenv("SLUICE_TEST_CACHE")};
	struct err err = ERR_INIT;

	assert_non_null(it);
	it->arena = arena_new((size_t)1 << 28);
	setup.packs = &it->pack;
	if (pack_read("builtin", it->arena, &it->pack, &err) ||
		scanner_new(&setup, &it->scanner, &err))
		fail_msg("%s", err.text);
	*state = it;
	return 0;
}

static int drop(void **state)
{
	struct setting *it = *state;

	scanner_free(it->scanner);
	arena_free(it->arena);
	free(it);
	return 0;
}

static bool as_wanted(enum want want, const struct scan_result *r)
{
	size_t i, blocking = 0;

	for (i = 0; i < r->nhit; i++)
		blocking += r->hit[i].confidence == CONFIDENCE_HIGH;
	switch (want) {
	case FOUND:
		return r->nhit > 0;
	case BLOCKS:
		return blocking > 0;
	case QUIET:
		return r->nhit == 0;
	case PASSES:
		return blocking == 0;
	case WARNS:
		return r->nhit > 0 && blocking == 0;
	}
	return false;
}

static void contexts(void **state)
{
	struct setting *it = *state;
	size_t i, k, bad = 0;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct scan_result r;
		struct err err = ERR_INIT;

		if (scanner_scan(it->scanner, span_str(rows[i].text),
			    span_str(rows[i].path), it->arena, &r, &err))
			fail_msg("%s", err.text);
		assert_int_equal(r.outcome, SCAN_DONE);
		if (as_wanted(rows[i].want, &r))
			continue;
		print_error("%s: %s\n", rows[i].path, rows[i].text);
		for (k = 0; k < r.nhit; k++)
			print_error("  %.*s\n", SPAN_FMT(r.hit[k].rule->id));
		bad++;
	}
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contexts),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
