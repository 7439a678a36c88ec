"""A command in the company of a running sandbox."""

from importer.sandbox import Sandbox


def settings_of(sandbox: Sandbox, store: object) -> dict[str, str]:
    """The environment that names a running sandbox and a store (a file)."""
    at = sandbox.address
    return {
        "SPX_URL": at.spx_url,
        "SPX_USERID": at.userid,
        "SPX_PASSWORD": at.password,
        "SPX_EMAIL": at.email,
        "SPX_API_KEY": at.api_key,
        "IMPORTER_STORE": f"sqlite:///{store}",
    }
