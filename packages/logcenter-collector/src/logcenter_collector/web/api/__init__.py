"""The API of the contract, on port 8002."""
