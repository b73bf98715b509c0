"""Settings: what a deployment knows, from the environment. What a supervisor tunes is a row in the admin."""

import os
import sys
from pathlib import Path
from typing import Any

import django_stubs_ext
from django.utils.csp import CSP

from helpdesk.databases.cache import cache_settings
from helpdesk.databases.connections import database_settings
from helpdesk.logs.logging_settings import logging_settings
from helpdesk.runtime.environment import (
    REPOSITORY,
    load_environment,
    read_addresses,
    read_flag,
    read_names,
    read_secret,
)
from helpdesk.runtime.mailers import mailer_settings

django_stubs_ext.monkeypatch()  # lets ModelAdmin[Queue] and the like stand in annotations at run time

ENVIRONMENT = load_environment()
BASE_DIR: Path = REPOSITORY
DATA_DIR = ENVIRONMENT.data
EMBEDDED = ENVIRONMENT.embedded
DEMO = ENVIRONMENT.demo
DEMO_PASSWORD = read_secret("TANDEM_DEMO_PASSWORD", shortest=10)  # empty: derived from SECRET_KEY
TESTING = "pytest" in sys.modules

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
PUBLIC_URL = ENVIRONMENT.public_url
ALLOWED_HOSTS = [
    ENVIRONMENT.host,
    *(["127.0.0.1", "localhost", "[::1]"] if EMBEDDED or TESTING else []),
    *filter(None, os.environ.get("TANDEM_HOSTS", "").split(",")),
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "helpdesk.urls"
ASGI_APPLICATION = "helpdesk.asgi.application"
WSGI_APPLICATION = "helpdesk.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "helpdesk",
    "helpdesk.accounts",
    "metrics",
    "routing",
    "tickets",
    "helpdesk.apps.TandemAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "channels",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]
# Channels that this installation adds: dotted packages, each with an adapter.py (docs/adding-a-channel.md).
CHANNEL_PACKAGES = read_names("TANDEM_CHANNELS")
INSTALLED_APPS += CHANNEL_PACKAGES

# Every class here must be async-capable: a sync-only one holds the request's thread under ASGI and
# leaks pooled connections when a browser tab closes (a test says so).
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "helpdesk.runtime.readable.readable",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "helpdesk.accounts.middleware.preferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "helpdesk.logs.request_log.RequestLog",
    "helpdesk.errors.domain_errors",
]

if read_flag("TANDEM_BENCH"):  # set by `manage.py bench` alone, whose server runs under WSGI
    MIDDLEWARE.insert(0, "helpdesk.bench.counting.count_queries")

TEMPLATE_FILES = [f"django.template.loaders.{name}.Loader" for name in ("filesystem", "app_directories")]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            REPOSITORY / "helpdesk" / "templates",
            *sorted((REPOSITORY / "tickets" / "channels").glob("*/templates")),  # a channel is one folder
        ],
        "OPTIONS": {
            "loaders": TEMPLATE_FILES
            if DEBUG
            else [("django.template.loaders.cached.Loader", TEMPLATE_FILES)],
            "builtins": ["tickets.templatetags.icons"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "helpdesk.shell.shell",
            ],
        },
    },
]

# ------------------------------------------------------------------ data
DATABASES = {"default": database_settings(ENVIRONMENT, testing=TESTING)}
CACHES = cache_settings(ENVIRONMENT.redis_url)
SESSION_ENGINE = "helpdesk.accounts.sessions"
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("TANDEM_STATIC") or DATA_DIR / "static")
MEDIA_ROOT = Path(os.environ.get("TANDEM_FILES") or DATA_DIR / "files")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "tickets.platform.files.DurableFileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT},
    },
    "staticfiles": {"BACKEND": "helpdesk.bundles.BundledManifestStorage"},
}
if bucket := os.environ.get("TANDEM_S3_BUCKET"):
    STORAGES["default"] = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": bucket}}
if TESTING or DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# ------------------------------------------------------------------ bells
BROKER_URL = ENVIRONMENT.redis_url or "memory://localhost/"
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"socket_timeout": 2, "socket_connect_timeout": 2, "visibility_timeout": 600}
    if ENVIRONMENT.redis_url
    else {"polling_interval": 0.02}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
BELLS_SILENT = TESTING  # a test that wants bells says so
CELERY_TASK_DEFAULT_QUEUE = "intake"
CELERY_TASK_ROUTES = {
    "tickets.tasks.deliver*": {"queue": "delivery"},
    "routing.*": {"queue": "routing"},
    **{name: {"queue": "metrics"} for name in ("metrics.*", "routing.tasks.try_out")},
}
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "helpdesk.runtime.layers.ThreadSafeInMemoryLayer"}
}
if ENVIRONMENT.redis_url:
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [ENVIRONMENT.redis_url]},
    }

# ------------------------------------------------------------------ people
AUTHENTICATION_BACKENDS = ["helpdesk.accounts.backends.EmailBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home_for_user"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "helpdesk.accounts.adapter.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to an address that somebody merely typed
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {"reset_password": "helpdesk.accounts.forms.ForgottenPasswordForm"}
# Ours count instead (helpdesk/accounts/attempts.py): by these a stranger could keep an owner out.
ACCOUNT_RATE_LIMITS = dict.fromkeys(
    ("login", "login_failed", "reset_password", "reset_password_from_key"), ""
)
MFA_FORMS = {
    "authenticate": "helpdesk.accounts.forms.CodeForm",
    "reauthenticate": "helpdesk.accounts.forms.CodeAgainForm",
}
MFA_ADAPTER = "helpdesk.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.is_https
PASSWORD_RESET_TIMEOUT = 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# ------------------------------------------------------------------ mail
MAIL_DOMAIN = os.environ.get("TANDEM_MAIL_DOMAIN") or ("demo.example" if DEMO else ENVIRONMENT.host)
MAIL_FROM = os.environ.get("TANDEM_MAIL_FROM") or f"Tandem <no-reply@{MAIL_DOMAIN}>"
DEFAULT_FROM_EMAIL = MAIL_FROM
MAILERS = mailer_settings(ENVIRONMENT)
SMTP_PORT = int(os.environ.get("SMTP_PORT") or 2525)
SMTP_BIND = os.environ.get("SMTP_BIND") or "127.0.0.1"
LMTP_PORT = int(os.environ.get("LMTP_PORT") or 0)  # 0: none
MAIL_MAX_BYTES = int(os.environ.get("TANDEM_MAIL_MAX_BYTES") or 50 * 1024 * 1024)
DNS_SERVERS = os.environ.get("TANDEM_DNS", "").split()  # address#port; empty: the machine's own
PRIVATE_SERVERS = os.environ.get("TANDEM_PRIVATE_SERVERS", "").replace(",", " ").split()

# ------------------------------------------------------------------ language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [REPOSITORY / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
FORMAT_MODULE_PATH = ["helpdesk.formats"]
USE_TZ = True
TIME_ZONE = os.environ.get("TANDEM_TIME_ZONE") or "Europe/Paris"

# ------------------------------------------------------------------ security
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = ENVIRONMENT.is_https and read_flag("TANDEM_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked from inside, without TLS
if ENVIRONMENT.host in {"127.0.0.1", "localhost"} and not ENVIRONMENT.is_https:
    # Reached from this machine only: there is no network on which TLS would protect anything.
    SILENCED_SYSTEM_CHECKS = [f"security.W0{number}" for number in ("04", "08", "12", "16")]
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENVIRONMENT.is_https
SECURE_HSTS_PRELOAD = ENVIRONMENT.is_https
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.is_https
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "helpdesk.errors.csrf_failure"
TRUSTED_PROXIES = read_addresses("TANDEM_TRUSTED_PROXIES")
if read_flag("TANDEM_BEHIND_TLS_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
METRICS_TOKEN = read_secret("TANDEM_METRICS_TOKEN", shortest=32)  # empty: administrators only

# ------------------------------------------------------------------ API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tickets.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tickets.api.authentication.HasScope"],
    "DEFAULT_PAGINATION_CLASS": "tickets.api.pagination.ByCursor",
    "DEFAULT_SCHEMA_CLASS": "tickets.api.schema.Description",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tickets.api.parsing.StrictJSONParser"],
    "EXCEPTION_HANDLER": "tickets.api.errors.handle_exception",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tandem",
    "DESCRIPTION": "A helpdesk where a human answers.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# ------------------------------------------------------------------ logs
LOG_LEVEL = os.environ.get("TANDEM_LOG_LEVEL", "WARNING" if TESTING else "INFO")
LOGGING = logging_settings(LOG_LEVEL)
