-- Store.clear_entries.
empty_journal(A)
changed()
