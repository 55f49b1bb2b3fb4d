"""All settings, from the environment, with embedded defaults that serve one machine. `.env.example` lists them."""

import sys
from pathlib import Path

import environ
import structlog
from csp.constants import NONCE, NONE, SELF

from backend.keys import secret
from backend.logs import scrub

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
KEYS_DIR = Path(env.str("KEYS_DIR", str(VAR_DIR / "keys")))

# --- who and where
DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
BASE_URL = env.str("BASE_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])
BEHIND_TLS = BASE_URL.startswith("https://")
# How many proxies stand in front: the client's address is counted from the right of X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

# --- secrets
SECRET_KEY = secret("secret_key", KEYS_DIR)
LINK_SIGNING_KEY = secret("link_signing", KEYS_DIR)
LINK_SIGNING_FALLBACKS = env.list("LINK_SIGNING_FALLBACKS", default=[])
# {key id: hex key}; the first signs, all are asked. Add a new one in front to rotate.
ADDRESS_HMAC_KEYS: dict[str, str] = env.dict("ADDRESS_HMAC_KEYS", default={}) or {
    "addr-1": secret("address_hmac", KEYS_DIR)
}
LEDGER_SIGNING_KEY = secret("ledger_signing", KEYS_DIR)

# --- parts
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    # Ours before allauth: its pages are drawn by our templates. The roof is here for its command alone.
    "backend",
    "alumni",
    "notifications",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.idp.oidc",
    "django_structlog",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "backend.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "alumni.accounts.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]
ROOT_URLCONF = "backend.urls"
WSGI_APPLICATION = "backend.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "backend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "alumni.accounts.organisation.context",
            ]
        },
    }
]

# --- database: a file, or PostgreSQL. Immediate transactions, or two writers that both began by reading deadlock.
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'kring.sqlite3'}")}
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if IS_SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # secure_delete: what an erasure deletes is overwritten in the file, too (Debian's default, not everybody's).
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA secure_delete=ON;",
    }
    # A file, also in tests: in memory WAL is never tried.
    DATABASES["default"]["TEST"] = {
        "NAME": str(VAR_DIR / "test" / (env.str("TEST_DATABASE_NAME", "test") + ".sqlite3"))
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 60)
    DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE_NAME", "test_kring")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "alumni.User"

# --- broker and shared cache: the Redis protocol everywhere; embedded Valkey on a socket in one-machine use
VALKEY_SOCKET = VAR_DIR / "valkey" / "valkey.sock"
BROKER_URL = env.str("BROKER_URL", f"redis+socket://{VALKEY_SOCKET}")
CACHE_URL = env.str("CACHE_URL", f"unix://{VALKEY_SOCKET}?db=1")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}
if CACHE_URL == "memory":  # one process: the tests
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- mail. Django's door is ours and does not send: it writes an outbox row (notifications/mail).
EMAIL_BACKEND = "notifications.mail.backend.OutboxBackend"
SMTP_HOST = env.str("SMTP_HOST", "127.0.0.1")
SMTP_PORT = env.int("SMTP_PORT", 2525)
SMTP_USER = env.str("SMTP_USER", "")
SMTP_PASSWORD = env.str("SMTP_PASSWORD", "")
SMTP_TLS = env.str("SMTP_TLS", "none")  # none, starttls, tls
SMTP_TIMEOUT = env.int("SMTP_TIMEOUT", 30)
MESSAGE_ID_DOMAIN = env.str("MESSAGE_ID_DOMAIN", "")  # default: the domain of the organisation's sender address
# The mailbox that stands in for a mail server in the demo: keeps what it gets, shown at /mailbox/.
MAILBOX = env.bool("MAILBOX", DEMO)
MAILBOX_DIR = Path(env.str("MAILBOX_DIR", str(VAR_DIR / "mailbox")))
DEFAULT_FROM_EMAIL = "network@localhost"  # never used to send: the organisation's row names the sender

# --- login: a code by mail, no passwords; sign-up is ours (alumni/joining)
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []
ACCOUNT_ADAPTER = "alumni.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
# An unknown address goes through the same steps; our adapter then queues a row that the worker discards.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = "none"
HEADLESS_ENABLED = True
HEADLESS_ADAPTER = "alumni.accounts.adapter.HeadlessAdapter"
HEADLESS_ONLY = False
HEADLESS_CLIENTS = ("app",)
HEADLESS_SERVE_SPECIFICATION = False
HEADLESS_FRONTEND_URLS: dict[str, str] = {}
IDP_OIDC_PRIVATE_KEY = secret("oidc_private_key", KEYS_DIR)
IDP_OIDC_ADAPTER = "alumni.accounts.adapter.OIDCAdapter"
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
LOGOUT_REDIRECT_URL = "/"
SESSION_ENGINE = "alumni.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_NAME = "__Host-kring" if BEHIND_TLS else "kring"
CSRF_COOKIE_NAME = "__Host-kring-csrf" if BEHIND_TLS else "kring-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "backend.error_pages.csrf_failure"

# --- the API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "alumni.accounts.authentication.BearerAuthentication",
        "alumni.accounts.authentication.SessionTokenAuthentication",
        "alumni.accounts.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["backend.http.scopes.Nobody"],
    "DEFAULT_RENDERER_CLASSES": ["backend.http.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["backend.http.parsers.JSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "backend.http.renderers.Negotiation",
    "DEFAULT_PAGINATION_CLASS": "backend.http.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "backend.http.filters.StrictFilterBackend",
        "backend.http.filters.StrictOrderingFilter",
    ],
    "DEFAULT_SCHEMA_CLASS": "backend.http.schema.AutoSchema",
    "EXCEPTION_HANDLER": "backend.http.problems.exception_handler",
    "DEFAULT_THROTTLE_CLASSES": ["backend.http.throttling.CallerRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "caller": env.str("API_RATE", "600/min"),
        "join": env.str("JOIN_RATE", "20/hour"),
        "join_address": "5/hour",
        "invite": "200/hour",
        "import": "30/hour",
    },
    "NUM_PROXIES": TRUSTED_PROXIES,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%SZ",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kring",
    "VERSION": "1",
    "DESCRIPTION": "Members and what they agreed to; posts; digests, editions and drafts.",
    "OAS_VERSION": "3.1.1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Where several fields share a name, or one set of choices has several.
    "ENUM_NAME_OVERRIDES": {
        "MemberKind": "alumni.members.serializers.KINDS",
        "MemberState": "alumni.members.serializers.STATES",
        "ImportState": "alumni.joining.models.ImportState",
        "DigestState": "notifications.digests.models.DigestState",
        "RunState": "notifications.digests.models.RunState",
        "PostKind": "notifications.posts.models.Kind",
        "PostState": "notifications.posts.models.PostState",
        "Visibility": "notifications.posts.models.Visibility",
        "ReviewAnswer": "notifications.posts.review.ANSWERS",
        "DraftState": "notifications.social.models.DraftState",
    },
}

# --- languages
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "backend" / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True

# --- files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(VAR_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 50 * 1024 * 1024)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", 250_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- sending
DIGEST_MAX_ITEMS = 10
DIGEST_MAX_ATTEMPTS = 5
HAND_OFF_BATCH = env.int("HAND_OFF_BATCH", 50)
PLAN_CHUNK = env.int("PLAN_CHUNK", 500)

# --- headers
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", BEHIND_TLS and TRUSTED_PROXIES > 0)
SECURE_REDIRECT_EXEMPT = [r"^u/", r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31536000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
# Preloading a domain into browsers is for its owner to decide, not for one service on it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- logs: one JSON line an event on standard output; no addresses, no tokens, no bodies
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                scrub,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso"),
            ],
        }
    },
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": sys.stdout, "formatter": "json"}},
    "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

# --- the back office's look; `backend.office` holds its parts
UNFOLD = {
    "SITE_TITLE": "Kring",
    "SITE_HEADER": "Kring",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": f"{STATIC_URL}ring.svg"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {"base": "backend.office.neutrals", "primary": "backend.office.accents"},
    "SIDEBAR": {"navigation": "backend.office.navigation"},
    "DASHBOARD_CALLBACK": "backend.dashboard.context",
    "STYLES": [f"{STATIC_URL}pieces.css", f"{STATIC_URL}office.css"],
}
