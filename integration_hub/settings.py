"""Composition root: every setting, and the only place that names the layers above, as dotted strings."""

from importlib.util import find_spec
from pathlib import Path

from csp.constants import NONE, SELF

from integration_hub.environment import BASE_DIR, env

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY")
# Keys used before: what was encrypted or signed with them can still be read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HUB_CONFIG = env.str("HUB_CONFIG", default=str(BASE_DIR / "hub.toml"))
STATE_DIR = env.str("STATE_DIR", default=str(BASE_DIR / ".hub"))
# Where manage.py backup puts the warehouse; diagnose looks how old the newest is.
BACKUP_DIR = env.str("BACKUP_DIR", default="")
# Further places whose disks are watched, such as PostgreSQL's: its folder is not told to a role without rights on it.
WATCHED_DISKS = env.list("WATCHED_DISKS", default=[])
# Where people reach this site, such as https://hub.example.com: the link in Salesforce leads there.
PUBLIC_URL = env.str("PUBLIC_URL", default="")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "axes",
    "django_htmx",
    "django_rq",
    "integration_hub.apps.IntegrationHubConfig",
    "customers.apps.CustomersConfig",
    "reports.apps.ReportsConfig",
]

MIDDLEWARE = [
    "integration_hub.one_request.OneRequestMiddleware",
    "integration_hub.own_origin.OwnOriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "integration_hub.audit.acting.ActingMiddleware",
    "integration_hub.audit.denials.DenialMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "customers.visits.VisitMiddleware",
    "integration_hub.caching.PrivatePagesMiddleware",
    "integration_hub.pages.addresses.NoNulMiddleware",
    "customers.view_log.ViewLogMiddleware",
    "customers.behind.FiguresBehindMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "integration_hub.urls"
WSGI_APPLICATION = "integration_hub.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "customers.layout.page_frame",
                "reports.export_notice.ready_exports",
            ],
            "builtins": [
                "customers.templatetags.figures",
                "customers.templatetags.months",
                "customers.templatetags.proof",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL")}
# How long a session waits for what others have locked, and for one statement; 0 = for ever. Pages wait less.
LOCK_SECONDS = env.float("LOCK_SECONDS", default=900.0)
STATEMENT_SECONDS = env.float("STATEMENT_SECONDS", default=6 * 3600.0)
PAGE_LOCK_SECONDS = env.float("PAGE_LOCK_SECONDS", default=5.0)
PAGE_SECONDS = env.float("PAGE_SECONDS", default=30.0)
_limits = f"-c lock_timeout={int(LOCK_SECONDS * 1000)} -c statement_timeout={int(STATEMENT_SECONDS * 1000)}"
# A machine that is gone without a word (power, network) lets go of its locks after a minute, not after two hours.
_keepalives = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
DATABASES["default"].update(
    ENGINE="django.db.backends.postgresql",
    CONN_MAX_AGE=60,
    CONN_HEALTH_CHECKS=True,
    OPTIONS=DATABASES["default"].get("OPTIONS", {})
    | {"options": f"-c client_connection_check_interval=1s -c TimeZone=UTC {_limits} {_keepalives}"},
)
# Off behind a pooler that gives every transaction another connection and does not know prepared statements.
PREPARED_STATEMENTS = env.bool("PREPARED_STATEMENTS", default=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
# JSON instead of pickle: whoever can write to Redis must not be able to run code in the worker.
RQ_QUEUES = {
    name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 7200, "SERIALIZER": "rq.serializers.JSONSerializer"}
    for name in ("default", "exports")
}
RQ = {"JOB_CLASS": "rq.job.Job", "WORKER_CLASS": "integration_hub.queue_worker.QueueWorker"}
# Megabytes that one run, export or other job may take beyond what its worker has already; 0 = as much as there is.
WORKER_MEMORY_MB = env.int("WORKER_MEMORY_MB", default=0)

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_VERBOSE = False  # no line of its own above the output of every command
# Wrong passwords within a quarter of an hour: for a name from one address, from one address, for a name.
AXES_HANDLER = "integration_hub.sign_on.throttle.LoginThrottle"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
LOGIN_LIMITS = (10, 50, 30)
AXES_FAILURE_LIMIT = LOGIN_LIMITS[0]
AXES_COOLOFF_TIME = 0.25
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Where somebody signed in within so many days, others cannot lock their name.
LOGIN_KNOWN_DAYS = 30
AXES_LOCKOUT_CALLABLE = "integration_hub.sign_on.throttle.locked_page"
AXES_CLIENT_IP_CALLABLE = "integration_hub.sign_on.throttle.counted_address"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
# Single sign-on by OpenID Connect, where an issuer is named; README says how.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_LABEL = env.str("OIDC_LABEL", default="Single sign-on")
OIDC_SCOPES = env.str("OIDC_SCOPES", default="openid email profile")
# Whether an address counts that the provider does not call verified, and whether unknown people get a login.
OIDC_TRUST_EMAIL = env.bool("OIDC_TRUST_EMAIL", default=False)
OIDC_CREATE_USERS = env.bool("OIDC_CREATE_USERS", default=False)
# The claim whose values decide the roles, and which: OIDC_ROLES=hub-analysts=Analysts,hub-admins=Administrators
OIDC_ROLE_CLAIM = env.str("OIDC_ROLE_CLAIM", default="")
OIDC_ROLES = env.dict("OIDC_ROLES", default={})
OIDC_SESSION_HOURS = env.float("OIDC_SESSION_HOURS", default=8.0)
# Off: nobody signs in by password any more.
PASSWORD_LOGIN = env.bool("PASSWORD_LOGIN", default=True)
LOGIN_REDIRECT_URL = "customers:home"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
# Every word of the pages is written here in one language; looking up which one it is took a tenth of a page.
USE_I18N = False
# The builder of segments sends a few fields for each of its rules, of which there may be two hundred.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
USE_TZ = True
# Bytes that a request to these addresses may have, where others may have less (integration_hub/web_worker.py); the
# proxy has the same, as client_max_body_size.
LARGE_BODIES = {"/reports/exports/check/": 30 * 1024 * 1024}

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
_plotly = find_spec("plotly")
if _plotly is None or not _plotly.origin:
    raise ImportError("The package plotly is missing: run `make demo` or install requirements.txt.")
STATICFILES_DIRS = [
    # plotly.min.js comes with the package; nothing of it is copied into the repository.
    ("plotly", Path(_plotly.origin).parent / "package_data"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.str(
            "STATICFILES_BACKEND",
            default="whitenoise.storage.CompressedManifestStaticFilesStorage",
        )
    },
}

SECURE_SSL = env.bool("SECURE_SSL", default=False)
# How many proxies in front add the browser's address to X-Forwarded-For: logins are throttled, and the audit tells, by
# that of the outermost.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=int(SECURE_SSL))
SECURE_SSL_REDIRECT = SECURE_SSL
SECURE_HSTS_SECONDS = 31536000 if SECURE_SSL else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_SSL
SECURE_HSTS_PRELOAD = SECURE_SSL
SESSION_COOKIE_SECURE = SECURE_SSL
CSRF_COOKIE_SECURE = SECURE_SSL
# With this prefix a browser takes them from this very host alone: no other one of the domain can set them.
_host = "__Host-" if SECURE_SSL else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_host}sessionid", f"{_host}csrftoken"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_SSL else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "integration_hub.sessions"
SESSION_COOKIE_AGE = 12 * 3600

# The style sheet of the map library inside plotly.js, which it adds when it loads; a browser test tells of a change.
PLOTLY_STYLE = "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, PLOTLY_STYLE],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Called inside the publish transaction, in this order, with a Publication (integration_hub/publish.py).
PUBLISH_HOOKS = ["customers.publishing.recompute"]
ROLLUP = "customers.publishing.recompute_all"
PUSH_RUN = "integration_hub.push.pushing.run_push"
DRIFT_RUN = "integration_hub.push.hand_edits.run_drift_check"
MATCH_RUN = "customers.matching.runs.run_match"
ARCHIVE_RUN = "customers.history.runs.run_archive"
# Returns the wanted field values per Salesforce account: integration_hub/push/wanted.py says the shape.
PUSH_WANTED_VALUES = "customers.push_values.wanted_values"
# Says what a measure needs of its field, so that one that cannot hold it is found before there are figures.
PUSH_NEED = "customers.push_values.need_of"
STATEMENT_TAKEN = "reports.export_noted.note_statement"  # called by customers/views/statement.py

# By queue, what its worker loads before its first job (integration_hub/queue_worker.py).
JOBS = {
    "default": [
        "integration_hub.jobs.execute",
        *(*PUBLISH_HOOKS, ROLLUP, PUSH_RUN, DRIFT_RUN, MATCH_RUN, ARCHIVE_RUN, PUSH_WANTED_VALUES, PUSH_NEED),
    ],
    "exports": ["reports.export_jobs.work"],
}

# What the scheduler calls every minute with the instant, after its own work; returns the names of what it asked for.
TICK_HOOKS = [
    "integration_hub.status.pulse.beat",
    "integration_hub.installation.restored.tick",
    "integration_hub.sign_on.upkeep.tick",
    "customers.matching.runs.tick",
    "customers.history.runs.tick",
    "reports.export_schedule.tick",
    "integration_hub.audit.watching.tick",
    "integration_hub.alerts.watching.tick",
]
# What it calls every second, to notice killed workers of other queues.
WATCH_HOOKS = ["reports.export_schedule.take_over"]
# What the layers above find wrong: called with the instant, gives findings (integration_hub/alerts/finding.py).
ALERT_CONDITIONS = [
    "customers.alerting.missing_rates",
    "reports.alerting.exports_waiting",
    "reports.alerting.exports_failed",
]

# What moves between installations besides hub.toml, in the order in which it is written.
CONFIGURATION_PARTS = [
    "customers.transferring.SCALES",
    "customers.transferring.VIEWS",
    "customers.transferring.SEGMENTS",
    "reports.transferring.SCHEDULES",
]

# Mail goes out when EMAIL_URL names a server, such as smtp+tls://user:password@mail.example.com:587.
MAIL_CONFIGURED = bool(env.str("EMAIL_URL", default=""))
if MAIL_CONFIGURED:
    globals().update(env.email_url("EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="customer360@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "integration_hub.log_lines.Line"},
        "json": {"()": "integration_hub.log_lines.JsonLine"},
    },
    # urllib3 writes whole addresses at DEBUG, and in warnings: those of Salesforce hold queries with customers' names.
    "filters": {"without_queries": {"()": "integration_hub.log_lines.WithoutQueries"}},
    "loggers": {"urllib3.connectionpool": {"filters": ["without_queries"]}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": env.str("LOG_FORMAT", default="line")}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
