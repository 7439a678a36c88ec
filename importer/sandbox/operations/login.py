"""Login: user, password and API key for a token."""

from importer.sandbox.dialect import Dialect
from importer.sandbox.operation import Body, Call, Operation
from importer.sandbox.shapes import ClosedObject, filled_text

LOGIN = ClosedObject({"userid": filled_text, "password": filled_text, "email": filled_text})
LIVE_LOGIN = ClosedObject({"idusuario": filled_text, "password": filled_text, "email": filled_text})


def log_in(call: Call) -> dict[str, object]:
    """Any failure is 221, because the contract has nothing else for login (A-16).

    The live dialect calls the user `idusuario` and looks at no API key.
    """
    if call.dialect is Dialect.LIVE:
        members = LIVE_LOGIN.read(call.body)
        token = call.access.log_in(None, members["idusuario"], members["password"], members["email"])
    else:
        token = call.access.log_in(call.headers.get("api-key", ""), **LOGIN.read(call.body))
    return {"message": "Access granted", "access_token": token, "token_type": "Bearer"}


OPERATIONS = (
    Operation(
        "login",
        "POST",
        "/login",
        log_in,
        codes={},
        body=Body.REQUIRED,
        needs_token=False,
        code_of_unreachable=None,
    ),
)
