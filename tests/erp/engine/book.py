"""An ERP in memory behind an adapter, to see what the engine does with what an adapter says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.adapter import Batch, Capabilities, Question
from integration_hub.sources import SourceCheck, SourceProblem, Totals

PAGE = 2
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Document:
    """An order with its lines: key -> (text, net)."""

    key: str
    stamp: datetime
    lines: dict[str, tuple[str, str]]

    @property
    def net(self) -> str:
        return str(sum(int(net) for _, net in self.lines.values()))


@dataclass
class Book:
    """The ERP's content, and what it shall do wrong."""

    orders: dict[str, Document] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    stop_after: int = 10**9
    hidden: bool = False

    def order(self, key: str, *, minutes: int = 0, **lines: int) -> None:
        """Write an order, its stamp so many minutes after the start."""
        written = {f"{key}/{name}": (name, str(net)) for name, net in lines.items()}
        self.orders[key] = Document(key, START + timedelta(minutes=minutes), written)


BOOK = Book()
COLUMNS = ("id", "net", "stamp")
LINES = ("id", "order", "text", "net")


class BookAdapter:
    """Reads the book that stands in `BOOK`."""

    def __init__(self, config: SourceConfig) -> None:
        self.config, self.calls, self.received = config, 0, 0

    def check(self) -> SourceCheck:
        return SourceCheck(self.config.label, "1", "It only reads.")

    def capabilities(self, stream: StreamConfig) -> Capabilities:
        own = BOOK.fields.get(stream.name, {})
        if stream.name == "orders":
            return Capabilities(COLUMNS, {"order_lines": LINES}, own, granularity="instant", overlap_minutes=10)
        return Capabilities(LINES, fields=own)

    def pull(self, question: Question) -> Iterator[Batch]:
        BOOK.questions.append(question)
        keys = sorted(BOOK.orders) if not BOOK.hidden else []
        if question.keys is not None:
            keys = [key for key in keys if key in question.keys]
        if question.since is not None:
            keys = [key for key in keys if BOOK.orders[key].stamp >= question.since]
        keys = [key for key in keys if key > question.place]
        for number, start in enumerate(range(0, len(keys), PAGE), 1):
            if number > BOOK.stop_after:
                raise SourceProblem("The network is gone.", transient=True)
            self.calls += 1
            page = [BOOK.orders[key] for key in keys[start : start + PAGE]]
            last = start + PAGE >= len(keys)
            yield Batch(
                rows=[(each.key, each.net, each.stamp.isoformat()) for each in page],
                beside={"order_lines": [(k, d.key, text, net) for d in page for k, (text, net) in d.lines.items()]},
                place=page[-1].key,
                gone=BOOK.gone if last else (),
            )
        if not keys and BOOK.gone:
            yield Batch((), gone=BOOK.gone)

    def keys(self, stream: StreamConfig) -> Iterator[Sequence[str]]:
        if BOOK.hidden:
            return
        for order in BOOK.orders.values():
            yield [order.key] if stream.name == "orders" else list(order.lines)

    def totals(self, stream: StreamConfig) -> Totals | None:
        return None

    def close(self) -> None:
        """Nothing is open."""
