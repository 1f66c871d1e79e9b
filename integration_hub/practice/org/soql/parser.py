"""SOQL tokens to a query, by recursive descent."""

from __future__ import annotations

from ..errors import ApiError
from .lexer import Token, malformed, tokens
from .syntax import Aggregate, Among, Both, Compare, Condition, Either, Literal, Name, Negation, Order, Query, Selected

FUNCTIONS = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})
COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">=", "LIKE"})
CLAUSES = frozenset({"FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "OFFSET", "AND", "OR", "NOT", "IN", "LIKE", "HAVING"})
LONGEST = 100_000
CONSTANTS = {"TRUE": "boolean", "FALSE": "boolean", "NULL": "null"}


def parse(text: str) -> Query:
    """The query a text says; ApiError 400 MALFORMED_QUERY with a caret where it goes wrong."""
    if len(text) > LONGEST:
        raise ApiError(400, "MALFORMED_QUERY", f"SOQL statements cannot be longer than {LONGEST} characters.")
    reader = _Reader(text)
    query = reader.query()
    if reader.next.kind != "end":
        raise reader.unexpected()
    return query


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._at = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def take(self) -> Token:
        token = self.next
        self._at += 1
        return token

    def accept(self, *words: str) -> bool:
        """Step over these words if they all come next."""
        coming = [token.word() for token in self._tokens[self._at : self._at + len(words)]]
        if coming != list(words):
            return False
        self._at += len(words)
        return True

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise self.unexpected(f"expecting a '{word.lower()}', found '{self.next.text}'")

    def unexpected(self, message: str | None = None) -> ApiError:
        return malformed(self.text, self.next.position, message or f"unexpected token: '{self.next.text}'")

    def query(self) -> Query:
        start = self.next.position
        self.expect("SELECT")
        select = [self.selected()]
        while self.accept(","):
            select.append(self.selected())
        self.expect("FROM")
        source = self.source()
        where = self.condition() if self.accept("WHERE") else None
        group_by = self.names() if self.accept("GROUP", "BY") else ()
        order_by = self.orders() if self.accept("ORDER", "BY") else ()
        limit = self.whole_number() if self.accept("LIMIT") else None
        offset = self.whole_number() if self.accept("OFFSET") else 0
        return Query(self.text, tuple(select), source, where, group_by, order_by, limit, offset, start)

    def name(self) -> Name:
        if self.next.kind != "name" or self.next.word() in CLAUSES:
            raise self.unexpected()
        token = self.take()
        return Name(token.text, token.position)

    def source(self) -> Name:
        """The object's name: Order is one too, although it begins a clause elsewhere."""
        following = self._tokens[self._at + 1 : self._at + 2]
        if self.next.word() == "ORDER" and not (following and following[0].word() == "BY"):
            token = self.take()
            return Name(token.text, token.position)
        return self.name()

    def names(self) -> tuple[Name, ...]:
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        return tuple(found)

    def selected(self) -> Selected | Aggregate | Query:
        if self.accept("("):
            inner = self.query()
            self.expect(")")
            return inner
        if self.is_function():
            return self.aggregate()
        return Selected(self.name(), self.alias())

    def is_function(self) -> bool:
        return self.next.kind == "name" and self._tokens[self._at + 1].text == "("

    def alias(self) -> str | None:
        return self.take().text if self.next.kind == "name" and self.next.word() not in CLAUSES else None

    def aggregate(self) -> Aggregate:
        token = self.take()
        if token.word() not in FUNCTIONS:
            raise malformed(self.text, token.position, f"unexpected token: '{token.text}' (function not supported)")
        self.expect("(")
        name = None if self.next.text == ")" else self.name()
        self.expect(")")
        if name is None and token.word() != "COUNT":
            raise self.unexpected()
        return Aggregate(token.word(), name, self.alias(), token.position)

    def condition(self) -> Condition:
        first = self.factor()
        word = self.next.word()
        if word not in {"AND", "OR"}:
            return first
        parts = [first]
        while self.accept(word):
            parts.append(self.factor())
        if self.next.word() in {"AND", "OR"}:
            raise self.unexpected()
        return Both(tuple(parts)) if word == "AND" else Either(tuple(parts))

    def factor(self) -> Condition:
        if self.accept("NOT"):
            return Negation(self.factor())
        if self.accept("("):
            inner = self.condition()
            self.expect(")")
            return inner
        name = self.name()
        if self.accept("NOT", "IN"):
            return Among(name, self.values(), negated=True)
        if self.accept("IN"):
            return Among(name, self.values(), negated=False)
        operator = self.take().word()
        if operator not in COMPARISONS:
            self._at -= 1
            raise self.unexpected()
        return Compare(name, "!=" if operator == "<>" else operator, self.literal())

    def values(self) -> tuple[Literal, ...]:
        self.expect("(")
        found = [self.literal()]
        while self.accept(","):
            found.append(self.literal())
        self.expect(")")
        return tuple(found)

    def literal(self) -> Literal:
        token = self.next
        if token.kind in {"string", "number", "date", "datetime"}:
            self.take()
            return Literal(token.kind, token.text, token.position)
        if token.word() in CONSTANTS:
            self.take()
            return Literal(CONSTANTS[token.word()], token.text.lower(), token.position)
        raise self.unexpected()

    def orders(self) -> tuple[Order, ...]:
        found = [self.order()]
        while self.accept(","):
            found.append(self.order())
        return tuple(found)

    def order(self) -> Order:
        term = self.aggregate_term() if self.is_function() else self.name()
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        last = self.accept("NULLS", "LAST")
        if not last:
            self.accept("NULLS", "FIRST")
        return Order(term, descending, last)

    def aggregate_term(self) -> Aggregate:
        token = self.take()
        self.expect("(")
        name = None if self.next.text == ")" else self.name()
        self.expect(")")
        return Aggregate(token.word(), name, None, token.position)

    def whole_number(self) -> int:
        if self.next.kind != "number" or not self.next.text.isdigit():
            raise self.unexpected()
        return int(self.take().text)
