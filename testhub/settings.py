"""Django's settings. Every value from outside goes through `testhub.env`: it parses, or the
process does not start. docs/reference/settings.md has the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from testhub import env, env_urls

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env.read_files(BASE_DIR / ".env", VAR_DIR / ".env")

# --- Security -------------------------------------------------------------------------
DEBUG = env.env_bool("DEBUG", False)
if DEBUG:
    env.first_start(VAR_DIR / ".env")
SECRET_KEY = env.env_secret("SECRET_KEY")
# Fernet keys, newest first: the first one encrypts, all of them decrypt.
ENCRYPTION_KEYS = env.fernet_keys("ENCRYPTION_KEYS")
ALLOWED_HOSTS = env.env_list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
# Links in messages begin with it.
PUBLIC_URL = env_urls.public_url("PUBLIC_URL", "http://127.0.0.1:8000")
# A proxy in front speaks TLS. Whether to believe its X-Forwarded-Proto is gunicorn's
# decision, which knows the proxy's address (FORWARDED_ALLOW_IPS).
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- Database -------------------------------------------------------------------------
DATABASES = {"default": env_urls.database_url("DATABASE_URL", "sqlite:///var/testhub.sqlite3")}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        "timeout": 30,
        # A transaction takes the write lock when it begins, or two readers that both
        # want to write refuse each other at once.
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    Path(_database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
else:
    _database["OPTIONS"] |= {
        "isolation_level": "read committed",
        "connect_timeout": 5,
        "read_timeout": 60,
        "write_timeout": 60,
    }
# The ORM broker asks several times a second: without persistent connections each of
# these is a new one.
_database["CONN_MAX_AGE"] = 300
_database["CONN_HEALTH_CHECKS"] = True

# --- Applications ---------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "testhub",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "tree_queries",
    "django_q",
    "ninja",  # the files of its API page
    "cases",
    "runs",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # A page of the admin is 7 KB of HTML a table row before compression.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "testhub.middleware.ContentSecurityMiddleware",
    "testhub.middleware.FragmentLoginMiddleware",
    "testhub.middleware.ApiErrorMiddleware",
]
ROOT_URLCONF = "testhub.urls"
WSGI_APPLICATION = "testhub.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
# MariaDB has no partial indexes; django-q2 declares one and works without it.
SILENCED_SYSTEM_CHECKS = ["models.W037"]
AUTH_USER_MODEL = "cases.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
X_FRAME_OPTIONS = "DENY"
# A step with many headers and assertions makes many fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Language, time, files --------------------------------------------------------------
LANGUAGE_CODE = env.env_str("LANGUAGE_CODE", "en", choices=["en", "zh-hans"])
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is missing
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from the applications' folders without collectstatic where nobody has run it.
WHITENOISE_USE_FINDERS = True

# --- Execution --------------------------------------------------------------------------
WORKERS = env.env_int("WORKERS", 2, minimum=1)
THREADS = env.env_int("THREADS", 20, minimum=1, maximum=500)
CHUNK_SIZE = env.env_int("CHUNK_SIZE", 100, minimum=1, maximum=10_000)
CHUNK_BUDGET_S = env.env_int("CHUNK_BUDGET_S", 60, minimum=1)
WINDOW = env.env_int("WINDOW", 2 * WORKERS, minimum=1)
LEASE_S = env.env_int("LEASE_S", 45, minimum=2)
WATCH_S = env.env_int("WATCH_S", 60, minimum=1)
HINT_STALE_S = env.env_int("HINT_STALE_S", 120, minimum=1)
CASE_TIMEOUT_S = env.env_int("CASE_TIMEOUT_S", 30, minimum=1)
RETRY_ROOM_S = env.env_int("RETRY_ROOM_S", 120, minimum=1)
RESPONSE_LIMIT_MB = env.env_int("RESPONSE_LIMIT_MB", 10, minimum=1, maximum=1000)
ATTACHMENT_LIMIT_MB = env.env_int("ATTACHMENT_LIMIT_MB", 20, minimum=1, maximum=1000)
INLINE_LIMIT = env.env_int("INLINE_LIMIT", 4, minimum=1)
POLL_S = env.env_float("POLL_S", 0.2, minimum=0.05, maximum=10)
FUNCTION_MODULES = env.env_list("FUNCTION_MODULES")
# Where clouds hand out credentials to whoever asks from inside.
_METADATA = ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32")
DENIED_TARGETS = env.env_networks("DENIED_TARGETS", _METADATA)
ALLOWED_TARGETS = env.env_networks("ALLOWED_TARGETS")
# Days from the end of a run.
RETENTION_BODIES_DAYS = env.env_int("RETENTION_BODIES_DAYS", 14, minimum=1)
RETENTION_RESULTS_DAYS = env.env_int("RETENTION_RESULTS_DAYS", 90, minimum=1)
RETENTION_RUNS_DAYS = env.env_int("RETENTION_RUNS_DAYS", 730, minimum=1)
BROKER_URL = env_urls.broker_url("BROKER_URL")

# Where the processes of one machine tell each other how they are.
CLUSTER_DIR = Path(env.env_str("CLUSTER_DIR", str(VAR_DIR / "cluster")))

# --- Mail -------------------------------------------------------------------------------
# Empty: channels cannot send e-mails.
EMAIL_HOST = env.env_str("EMAIL_HOST", "")
_security = env.env_str("EMAIL_SECURITY", "none", choices=["none", "starttls", "tls"])
EMAIL_USE_TLS, EMAIL_USE_SSL = _security == "starttls", _security == "tls"
EMAIL_PORT = env.env_int(
    "EMAIL_PORT", {"none": 25, "starttls": 587, "tls": 465}[_security], minimum=1, maximum=65535
)
EMAIL_HOST_USER = env.env_str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.env_secret("EMAIL_HOST_PASSWORD", required=False)
DEFAULT_FROM_EMAIL = env.env_str("EMAIL_FROM", "testhub@localhost")
# For each answer of the server: while it is waited for, a worker does nothing else.
EMAIL_TIMEOUT = 10

# --- django-q2 --------------------------------------------------------------------------
# A case that is begun at the end of the chunk's budget has its retries and then its
# deadline; that + 45 s for the last writes must fit into it.
_timeout = CHUNK_BUDGET_S + RETRY_ROOM_S + CASE_TIMEOUT_S + 60
Q_CLUSTER: dict[str, Any] = {
    "name": "testhub",
    "broker_class": "runs.broker.Broker",
    "workers": WORKERS,
    "timeout": _timeout,
    # Counts from the moment the pusher takes a task, not from its start: one runs, one
    # is queued, one is in the pusher's hand.
    "retry": _timeout * 5,
    "ack_failures": True,
    "max_attempts": 1,
    "queue_limit": 1,
    "bulk": 1,
    # Counts the keeper's probes too, one every two seconds.
    "recycle": 1000,
    "max_rss": 500_000,
    # The hard timeout tests for exactly zero: only 0.25, 0.5 and 1 reach it.
    "guard_cycle": 0.5,
    "poll": POLL_S,
    "save_limit": 200,
    "save_limit_per": "func",
    "catch_up": False,
    "sync": False,
    # `run_workers` has a clock of its own and switches the cluster's off.
    "scheduler": env.env_bool("Q_SCHEDULER", True),
    "compress": False,
    "time_zone": TIME_ZONE,
    "cache": "cluster",
} | ({"redis": BROKER_URL} if BROKER_URL else {"orm": "default"})
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # What the cluster says of itself, for other processes to read.
    "cluster": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": BROKER_URL,
    }
    if BROKER_URL
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": CLUSTER_DIR / "stat",
    },
}

# --- Logging ----------------------------------------------------------------------------
LOG_LEVEL = env.env_str("LOG_LEVEL", "INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"where": {"()": "runs.log.WhereFilter"}},
    "formatters": {
        "line": {
            "format": "%(asctime)s %(levelname)s pid=%(process)d thread=%(threadName)s"
            "%(where)s %(name)s %(message)s"
        }
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["where"],
        },
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django-q": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # These name the URLs of channels, which are secrets: of the one nobody hears, the
        # other is heard by `runs.notifications.service` alone.
        "urllib3": {"level": "CRITICAL"},
        "apprise": {"handlers": ["nowhere"], "propagate": False, "level": "WARNING"},
    },
}

# --- Console (django-unfold) -----------------------------------------------------------
# Widgets of our own have their templates in templates/.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
UNFOLD = {
    "SITE_TITLE": "testhub",
    "SITE_HEADER": "testhub",
    "SITE_SUBHEADER": _("API test platform"),
    "SITE_SYMBOL": "biotech",
    "SITE_URL": None,  # there is no site besides the console
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("testhub/favicon.svg"),
        }
    ],
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "testhub.dashboard.dashboard",
    "COMMAND": {"search_callback": "testhub.admin.search", "show_history": True},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "testhub.admin.navigation",
    },
    "STYLES": [lambda request: static("testhub/testhub.css")],
    "SCRIPTS": [
        lambda request: static("testhub/json-table.js"),
        lambda request: static("testhub/auth-editor.js"),
        lambda request: static("testhub/inlines.js"),
        lambda request: static("testhub/copy.js"),
    ],
    "COLORS": {
        "primary": {
            "50": "#f0fdfa",
            "100": "#ccfbf1",
            "200": "#99f6e4",
            "300": "#5eead4",
            "400": "#2dd4bf",
            "500": "#14b8a6",
            "600": "#0f766e",
            "700": "#115e59",
            "800": "#134e4a",
            "900": "#123f3c",
            "950": "#042f2e",
        }
    },
}
