"""Tables of mistakes, as text to be read: a file, and all that the lint says of it.

Run ``python -m tests.scenarios.mistakes`` to write the answers anew after a change, and read the difference."""
