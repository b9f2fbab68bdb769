# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
"""The gateway's document as Python; every file in this folder is made from it, none is edited.

==============  =========================================================================
module          what it holds
==============  =========================================================================
requests        one request class for each model
catalogue       what the document says of each model, as data
errors          the root of the error tree, refused requests
schema          checks values against the document's schemas, and says what is wrong
models, api     wire models, and operations as pure ``build()`` and ``parse()``
openapi.json    the document
rulings.json    what was decided where the gateway's pages leave room
MANIFEST.json   hashes of what went in and of what came out
==============  =========================================================================

Importing the package itself imports none of them. R12 and the like, in any text here, name rulings:
``spec/RULINGS.md`` in the repository, or ``pixazo explain R12``.
"""
