"""Odd requests to every route of the HTTP API: whatever is answered is stated, and nothing breaks.

    python -m eval.benchmarks.hostile.api_requests [--requests 10000] [--seed 1]

Half of them are what the schema of a route allows and half what it forbids (schemathesis); calls of
the library's methods by name get any JSON as arguments (hypothesis). All with a token that may do
everything, against a library of two documents behind the whole application. A server error, a
refusal without problem details, and a library that disagrees with itself afterwards are counted.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from hypothesis.errors import Unsatisfiable
from schemathesis.generation.modes import GenerationMode
from starlette.testclient import TestClient

from rag.config import Settings
from rag.library import Library
from rag.remote.offered import OFFERED, shape
from rag.server.api import create_app
from rag.server.callers import Callers
from rag.server.problems import KIND
from rag.server.tokens import Scope, Tokens

_LEAST = 5  # requests of one way in a round
_SERVER_ERROR = 500
_REFUSED = 400
_NEVER = (401, 421)  # the token and the host are right
_SENT = ("method", "url", "params", "json", "data", "files")
_TEXTS = {"a.md": "# Ascensor\n\nAdmite ocho personas.\n", "b.txt": "The lift holds eight.\n"}

Try = Callable[[Any], None]


def main() -> int:
    """Prints what was answered; exit code 1 where something was not stated."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    flags = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as scratch:
        answered, faults, consistent = _run(Path(scratch), flags.requests, flags.seed)
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(answered.items()))
    print(f"{sum(answered.values())} requests; answers by status: {statuses}")
    print(f"server errors and answers that state nothing: {len(faults)}; {consistent=}")
    for fault in faults[:20]:
        print(f"  {fault}")
    return int(bool(faults) or not consistent)


def _run(folder: Path, requests: int, number: int) -> tuple[Counter[int], list[str], bool]:
    documents = folder / "documents"
    documents.mkdir()
    for name, text in _TEXTS.items():
        (documents / name).write_text(text, encoding="utf-8")
    answered, faults = Counter[int](), list[str]()
    with Library.open(settings=Settings(library=folder / "library")) as library:
        library.ingest([documents])
        token = Tokens(folder / "library").create("fuzzer", Scope.ADMIN)
        app = create_app(library, Callers(folder / "library").find)
        headers = {"authorization": f"Bearer {token}"}
        with TestClient(app, "http://localhost", False, headers=headers) as client:
            fuzz(client, requests, number, answered, faults)
            consistent = library.status().consistent
    return answered, faults, consistent


def fuzz(
    client: TestClient, requests: int, number: int, answered: Counter[int], faults: list[str]
) -> None:
    """Sends so many requests, spread evenly over the routes and the ways to make them."""

    def send(**request: Any) -> None:
        answer = client.request(**request)
        answered[answer.status_code] += 1
        stated = answer.headers.get("content-type") == KIND
        if (
            (answer.status_code >= _SERVER_ERROR and not (answer.status_code == 503 and stated))
            or answer.status_code in _NEVER
            or (answer.status_code >= _REFUSED and not stated)
        ):
            faults.append(f"{answer.status_code} {str(request)[:300]} {answer.text[:200]}")

    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    found: Any = schema.get_all_operations()
    ways: list[tuple[Any, Try]] = [(calls(), lambda call: send(**call))]

    def of_case(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url="http://localhost")
        send(**{name: sent[name] for name in _SENT if name in sent})

    for operation in (item.ok() for item in found):
        ways += [(operation.as_strategy(mode), of_case) for mode in GenerationMode]
    while (left := requests - answered.total()) > 0:  # a route without parameters has few examples
        for strategy, attempt in ways:
            _attempts(strategy, attempt, max(_LEAST, left // len(ways)), number)
        number += 1


def _attempts(strategy: Any, attempt: Try, count: int, number: int) -> None:
    """Tries so many examples of a strategy, the same ones with the same `number`."""

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(example: Any) -> None:
        attempt(example)

    with suppress(Unsatisfiable):  # a route without parameters forbids nothing
        run()


def calls() -> Any:
    """Returns a strategy of calls of the library's methods with any JSON as arguments."""
    leaves = (
        strategies.none()
        | strategies.booleans()
        | strategies.integers()
        | strategies.floats(allow_nan=False, allow_infinity=False)
        | strategies.text(max_size=20)
        | strategies.sampled_from(["a.md", "new", "../..", "", "\x00"])
    )
    values = strategies.recursive(
        leaves,
        lambda inner: (
            strategies.lists(inner, max_size=3)
            | strategies.dictionaries(strategies.text(max_size=8), inner, max_size=3)
        ),
        max_leaves=6,
    )

    def of(name: str) -> Any:
        arguments = strategies.fixed_dictionaries(
            {}, optional=dict.fromkeys(shape(OFFERED[name]).arguments, values)
        )
        body = strategies.fixed_dictionaries(
            {"call": strategies.just(name), "arguments": arguments}
        )
        return body.map(lambda body: {"method": "POST", "url": "/api/library", "json": body})

    return strategies.sampled_from(sorted(OFFERED)).flatmap(of)


if __name__ == "__main__":
    raise SystemExit(main())
