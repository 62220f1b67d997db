"""What makes a signature wrong: the mistakes that people make when they sign or check, as one table, and the search for those
that give the signature at hand. Knows no vendor."""
