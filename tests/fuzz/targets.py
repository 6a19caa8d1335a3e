"""Fuzzing: random inputs for everything that parses data from others.

A **target** (``target.py``) is a function that takes bytes. It passes a case if it returns or raises a
``FinesseError``, takes at most 1 s of processor time and does not raise the peak memory by more than 64 MB. Many
targets check further properties, for example that a stream gives the same result when it arrives in pieces.

Two engines run the same targets:

- hypothesis, in CI (``test_fuzzing.py``, marker ``fuzz``): 10,000 cases per target, the same in every run;
- atheris, guided by coverage: ``python -m tests.fuzz.run TARGET --cases 200000``.

``corpus/`` contains one file per target with the inputs that reach all code that was reached so far, one Python bytes
literal a line. They are replayed as ordinary tests (``test_corpus.py``).

**Adding a target.** Write the function in the module of its kind (``*_targets.py``) and add a ``Target`` to its
``TARGETS``. If the input is a document, give valid documents (``samples``), which are mutated (``mutation.py``). If it
is a value, such as the arguments of a tool, derive the value from the bytes (``byte_source.py``).

**A defect was found.** Correct its cause, look for the same mistake elsewhere, add an ordinary test in the folder that
mirrors the module, and keep the input in the corpus (``python -m tests.fuzz.run TARGET --keep FILE``).
"""

from __future__ import annotations

from tests.fuzz import argument_targets, file_targets, server_targets, text_targets, xml_targets, xmpp_targets
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    target.name: target
    for module in (xml_targets, xmpp_targets, text_targets, argument_targets, server_targets, file_targets)
    for target in module.TARGETS
}
