# OpenSSL 3.0, Debian libssl-dev, Apache-2.0: SHA-256 of access tokens, TLS of the server, signatures of requests to object storage.
find_package(OpenSSL REQUIRED)
