"""Names of ERPNext's documents that are gone: cancelled payments, and what its list of deleted documents names."""

from dataclasses import dataclass

from integration_hub.erp.erpnext_tables import POSTED_ONLY
from integration_hub.erp.frappe_lists import FrappeLists, Listing
from integration_hub.sources import SourceProblem

MOST = 500


@dataclass
class ErpNextDeleted:
    """Asks once whether the user may see deleted documents; only system managers may, and the sweep finds them too."""

    lists: FrappeLists
    may_see: bool = True

    def since(self, doctype: str, bound: str) -> tuple[str, ...]:
        """Names that are gone since a local stamp. Raises SourceProblem."""
        found: list[str] = []
        if doctype in POSTED_ONLY:
            undone = Listing(doctype, ("name",), [["modified", ">=", bound], ["docstatus", "!=", 1]], limit=MOST)
            found += [str(row["name"]) for page in self.lists.pages(undone, "") for row in page]
        return (*found, *self._listed(doctype, bound))

    def _listed(self, doctype: str, bound: str) -> list[str]:
        if not self.may_see:
            return []
        conditions = [["deleted_doctype", "=", doctype], ["creation", ">=", bound]]
        listing = Listing("Deleted Document", ("name", "deleted_name"), conditions, limit=MOST)
        try:
            names = [str(row["deleted_name"]) for page in self.lists.pages(listing, "") for row in page]
        except SourceProblem as problem:
            if problem.transient:
                raise
            self.may_see = False
            return []
        # A name can be given again, and a document can be restored.
        there: set[str] = set()
        for start in range(0, len(names), MOST):
            part = Listing(doctype, ("name",), [["name", "in", names[start : start + MOST]]])
            there.update(str(row["name"]) for row in self.lists.rows(part))
        return [name for name in dict.fromkeys(names) if name not in there]
