"""Chaos: processes are killed, servers restarted and answers lost at random while the invariants are watched."""
