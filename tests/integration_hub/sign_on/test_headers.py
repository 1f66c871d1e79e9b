"""What browsers are told about cookies and about who may use our files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("secure", ["1", "0"])
def test_b7_with_tls_cookies_are_bound_to_the_very_host(secure: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from integration_hub.settings import *; print(SESSION_COOKIE_NAME, CSRF_COOKIE_NAME)"],
        env=os.environ | {"SECURE_SSL": secure},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    bound = "__Host-" if secure == "1" else ""
    assert said.stdout.split() == [f"{bound}sessionid", f"{bound}csrftoken"]


def test_b7_a_session_signs_in_under_that_name(settings, django_user_model, db) -> None:
    django_user_model.objects.create_user("anna", password="a-long-password")
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client(enforce_csrf_checks=True)
    token = client.get(reverse("login"), secure=True).cookies["__Host-csrftoken"].value
    entered = {"username": "anna", "password": "a-long-password", "csrfmiddlewaretoken": token}
    answer = client.post(reverse("login"), entered, secure=True, headers={"referer": "https://testserver/login/"})
    assert answer.status_code == 302
    cookie = answer.cookies["__Host-sessionid"]
    assert (cookie["secure"], cookie["path"], cookie["domain"], cookie["httponly"]) == (True, "/", "", True)


@pytest.mark.parametrize("path", ["/login/", "/customers/", "/no/such/page/", "/static/favicon.svg", "/healthz"])
def test_g1_other_sites_may_use_nothing_of_ours(path: str, db) -> None:
    assert Client().get(path)["Cross-Origin-Resource-Policy"] == "same-origin"
