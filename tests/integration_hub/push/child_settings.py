"""Settings of a child process whose wanted values are those of the test that started it."""

from integration_hub.settings import *  # noqa: F403

PUSH_WANTED_VALUES = "tests.integration_hub.push.figures.wanted"
# A push needs no pages.
ROOT_URLCONF = "tests.integration_hub.push.child_settings"
urlpatterns: list[object] = []
