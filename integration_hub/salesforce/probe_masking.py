"""Takes everything out of an answer that says whose org it is; what remains is its shape.

Nothing is kept because it looks harmless: only words, keys and codes of Salesforce itself are, all else is masked.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from integration_hub.salesforce.ids import is_id

SHOWN_ITEMS = 3
SHOWN_TEXT = 2_000
ID = r"(?<![A-Za-z0-9])[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?(?![A-Za-z0-9])"
WORD = r"[^\W_]+(?:_+[^\W_]+)*"
TOKEN = re.compile(rf"(?P<id>{ID})|{WORD}")
# In a result file a code begins an sf__Error value, up to the first colon.
CSV_TOKEN = re.compile(rf'(?P<id>{ID})|(?<=[",\n])(?P<code>[A-Z][A-Z_]{{3,60}})(?=:)|{WORD}')
CODE = re.compile(r"[A-Z][A-Z_]{3,60}")
CODE_KEYS = frozenset({"errorCode", "statusCode", "exceptionCode"})
HEADERS = (
    *("Content-Type", "Content-Encoding", "Transfer-Encoding", "Retry-After", "Location"),
    *("Sforce-Limit-Info", "Sforce-Locator", "Sforce-NumberOfRecords"),
)
OUR_COLUMNS = frozenset({"Id", "sf__Id", "sf__Error", "sf__Created"})
_KEYS = """
    attributes type url totalSize done records nextRecordsUrl Id Name SystemModstamp LastModifiedDate CreatedDate
    IsDeleted success errors id statusCode errorCode exceptionCode message fields created error error_description
    operation object createdById createdDate systemModstamp state concurrencyMode contentType apiVersion jobType
    lineEnding columnDelimiter contentUrl numberRecordsProcessed numberRecordsFailed retries totalProcessingTime
    apiActiveProcessingTime apexProcessingTime errorMessage externalIdFieldName isPkChunkingSupported
    resultPages resultUrl nextRecordsUrl assignmentRuleId label version
"""
KEYS = frozenset(_KEYS.split())
_VOCABULARY = """
    a accepted access account additional aborted after allowed already an and another api are at batch batches be
    been before body bulk but by call can cannot charset close closed code column columns completed completejob content
    create created csv data day days deleted delimiter delete denied does duplicate duplicates encoding ending entity
    error errors exceeded exclusive exist exists expected failed field fields file for found from gzip has have header
    id ids if in inaccessible insufficient integer internal invalid is it job jobs json large length level lf limit line
    list locator locked long lookup malformed many max maximum message method missing more must name no not null number
    obtain object of on one only open operation or out outside parameter permission permissions please privileges
    processed processing protocol query read received record records reference request requested required resource
    result results retry row rows security server service session settings size specified sobject state status still
    string supported text that the this through time timed to too type uploaded uploadcomplete unable unavailable
    unexpected unknown unprocessed unsupported update updateable updated upload uri url used user utf valid value values
    version was while with wrong you your html
"""
VOCABULARY = frozenset(_VOCABULARY.split())


class Masker:
    """Masks one org's answers; the same id becomes the same placeholder each time, such as <001-2>."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._of_prefix: dict[str, int] = {}

    def text(self, text: str) -> str:
        """Free text: known words and punctuation stay, digits become 9, every other letter becomes x."""
        return TOKEN.sub(self._token, text[:SHOWN_TEXT])

    def csv(self, text: str) -> str:
        """A result file: as free text, with its error codes and the column names that are Salesforce's own."""
        head, newline, rest = text[:SHOWN_TEXT].partition("\n")
        columns = TOKEN.sub(lambda match: match[0] if match[0] in OUR_COLUMNS else self._token(match), head)
        return columns + newline + CSV_TOKEN.sub(lambda match: match["code"] or self._token(match), rest)

    def path(self, path: str) -> str:
        """A path or query of ours, its ids replaced."""
        return TOKEN.sub(lambda match: self._placeholder(match[0]) if _is_id(match) else match[0], path)

    def shape(self, value: Any, key: str = "") -> Any:
        """JSON with types and lengths in place of values."""
        if isinstance(value, Mapping):
            return {self._key(str(name)): self.shape(each, str(name)) for name, each in value.items()}
        if isinstance(value, list):
            shown = [self.shape(each, key) for each in value[:SHOWN_ITEMS]]
            more = len(value) - len(shown)
            return [*shown, f"and {more} more"] if more > 0 else shown
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float | Decimal):
            return _number(value)
        return self._string(str(value), key)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers that matter, masked."""
        return {name: self._header(name, headers[name]) for name in HEADERS if name in headers}

    def _header(self, name: str, value: str) -> str:
        if name == "Sforce-Locator":
            return value if value == "null" else f"opaque({len(value)})"
        if name == "Content-Type":
            return re.sub(r"boundary=\S+", "boundary=x", value)
        if name == "Sforce-Limit-Info":
            return re.sub(r"\d", "9", re.sub(r"appName=[^)]*", "appName=x", value))
        return self.text(value)

    def _string(self, text: str, key: str) -> str:
        if key in CODE_KEYS and CODE.fullmatch(text):
            return text
        if key in {"message", "error", "error_description", "errorMessage"}:
            return self.text(text)
        if key in {"state", "operation", "jobType", "contentType", "concurrencyMode"} and text.isascii():
            return text if len(text) < 20 and text.isalpha() else f"text({len(text)})"
        if re.fullmatch(ID, text) and is_id(text):
            return self._placeholder(text)
        return f"text({len(text)})"

    @staticmethod
    def _key(name: str) -> str:
        return name if name in KEYS else f"key({len(name)})"

    def _token(self, match: re.Match[str]) -> str:
        word = match[0]
        if _is_id(match):
            return self._placeholder(word)
        if word.lower() in VOCABULARY:
            return word
        return "".join("9" if char.isdigit() else char if char == "_" else "x" for char in word)

    def _placeholder(self, record_id: str) -> str:
        known = record_id[:15]
        if known not in self._ids:
            prefix = known[:3] if known[:3] in {"001", "005", "00D", "750", "01g"} else "id"
            self._of_prefix[prefix] = self._of_prefix.get(prefix, 0) + 1
            self._ids[known] = f"<{prefix}-{self._of_prefix[prefix]}>"
        return self._ids[known]


def _is_id(match: re.Match[str]) -> bool:
    """Fifteen letters without a digit are a word, not an id."""
    return match["id"] is not None and any(char.isdigit() for char in match[0])


def _number(value: float | Decimal) -> str:
    whole, _, decimals = f"{abs(Decimal(str(value))):f}".partition(".")
    return f"number({len(whole)}.{len(decimals)})"
