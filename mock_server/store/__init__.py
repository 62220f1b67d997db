"""What is kept where: one Protocol, three implementations, one contract suite over all of them."""
