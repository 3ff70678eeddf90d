"""Who decides: firms as agents on demand over columns, and the other agents of the model.

Modules are imported by their own names; nothing is re-exported here, so that reading a name's import line tells where
it lives.
"""
