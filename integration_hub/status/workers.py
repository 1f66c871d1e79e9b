"""Which workers are alive, as Redis knows them."""

from dataclasses import dataclass
from typing import Any

QUEUES = ("default", "exports")


@dataclass(frozen=True)
class Alive:
    """How many workers there are, and by queue, also for a queue without any; one that serves two counts for both."""

    number: int
    by_queue: dict[str, int]


def alive(client: Any) -> Alive:
    """The workers that beat. Raises redis.RedisError."""
    by_queue, number = dict.fromkeys(QUEUES, 0), 0
    # The registry of the queue's library; a worker's own key expires when it no longer beats.
    for name in client.smembers("rq:workers"):
        served = client.hget(name, "queues")
        if served is None:
            continue
        number += 1
        for queue in (served.decode() if isinstance(served, bytes) else str(served)).split(","):
            by_queue[queue] = by_queue.get(queue, 0) + 1
    return Alive(number, by_queue)
