"""A Salesforce stand-in that speaks real HTTP on loopback, for the demo, tests and fire drills.

It shares no code, constants or serialisers with the Salesforce client of this project: what it knows about
Salesforce it says a second time, so that a misreading on one side shows as a failure and not as an agreement.
"""
