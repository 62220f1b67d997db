-- Store.clear_entries.
call('UNLINK', key(A, 'entries'), key(A, 'journal'))
changed()
