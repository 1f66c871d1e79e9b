"""The embedded Valkey."""

import signal

import redis

from integration_hub.local import valkey
from integration_hub.local.place import Place
from integration_hub.local.tether import Tether


def test_what_was_queued_survives_a_restart(place: Place, tether: Tether) -> None:
    server = valkey.start(place, tether)
    with redis.from_url(valkey.url(place)) as client:
        client.rpush("queue", "run 7")
    server.send_signal(signal.SIGTERM)
    server.wait(10)
    valkey.start(place, tether)
    with redis.from_url(valkey.url(place)) as client:
        assert client.lrange("queue", 0, -1) == [b"run 7"]


def test_it_listens_on_no_port_and_lets_only_its_user_in(place: Place, tether: Tether) -> None:
    valkey.start(place, tether, durable=False)
    with redis.from_url(valkey.url(place)) as client:
        assert client.config_get("port") == {"port": "0"}
    assert valkey.socket_path(place).stat().st_mode & 0o077 == 0
