"""What is missing although a stream was read, in words: of one stream, and of several together."""

from collections.abc import Iterable

TAIL = ", in no figure; where an earlier version is known, that one is still shown."


def gap_words(stream: str, rows: int) -> str:
    """Of a stream "<source>.<stream>" with so many rows in quarantine; empty where there are none."""
    if not rows:
        return ""
    what = "1 row waits" if rows == 1 else f"{rows:,} rows wait"
    return f"{what} in quarantine ({stream.partition('.')[2].replace('_', ' ')}){TAIL}"


def is_gap(problem: str) -> bool:
    """Whether a problem of a stream says that rows are missing, and not that it could not be read."""
    return problem.endswith(TAIL)


def together(problems: Iterable[str]) -> str:
    """The problems of a source's streams as one text; what they say alike is said once."""
    told = sorted({problem for problem in problems if problem})
    gaps = [problem.removesuffix(TAIL) for problem in told if problem.endswith(TAIL)]
    named = [f"{', '.join(gaps[:-1])} and {gaps[-1]}{TAIL}" if len(gaps) > 1 else f"{gaps[0]}{TAIL}"] if gaps else []
    return " ".join([*(problem for problem in told if not problem.endswith(TAIL)), *named])
