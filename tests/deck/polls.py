"""What a cassette plays: polls advance through the answers and hold the last, a POST plays once."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from contextlib import suppress
from typing import Any, cast

from tests.deck.faults import NotOnCassette
from tests.deck.library import Cassette, CassetteNotFoundError, Recorded, RecordMode
from tests.deck.names import named_url
from tests.deck.persister import SAME_AGAIN

__all__ = ["PollCassette"]

Question = tuple[str, str, bytes]


class PollCassette(Cassette):  # type: ignore[misc] # vcrpy is untyped
    """A cassette for a gateway whose answers to one question change with time.

    The same question gets the recorded answers in their order. A GET gets the last one again when
    there are no more; any other method is answered as often as it was recorded, because asking
    again would pay again. Looking up costs the same however long the cassette is.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._lock = threading.RLock()
        self._asked: dict[Question, list[int]] = defaultdict(list)
        self._played: Counter[Question] = Counter()
        self._indexed = 0

    def _load(self) -> None:
        """Take what the persister read, as it is; vcrpy would copy each of it twice."""
        try:
            asked, answered = self._persister.load_cassette(self._path, serializer=self._serializer)
        except CassetteNotFoundError:
            return
        self.data = list(zip(asked, answered, strict=True))
        self.dirty, self.rewound = False, True

    def append(self, request: Recorded, response: dict[str, Any]) -> None:
        """Keep an answer."""
        with self._lock:
            super().append(request, response)

    def can_play_response_for(self, request: Recorded) -> bool:
        """Whether there is an answer; a cassette that may not record says why there is none.

        Raises:
            NotOnCassette: Nothing (more) is recorded, and nothing may be.
        """
        if self.record_mode == RecordMode.ALL:
            return False
        with self._lock:
            question = self._question(request)
            answers, played = self._answers(question), self._played[question]
            if answers and (request.method in SAME_AGAIN or played < len(answers)):
                return True
        if self.record_mode == RecordMode.NONE:
            raise NotOnCassette(self._why_not(request, len(answers)))
        return False

    def play_response(self, request: Recorded) -> dict[str, Any]:
        """Return the next answer, or the last one again.

        Raises:
            NotOnCassette: There is none, or none any more.
        """
        with self._lock:
            question = self._question(request)
            answers, played = self._answers(question), self._played[question]
            if not answers or (played >= len(answers) and request.method not in SAME_AGAIN):
                raise NotOnCassette(self._why_not(request, len(answers)))
            number = answers[min(played, len(answers) - 1)]
            self._played[question] += 1
            self.play_counts[number] += 1
            return cast("dict[str, Any]", self.data[number][1])

    def rewind(self) -> None:
        """Play from the beginning."""
        with self._lock:
            super().rewind()
            self._played.clear()

    def _answers(self, question: Question) -> list[int]:
        """Numbers of the answers to a question; what came since the last look is indexed first."""
        for number in range(self._indexed, len(self.data)):
            self._asked[_question(self.data[number][0])].append(number)
        self._indexed = len(self.data)
        return self._asked.get(question, [])

    def _question(self, request: Recorded) -> Question:
        if self.record_mode == RecordMode.NONE:
            return _question(request)  # nothing is changed that is not kept
        return _question(self._before_record_request(request))

    def _why_not(self, request: Recorded, recorded: int) -> str:
        question = f"{self._path}: {request.method} {request.uri}"
        if recorded:
            return f"{question} was played {recorded} times, as recorded; it would be paid again"
        return f"{question} is not on the cassette; record the journey again"


def _question(request: Recorded) -> Question:
    """What makes two requests the same; a JSON body by its value."""
    body = request.body_bytes or b""
    if "json" in str(request.headers.get("content-type", "")):
        with suppress(ValueError):  # no JSON: as it is
            body = json.dumps(json.loads(body), sort_keys=True).encode()
    return str(request.method), named_url(request), body
