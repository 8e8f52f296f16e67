"""The registry's metadata in DynamoDB; the one importer of pynamodb.

``tables.open_tables`` binds the row models to a deployment's tables; each port
has a module. What conditions and queries need is an attribute of its own; the
rest of an entity is one JSON document, checked when it is read.
"""
