"""What a sync reads, as its options say: all streams, some of them, or single documents; and what one reads for two."""

from typing import Any

NARROWING = ("stream", "streams", "documents", "rung")
"""Options of a sync that narrow it down to some streams, or to documents that are named by stream and key."""


def both(before: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What a sync reads that is to do both: the streams of either, and all where one of them asked for all."""
    options = before | wanted
    for key in NARROWING:
        options.pop(key, None)
    one_stream = before.get("stream")
    if one_stream and one_stream == wanted.get("stream"):
        options["stream"] = one_stream
    elif narrowed_to(before) and narrowed_to(wanted):
        streams = named_streams(before) | named_streams(wanted)
        documents = _named_documents(before, wanted, streams)
        options |= {"streams": sorted(streams)} if streams else {}
        options |= {"documents": documents} if documents else {}
        if before.get("rung") and wanted.get("rung"):
            options["rung"] = True
    return options


def _named_documents(before: dict[str, Any], wanted: dict[str, Any], streams: set[str]) -> dict[str, list[str]]:
    """Keys by stream; none of streams that are read anyway."""
    asked = [each.get("documents", {}) for each in (before, wanted)]
    names = sorted({name for each in asked for name in each} - streams)
    return {name: sorted({key for each in asked for key in each.get(name, ())}) for name in names}


def named_streams(options: dict[str, Any]) -> set[str]:
    """The streams that a sync was asked to read; none means all."""
    return {*options.get("streams", ()), *filter(None, [options.get("stream", "")])}


def narrowed_to(options: dict[str, Any]) -> set[str]:
    """The streams that a sync reads anything of, whole or single documents; none means all."""
    return named_streams(options) | set(options.get("documents", ()))
