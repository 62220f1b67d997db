"""The engine of scenario files. It knows no vendor: what a provider's files may say comes in as a
`Vocabulary`."""
