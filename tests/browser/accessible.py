"""What axe says of a page, and whether it fits its screen."""

from collections.abc import Mapping, Sequence

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Frame, Page

SETTLED = """Promise.all(document.getAnimations()
    .filter(one => one.effect.getTiming().iterations !== Infinity)
    .map(one => one.finished.catch(() => null))).then(() => null)"""
# Of all rules only this one asks for colours.
OF_COLOURS = {"runOnly": ["color-contrast"]}
# What was found to be right would be told with every element.
VIOLATIONS = """options => axe.run({...options, resultTypes: ["violations"]})
    .then(told => told.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`))"""


def violations(page: Page | Frame, options: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    # Colours that are on their way from one theme to the other are neither's.
    page.evaluate(SETTLED)
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    return [f"{page.url}: {told}" for told in page.evaluate(VIOLATIONS, options or {})]


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def wrong_in_both_themes(page: Page) -> list[str]:
    """Every rule in light, those of colours once more in dark, and whether the page scrolls sideways; stays light."""
    wrong = violations(page)
    page.emulate_media(color_scheme="dark")
    wrong += [f"in dark, {one}" for one in violations(page, OF_COLOURS)]
    page.emulate_media(color_scheme="light")
    if overflow(page) > 0:
        wrong.append(f"{page.url} scrolls sideways by {overflow(page)} pixels")
    return wrong
