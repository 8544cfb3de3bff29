"""Facts of the ledger as sentences, with links to what they are about; a file for each family of facts."""

from moorings_registry.web.fact_descriptions.describing import described, sentence
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence

__all__ = ["Phrase", "Sentence", "described", "sentence"]
