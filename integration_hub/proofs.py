"""Keeps the proof that nothing can be written to a source: what was found, when it was last found, and since when."""

from django.utils import timezone

from integration_hub.models import SourceProof
from integration_hub.sources import Source, SourceCheck, SourceProblem, SourceRefused


def checked(source: Source) -> SourceCheck:
    """Ask the source, and keep what it says. Raises what `check` raises.

    A source that cannot be reached says nothing about the proof; one that refuses us for what we could do ends it.
    """
    now = timezone.now()
    try:
        found = source.check()
    except SourceRefused as refused:
        SourceProof.objects.update_or_create(
            source=source.name,
            defaults={
                "checked_at": now,
                "holds_since": None,
                "problem": refused.problem,
                "remedy": refused.remedy,
            },
        )
        raise
    before = SourceProof.objects.filter(pk=source.name).first()
    SourceProof.objects.update_or_create(
        source=source.name,
        defaults={
            "version": found.version[:255],
            "proof": found.read_only_proof,
            "companies": list(found.companies),
            "warnings": list(found.warnings),
            "missing": _missing(source),
            "proven": found.proven,
            "checked_at": now,
            "holds_since": (before.holds_since if before else None) or now,
            "problem": "",
            "remedy": "",
        },
    )
    return found


def _missing(source: Source) -> dict[str, list[str]]:
    """By stream, what the source says that it does not provide; nothing where it says nothing of that kind."""
    capabilities = getattr(source, "capabilities", None)
    if capabilities is None:
        return {}
    found: dict[str, list[str]] = {}
    for stream in source.streams:
        try:
            missing = capabilities(stream).missing
        except SourceProblem:
            continue  # the stream itself will say so when it is read
        if missing:
            found[stream.name] = list(missing)
    return found
