"""A small private host: own network, mounts and processes, with a real Docker engine, Compose, a registry and Caddy."""
