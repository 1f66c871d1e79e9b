"""Notices to the administrator: raised once per subject and code, cleared when they no longer hold."""

from collections.abc import Sequence

from django.utils import timezone

from integration_hub.models import Notice


def raise_notice(subject: str, code: str, text: str, remedy: str = "") -> None:
    """Raise a notice, or bring the text of the open one up to date."""
    Notice.objects.update_or_create(
        subject=subject, code=code, cleared_at=None, defaults={"text": text, "remedy": remedy}
    )


def clear_notices(
    subject: str,
    *,
    except_codes: frozenset[str] = frozenset(),
    except_kinds: Sequence[str] = (),
    only_kind: str = "",
) -> None:
    """Clear what no longer holds for a subject; codes that begin with one of `except_kinds`, or not with `only_kind`,
    are left alone too.
    """
    open_ones = Notice.objects.filter(subject=subject, code__startswith=only_kind, cleared_at=None).exclude(
        code__in=except_codes
    )
    for kind in except_kinds:
        open_ones = open_ones.exclude(code__startswith=kind)
    open_ones.update(cleared_at=timezone.now())
