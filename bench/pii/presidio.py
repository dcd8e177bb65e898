"""Runs Presidio's pattern recognizers, without a model, over texts: one JSON string a line in, one list of findings a line out.

    presidio.py < texts.ndjson > found.ndjson

What needs a model of a language (names, places, organizations) is left out, since Presidio finds it with spaCy's models only.
"""
import json
import sys
import time

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

TYPES = {
    "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "IBAN_CODE": "iban", "CREDIT_CARD": "credit_card", "IP_ADDRESS": "ip_address", "MAC_ADDRESS": "mac_address",
    "PERSON": "person_name", "ORGANIZATION": "organization", "LOCATION": "address", "DATE_TIME": None, "URL": None, "NRP": None, "CRYPTO": None, "US_BANK_NUMBER": None, "UK_VEHICLE_REGISTRATION": None,
}


class Blank(NlpEngine):
    """Words without a model: what context is read from."""

    def __init__(self):
        self.nlp = spacy.blank("en")

    def load(self):
        pass

    def is_loaded(self):
        return True

    def process_text(self, text, language):
        doc = self.nlp(text)
        words = [token.text.lower() for token in doc]
        return NlpArtifacts(entities=[], tokens=doc, tokens_indices=[token.idx for token in doc], lemmas=words, nlp_engine=self, language=language, scores=[])

    def process_batch(self, texts, language, **_):
        return ((text, self.process_text(text, language)) for text in texts)

    def is_stopword(self, word, language):
        return self.nlp.vocab[word].is_stop

    def is_punct(self, word, language):
        return self.nlp.vocab[word].is_punct

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return ["en"]


def main():
    # The list of domains that comes with the package, and no call to the network.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
    engine = Blank()
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    # Recognizers of other languages' numbers are patterns, too, and are asked as well.
    import presidio_analyzer.predefined_recognizers as known
    loaded = {type(recognizer).__name__ for recognizer in registry.recognizers}
    for name in sorted(dir(known)):
        if name in loaded or not name.endswith("Recognizer"):
            continue
        try:
            recognizer = getattr(known, name)(supported_language="en")
        except Exception:
            continue
        if isinstance(recognizer, known.CreditCardRecognizer.__mro__[1]):
            registry.add_recognizer(recognizer)
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    texts = [json.loads(line) for line in sys.stdin]
    begun = time.perf_counter()
    for text in texts:
        found = analyzer.analyze(text=text, language="en", score_threshold=0.0)
        kept = [(result, TYPES.get(result.entity_type, "national_id")) for result in found]
        print(json.dumps([{"type": kind, "kind": result.entity_type, "start": result.start, "end": result.end, "score": result.score} for result, kind in kept if kind]))
    seconds = time.perf_counter() - begun
    kilobytes = sum(len(text.encode()) for text in texts) / 1024
    print(json.dumps({"ms_per_kb": seconds * 1000 / kilobytes, "recognizers": len(registry.recognizers)}), file=sys.stderr)


if __name__ == "__main__":
    main()
