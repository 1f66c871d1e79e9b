"""The sources as a page: each with its certificate of being read-only, and how completely it is here."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from integration_hub.completeness import SourceStatement, statements
from integration_hub.config import SourceConfig, hub, reading_rhythm
from integration_hub.freshness import SourceFreshness, freshness
from integration_hub.models import SourceProof
from integration_hub.pages.access import administrators_only

KINDS = {
    "sql": "Database",
    "files": "File deliveries",
    "tryton": "Tryton",
    "odoo": "Odoo",
    "odata": "OData",
    "rest": "REST",
}
UNPROVEN = (
    "This kind of ERP has not yet met a live system: its documents were the only judge. "
    "Compare the first figures with the ERP's own."
)


@dataclass(frozen=True)
class Certificate:
    """One source; `pill` and `word` say whether its proof of being read-only holds."""

    config: SourceConfig
    kind: str
    proof: SourceProof | None
    pill: str
    word: str
    unproven: str
    fresh: SourceFreshness | None
    statement: SourceStatement

    @property
    def every(self) -> str:
        """How often it is read, in words."""
        return reading_rhythm(self.config).words

    @property
    def needs_a_look(self) -> bool:
        """Whether a stream was never read, has a problem, or lacks something that others tell."""
        return any(line.problem or line.missing or line.as_of is None for line in self.statement.streams)


@require_GET
@administrators_only
def sources(request: HttpRequest) -> HttpResponse:
    """Every ERP source of hub.toml, as it was when it was last asked. Asks nobody outside."""
    proofs = SourceProof.objects.in_bulk()
    fresh = {each.name: each for each in freshness()}
    told = {each.name: each for each in statements(every=True)}
    found = [
        _certificate(source, proofs.get(source.name), fresh.get(source.name), told[source.name])
        for source in hub().sources
    ]
    return render(request, "hub/sources.html", {"certificates": found})


def _certificate(
    source: SourceConfig, proof: SourceProof | None, fresh: SourceFreshness | None, statement: SourceStatement
) -> Certificate:
    if proof is None:
        pill, word = "", "Not asked yet"
    elif proof.holds_since is None:
        pill, word = "pill-bad", "Could write"
    else:
        pill, word = "pill-good", "Nothing can be written"
    unproven = UNPROVEN if proof is not None and not proof.proven else ""
    return Certificate(source, KINDS[source.kind], proof, pill, word, unproven, fresh, statement)
