"""How the processes that answer pages collect garbage."""

import gc

# Objects that may be made before the youngest are looked at: about two pages make as many.
YOUNGEST = 20_000


def settle() -> None:
    """Call it when everything is loaded: what is there by then stays, and is not looked through again with every page.
    A page makes no circles that would have to be found at once, so it is looked less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST, 20, 50)
