"""What the model knows, what sounds like it, and how others' languages would spell it."""

BLANK, UNKNOWN = "<b>", "<unk>"
DIGITS = "zero one two three four five six seven eight nine".split()
SERVICE = "yes no okay hello goodbye help repeat back menu cancel stop agent operator human representative support".split()
WORDS = DIGITS + SERVICE
TOKENS = [BLANK, UNKNOWN] + WORDS
INDEX = {token: i for i, token in enumerate(TOKENS)}

# In a sentence these are words of their own: a caller who says "for" has not said 4.
HOMOPHONES = {"to", "too", "for", "won", "ate", "know", "ok"}

# Near the words above, or frequent in calls: the model must not hear one of its own words in them.
OTHERS = """oh go so low show note now new knew none any many men man mane money main name same seem way
wait went want on own once wonder sun son some fun run done young wander want water who you
she he form fort door more pour far fire file find line wine
night nice knife life live give hive alive drive wife sick fix mix sticks kicks sixth sixteen sixty seventh seventeen
heaven eleven even oven several level leaven gate great wait eighteen eighty ace age ninety nineteen
fourteen forty fifteen fifty thirteen thirty twenty twelve ten tell less guess chess dress best yet yesterday jess
not nope nor never stay top stopped shop step start state pack bat black bag bank book buck packet self health held
helper hell hollow yellow fellow good by bye buy goods menus venue many cancelled council counsel candle
agency ages aging engine operate operation opera open record report repeatedly petite defeat humid woman
humour represent president reservation presentation port supporter sport supper order account payment card balance
please thanks thank right left maybe sure the and with about this that there where when what which could would
transfer billing number password address email phone coffee large small medium double single triple milk sugar""".split()

# Words as a reader of another language says them, in that language's spelling.
ACCENTS = {
    "de": "siro uan tu sri for faif six sewen eht nain jess no".split(),
    "fr": "ziro ouane tou sri fore faïve sixe sévenne éïte naïne yesse no".split(),
    "es": "siro uan tu zri for faiv siks seven eit nain yes nou".split(),
    "it": "ziro uan tu tri for faiv siks seven eit nain ies no".split(),
    "nl": "ziero wan toe srie foor faif siks seven eet nain jes noo".split(),
    "el": "ζίροου ουάν του θρι φορ φάιβ σιξ σέβεν έιτ νάιν γιες νόου".split(),
}
ACCENTED = DIGITS + ["yes", "no"]

# The same for festival's voices of other languages, with the lengths at which they sound like words said by themselves.
# What a voice says so that it is another word is left out.
_ITALIAN = dict(zip(ACCENTED, "ziro uan tu tri foor faiv sics seven eit nain ies nou".split()))
_CZECH = dict(zip(ACCENTED, "zirou van tu tri for fajv siks sevn ejt najn jes nou".split()))
_FINNISH = dict(zip(ACCENTED, "siirou uan tuu trii foor faiv siks seven eit nain jes nou".split()))
_CATALAN = dict(zip(ACCENTED, "zirou uan tu tri for faif sics seven eit nain ies nou".split()))


def _without(spelt, left_out):
    return {word: sound for word, sound in spelt.items() if word not in left_out.split()}


ACCENTED_VOICES = {
    "pc_diphone": (_without(_ITALIAN, "two"), (1.2, 1.5, 1.9)),
    "lp_diphone": (_without(_ITALIAN, "four five seven"), (1.2, 1.5, 1.9)),
    "czech_dita": (_without(_CZECH, "zero one three"), (1.2, 1.5, 1.9)),
    "czech_krb": (_CZECH, (1.2, 1.5, 1.9)),
    "czech_machac": (_CZECH, (1.2, 1.5)),  # fails at 1.9
    "czech_ph": (_without(_CZECH, "no"), (1.2, 1.5, 1.9)),
    "suo_fi_lj_diphone": (_without(_FINNISH, "zero"), (1.2, 1.5, 1.9)),
    "hy_fi_mv_diphone": (_FINNISH, (0.85, 1.0, 1.25)),
    "upc_ca_ona_hts": (_without(_CATALAN, "three yes"), (0.85, 1.0, 1.25)),
}
