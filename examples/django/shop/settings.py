"""Only the three settings of Shufti Pro differ between a test and production."""

import os

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for development only")
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost").split(",")
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["shop"]
STATIC_URL, MEDIA_URL = "static/", "media/"  # LiveServerTestCase needs both
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SHUFTI_URL = os.environ.get("SHUFTI_URL", "https://api.shuftipro.com/")
SHUFTI_CLIENT_ID = os.environ.get("SHUFTI_CLIENT_ID", "")
SHUFTI_SECRET_KEY = os.environ.get("SHUFTI_SECRET_KEY", "")
