"""Payloads of a contract, by its generated JSON Schemas: what comes in is checked, and what goes out."""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker


class Refused(Exception):
    """A document that its schema refuses."""


class Contract:
    def __init__(self, folder):
        self.validators = {}
        for path in Path(folder).glob("*.json"):
            schema = json.loads(path.read_text(encoding="utf-8"))
            Draft202012Validator.check_schema(schema)
            self.validators[path.stem] = Draft202012Validator(schema, format_checker=FormatChecker())

    def check(self, payload, document):
        error = next(self.validators[payload].iter_errors(document), None)
        if error is not None:
            pointer = "".join(f"/{part}" for part in error.absolute_path)
            raise Refused(f"{pointer}: {error.validator}: {error.message}")

    def read(self, payload, data):
        try:
            document = json.loads(data)
        except ValueError as error:
            raise Refused(str(error)) from error
        self.check(payload, document)
        return document

    def write(self, payload, document):
        self.check(payload, document)
        return json.dumps(document).encode()


async def until_closed(loop):
    """Waits until whoever started this program closes its standard input."""
    await loop.run_in_executor(None, sys.stdin.read)


def refusal(error, code=400):
    """The headers that say why a request is refused (ADR-32)."""
    return {"Nats-Service-Error-Code": str(code), "Nats-Service-Error": " ".join(str(error).split())[:500]}
