"""Every URL of the product on one screen."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from runs.run_case import run_case
from testhub.api import api

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("run_case", run_case, name="run_case"),
    path("api/v1/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]
