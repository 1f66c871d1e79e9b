"""The operator's pages below /practice/: records, switches and buttons for a fire drill, without scripts."""
