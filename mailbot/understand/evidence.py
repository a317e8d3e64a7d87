"""What speaks for which wish: the phrases found, each with the words quoted, and whether it is denied, asked or only supposed.

Upstream: ``text``, ``phrases``; downstream: ``intent``, ``rights``, ``people``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mailbot.understand.events import NAME, EventNames, mark
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.normal import Sentence, Word, sentences
from mailbot.understand.phrases import Match

SUBJECT, TEXT = "subject", "text"
_CONDITIONAL = {"cancel", "cannot", "bare_leave", "unsubscribe", "later"}  # "falls aufgezeichnet wird, sage ich ab" is no wish yet
_TONE = frozenset({"polite", "question"})  # make another signal a wish or a question
_ONE_CLAUSE = {"against_erasure"}  # "löscht meine Daten, die braucht ihr nicht" denies nothing


class Evidence(NamedTuple):
    """One phrase that was found; ``quote`` holds the sender's own words."""

    signal: str
    quote: str
    sentence: int
    where: str = TEXT
    start: int = 0
    negated: bool = False
    question: bool = False
    supposed: bool = False

    @property
    def plain(self) -> bool:
        """Said as a fact or a wish: neither denied nor asked nor supposed."""
        return not (self.negated or self.question or self.supposed)


@dataclass(slots=True)
class Findings:
    """All evidence of one text by signal, with the sentences and the events that it names."""

    by_signal: dict[str, list[Evidence]] = field(default_factory=dict)
    sentences: list[Sentence] = field(default_factory=list)
    events: tuple[str, ...] = ()
    named: bool = False  # an event by its name, not only by its date
    questions: int = 0

    def add(self, evidence: Evidence) -> None:
        """Note one more phrase."""
        self.by_signal.setdefault(evidence.signal, []).append(evidence)

    def all(self, *signals: str) -> list[Evidence]:
        """Every piece of evidence for these signals."""
        return [e for signal in signals if signal in self.by_signal for e in self.by_signal[signal]]

    def plain(self, *signals: str) -> list[Evidence]:
        """Evidence for these signals that is neither denied nor asked nor supposed."""
        return [e for e in self.all(*signals) if e.plain]

    def where(self, *signals: str) -> set[int]:
        """The numbers of the sentences that hold evidence for these signals."""
        return {e.sentence for e in self.all(*signals)}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads texts for evidence; made once for a configuration."""

    lexicons: Lexicons
    events: EventNames
    fillers: frozenset[str]
    changed: frozenset[str]  # fillers, and words that are spelt out
    kept_fillers: frozenset[str]
    negation: frozenset[str]
    conditional: frozenset[str]
    conditional_first: frozenset[str]
    interrogative: frozenset[str]
    greetings: frozenset[str]
    abbreviations: frozenset[str]
    only: frozenset[str]

    def read(self, text: str, where: str = TEXT, into: Findings | None = None, only: frozenset[str] = frozenset()) -> Findings:
        """Find every signal in a text, or only these."""
        found = into if into is not None else Findings()
        begun = len(found.sentences)
        for number, marked in enumerate(self.named(text, where, found).sentences[begun:], begun):
            kept = Sentence(self._counting(self._greeted(marked)), marked.question, point=marked.point)
            if kept.words:
                matches = self.lexicons.matcher.find(kept, only | _TONE if only else only)
                for evidence in self._evidence(kept, matches, text, where, number):
                    found.add(evidence)
        return found

    def named(self, text: str, where: str = TEXT, into: Findings | None = None) -> Findings:
        """Find only the sentences of a text and the events that it names: a fraction of the work."""
        found = into if into is not None else Findings()
        for raw in sentences(text, self.abbreviations):
            marked, events = mark(raw, self.events)
            if events:
                found.events = tuple(dict.fromkeys((*found.events, *events)))
                found.named = found.named or any(w.text == NAME for w in marked.words)
            found.sentences.append(Sentence(marked.words, marked.question, where, marked.point))
            found.questions += marked.question
        return found

    def _greeted(self, sentence: Sentence) -> tuple[Word, ...]:
        """The words behind a greeting: "Guten Tag, ja, ich komme" begins with "ja"."""
        words = sentence.words
        if words[0].text not in self.greetings:
            return words
        head = [w for w in words if w.clause == words[0].clause]
        return words[len(head) :] if len(head) < len(words) and len(head) <= 5 else words  # noqa: PLR2004 - a greeting is short

    def _counting(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        """The words without fillers; in "ich bitte um" the filler is the verb."""
        return words if self.changed.isdisjoint([w.text for w in words]) else tuple(self._changed(words))

    def _changed(self, words: Sequence[Word]) -> Iterable[Word]:
        spellings = self.lexicons.spellings
        for i, word in enumerate(words):
            if word.text in spellings:
                yield word._replace(text=spellings[word.text])
            elif word.text not in self.fillers or self._kept(words, i):
                yield word

    def _kept(self, words: Sequence[Word], i: int) -> bool:
        pairs = (words[max(0, i - 1) : i + 1], words[i : i + 2])
        return any(" ".join(w.text for w in pair) in self.kept_fillers for pair in pairs)

    def _evidence(self, sentence: Sentence, matches: list[Match], text: str, where: str, number: int) -> Iterable[Evidence]:
        if not matches:
            return
        signals = {m.phrase.signal for m in matches}
        polite = "polite" in signals and "question" not in signals  # "könnten Sie mich anmelden?" is a wish
        asked = sentence.question and not polite and self._interrogative(sentence)
        texts = [w.text for w in sentence.words]
        denies = not self.negation.isdisjoint(texts)
        supposes = not (self.conditional.isdisjoint(texts) and self.conditional_first.isdisjoint(texts))
        for match in matches:
            first, last = sentence.words[match.path[0]], sentence.words[match.path[-1]]
            if match.phrase.signal in _ONE_CLAUSE and first.clause != last.clause:
                continue
            if denies and last.text in self.negation and self._only(sentence.words, match.path[-1]):
                continue
            yield Evidence(
                signal=match.phrase.signal,
                quote=text[first.start : last.end].replace("\n", " ")[:120],
                sentence=number,
                where=where,
                start=first.start,
                negated=denies and self._negated(sentence, match),
                question=asked or (sentence.question and not polite and last.clause == sentence.words[-1].clause and where == TEXT),
                supposed=supposes and self._supposed(sentence, match),
            )

    def _interrogative(self, sentence: Sentence) -> bool:
        return sentence.words[0].text in self.interrogative

    def _negated(self, sentence: Sentence, match: Match) -> bool:
        """Whether a word like "nicht" belongs to the phrase without being part of it."""
        words, path = sentence.words, set(match.path)
        if any(words[i].text in self.negation for i in path):
            return False  # the phrase itself is about not wanting
        first, last = match.path[0], match.path[-1]
        for i in range(max(0, first - 3), min(len(words), last + 3)):
            if i in path or words[i].text not in self.negation:
                continue
            inside = first < i < last
            if inside or words[i].clause in {words[first].clause, words[last].clause}:
                return not self._only(words, i)
        return False

    def _only(self, words: Sequence[Word], i: int) -> bool:
        """Such as "nicht nur", "not only": no denial."""
        following = words[i + 1].text if i + 1 < len(words) else ""
        return following in self.only

    def _supposed(self, sentence: Sentence, match: Match) -> bool:
        """Whether the phrase stands in a clause behind "wenn" or "if", or hangs on such a clause at the sentence's beginning."""
        first = match.path[0]
        clause = sentence.words[first].clause
        before = [w for w in sentence.words[:first] if w.clause == clause]
        inside = sentence.words[first : match.path[-1]]
        if any(w.text in self.conditional for w in (*before, *inside)) or (before and before[0].text in self.conditional_first):
            return True
        begins = sentence.words[0].text in self.conditional | self.conditional_first
        return match.phrase.signal in _CONDITIONAL and first > 1 and begins


def reader(lexicons: Lexicons, events: EventNames) -> Reader:
    """Join the lists that every sentence is read with."""
    return Reader(
        lexicons,
        events,
        fillers=lexicons.words("fillers"),
        changed=lexicons.words("fillers") | lexicons.spellings.keys(),
        kept_fillers=lexicons.words("kept_fillers"),
        negation=lexicons.words("negation"),
        conditional=lexicons.words("conditional"),
        conditional_first=lexicons.words("conditional_first"),
        interrogative=lexicons.words("interrogative"),
        greetings=frozenset(g.split()[0] for g in lexicons.text("greetings")),
        abbreviations=lexicons.words("abbreviations"),
        only=lexicons.words("only"),
    )
