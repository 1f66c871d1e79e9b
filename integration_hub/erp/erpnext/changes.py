"""What changed at ERPNext without moving a stamp: documents that others touched, and documents that are gone."""

from collections.abc import Iterator
from dataclasses import dataclass

from integration_hub.erp.erpnext.frappe_lists import FrappeLists, Listing, suppress_lasting
from integration_hub.erp.erpnext.tables import POSTED_ONLY, TOUCHED, Touch

MOST = 500


@dataclass
class ErpNextChanges:
    """Asks once whether the user may see deleted documents; only system managers may, and the sweep finds them too."""

    lists: FrappeLists
    may_see: bool = True

    def touched(self, doctype: str, bound: str) -> list[str]:
        """Names of documents that others, changed since a local stamp, refer to. Raises SourceProblem."""
        return sorted({name for touch in TOUCHED.get(doctype, ()) for name in self._by(touch, bound)} - {""})

    def _by(self, touch: Touch, bound: str) -> Iterator[str]:
        fields = ("name",) if touch.child else ("name", touch.field)
        changed = Listing(touch.doctype, fields, [["modified", ">=", bound]], limit=MOST)
        for page in self.lists.pages(changed, ""):
            rows = page
            if touch.child:
                child = Listing(touch.child, (touch.field,), parent=touch.doctype)
                rows = self.lists.children(child, [str(each["name"]) for each in page])
            yield from (str(row[touch.field] or "") for row in rows)

    def gone(self, doctype: str, bound: str) -> tuple[str, ...]:
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
        names: list[str] = []
        self.may_see = False
        with suppress_lasting():
            names += [str(row["deleted_name"]) for page in self.lists.pages(listing, "") for row in page]
            self.may_see = True
        # A name can be given again, and a document can be restored.
        there: set[str] = set()
        for start in range(0, len(names), MOST):
            part = Listing(doctype, ("name",), [["name", "in", names[start : start + MOST]]])
            there.update(str(row["name"]) for row in self.lists.rows(part))
        return [name for name in dict.fromkeys(names) if name not in there]
