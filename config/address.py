"""The address people reach the platform at: given as PUBLIC_URL, or the one that is served (HOST, PORT)."""

from collections.abc import Mapping

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
# A server that listens everywhere says nothing of how a phone finds it; this machine does.
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound to


def public_address(environment: Mapping[str, str]) -> str:
    """Return the public address without a closing slash, e.g. http://127.0.0.1:8201."""
    given = environment.get("PUBLIC_URL", "").strip().rstrip("/")
    return given or served_address(environment.get("HOST", ""), environment.get("PORT") or DEFAULT_PORT)


def served_address(host: str, port: int | str) -> str:
    """Return the address of what listens on `host` and `port`, as this machine reaches it."""
    host = DEFAULT_HOST if host in EVERYWHERE else host
    return f"http://{bracketed(host)}:{port}"


def bracketed(host: str) -> str:
    """Return a host as an address has it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host
