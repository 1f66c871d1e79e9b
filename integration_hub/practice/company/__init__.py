"""The demo company: Halden Components, a maker of drive and fluid components, with its ERP and its Salesforce.

Everything is invented by a seeded generator and relative to a given day, so the same seed and day give the same firm.
"""
