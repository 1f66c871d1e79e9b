"""Legal forms of companies, which say what kind of company it is, not which. Sources: the national company laws' own
abbreviations, as listed in ISO 20275 (entity legal forms).
"""

from collections.abc import Sequence

# Spelling -> form. These words mean nothing else, wherever they stand.
ANYWHERE = {
    **dict.fromkeys(("gmbh", "mbh", "gesmbh", "ggmbh"), "gmbh"),
    "aktiengesellschaft": "ag",
    **dict.fromkeys(("kommanditgesellschaft", "kgaa"), "kg"),
    **dict.fromkeys(("ohg", "gbr", "ug"), "other"),
    **dict.fromkeys(("ltd", "ltda", "pty", "pvt"), "ltd"),
    **dict.fromkeys(("plc", "llp", "lllp"), "plc"),
    **dict.fromkeys(("inc", "incorporated", "corp", "corporation"), "inc"),
    "llc": "llc",
    **dict.fromkeys(("sarl", "eurl", "sasu"), "sarl"),
    **dict.fromkeys(("srl", "srls"), "srl"),
    **dict.fromkeys(("bvba", "besloten"), "bv"),
    **dict.fromkeys(("aktiebolag", "aps"), "ab"),
    **dict.fromkeys(("oyj", "abp"), "oy"),
    **dict.fromkeys(("spzoo", "spolka"), "zoo"),
    **dict.fromkeys(("sro", "doo", "kft", "zrt", "nyrt", "ood", "eood", "uab"), "other"),
    **dict.fromkeys(("kk", "kabushiki", "kaisha", "bhd", "sdn"), "kk"),
}
# These may also be part of a name, and count as a form only at its beginning or end.
AT_THE_ENDS = {
    "ag": "ag",
    **dict.fromkeys(("kg", "co", "cokg"), "kg"),
    "sa": "sa",
    **dict.fromkeys(("sas", "snc"), "sas"),
    "spa": "spa",
    "bv": "bv",
    "nv": "nv",
    "ab": "ab",
    **dict.fromkeys(("as", "asa"), "as"),
    "oy": "oy",
    **dict.fromkeys(("lp", "lc", "pc"), "llc"),
    **dict.fromkeys(("se", "sl", "slu", "sc", "ek", "ik", "oo", "ooo", "oao", "zao"), "other"),
    "sia": "other",
    **dict.fromkeys(("ооо", "оао", "зао", "пао", "тов"), "other"),
    **dict.fromkeys(("sp", "company", "gesellschaft", "the", "cie", "compagnie"), ""),
}
# At its beginning these are part of the name: Limited Edition, EV Charging, Zoo Hannover.
AT_THE_END = {"limited": "ltd", "ev": "other", "zoo": "zoo"}
# Written without a space before or behind the name.
JOINED = {
    **dict.fromkeys(("株式会社", "有限会社", "合同会社", "(株)", "（株）", "㈱"), "kk"),
    **dict.fromkeys(("股份有限公司", "有限责任公司", "有限公司"), "ltd"),
    **dict.fromkeys(("주식회사", "유한회사", "(주)", "㈜"), "other"),
}
JOINING = frozenset({"and", "und", "et", "e", "y", "i", "u", "en", "och", "og"})


def set_apart(text: str) -> str:
    """The text with forms that are written without a space made words of their own."""
    for written in sorted(JOINED, key=len, reverse=True):
        text = text.replace(written, f" {JOINED[written]} ")
    return text


def without_form(words: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The words that name the company, and its legal form, empty where none is said.

    "GmbH & Co. KG" is a form of its own. A name that is nothing but a form leaves no words. A form before a name counts
    where none is behind it: AG Pilatus, but SIA Abrasives AG.
    """
    end = AT_THE_ENDS | AT_THE_END
    forms = [ANYWHERE[word] for word in words if word in ANYWHERE]
    left = [word for word in words if word not in ANYWHERE]
    while left and (left[-1] in end or left[-1] in JOINING):
        forms.append(end.get(left.pop(), ""))
    behind = any(forms)
    while len(left) > 1 and (left[0] in JOINING or (left[0] in AT_THE_ENDS and not (behind and AT_THE_ENDS[left[0]]))):
        forms.append(AT_THE_ENDS.get(left.pop(0), ""))
    said = {form for form in forms if form}
    form = "gmbh kg" if said == {"gmbh", "kg"} else min(said, default="")
    return tuple(word for word in left if word not in JOINING), form
