"""`make demo-reset`: forgets everything the demo of this clone has kept."""

import shutil
import sys

from integration_hub.local import CannotStartError
from integration_hub.local.place import CLONE, STATE, elsewhere
from integration_hub.local.servers import alone
from integration_hub.local.terminal import say


def main() -> int:
    """Delete the state of this clone; 1 with one sentence while it is in use."""
    places = [place for place in (STATE, elsewhere(CLONE)) if place.exists()]
    if not places:
        say("There is nothing to forget: the demo has not been started here.")
        return 0
    try:
        with alone(STATE):
            for place in places:
                shutil.rmtree(place)
    except CannotStartError as problem:
        say(str(problem))
        return 1
    except PermissionError as problem:
        say(f"{problem.filename} may not be deleted: it belongs to the account that started the demo.")
        return 1
    say("Forgotten: the next `make demo` starts with a new company.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
