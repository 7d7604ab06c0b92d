"""Speech to moving landmarks: `listen` to a sound, then `perform` it with a face."""

from sfp_core.speech.articulators import Style
from sfp_core.speech.cascade import Heard, listen, read_phones
from sfp_core.speech.phones import Phone, PhoneTrack, Word
from sfp_core.speech.speak import joined, perform

__all__ = ["Heard", "Phone", "PhoneTrack", "Style", "Word", "joined", "listen", "perform", "read_phones"]
