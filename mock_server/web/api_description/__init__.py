"""Descriptions of an emulated vendor's API for other tools, made from the tables that check its requests: OpenAPI 3.1,
a Postman collection, a file of requests for httpyac."""
