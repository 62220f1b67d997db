"""The endpoints, one file a product; each ends with its rows of the route table."""
