"""What addresses, postcodes and telephone numbers look like, in one place.

Every pattern takes time in proportion to the text, however hostile: repetitions are bounded, or can start in one place
of a run of characters only.
"""

from __future__ import annotations

import re

_AREAS = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK "
    "FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR "
    "NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC "
    "WD WF WN WR WS WV YO ZE"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"

EMAIL = re.compile(r"(?<![^\s@<>;,])[^\s@<>;,]+@[^\s@<>;,]+\.[A-Za-z]{2,}")
IP = re.compile(
    rf"(?<![\d.]){_OCTET}(?:\.{_OCTET}){{3}}(?![\d.])|(?<![\w:])(?:[0-9a-fA-F]{{1,4}}:){{3,7}}:?[0-9a-fA-F]{{1,4}}(?![\w:])"
)
POSTCODE = re.compile(rf"\b(?=[A-Z]{{1,2}}\d)(?:{_AREAS.replace(' ', '|')})\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{{2}}\b")
"""A full United Kingdom postcode in capitals, of an area that exists."""
PHONE = re.compile(r"\+\d[\d ()./-]{7,17}\d|\(?0\d{2,4}\)?[ -]\d{3,4}[ -]?\d{3,4}")
