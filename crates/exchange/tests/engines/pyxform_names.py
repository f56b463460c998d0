"""What pyxform makes of forms: a line of JSON each, for the test that compares."""

import json
import re
import sys
import warnings

from pyxform.xls2xform import convert

warnings.simplefilter("ignore")

# What pyxform adds by itself, and what is no question there either.
ADDED = ("generated_", "reserved_name_for_field_list_labels_")
OTHER = {"EntityDeclaration", "ExternalInstance", "GroupedSection", "RepeatingSection"}


def asked(survey):
    repeats = {f"{one.name}_count" for one in survey.iter_descendants() if type(one).__name__ == "RepeatingSection"}
    for one in survey.iter_descendants():
        kind, own = type(one).__name__, getattr(one, "type", None)
        if one is survey or kind in OTHER or own in (None, "entity", "attribute", "label"):
            continue
        within = one.get_xpath().split("/") if hasattr(one, "get_xpath") else []
        if "meta" in within or one.name in repeats or one.name.startswith(ADDED):
            continue
        yield one.name, own


def options(choices):
    for name, lists in (choices or {}).items():
        found = getattr(lists, "options", lists)
        yield name, [str(getattr(one, "name", None) or one["name"]) for one in found]


def answer(xlsform, **how):
    """What pyxform makes of a form, or why it makes nothing."""
    try:
        made = convert(xlsform=xlsform, validate=False, **how)
    except Exception as error:  # it refuses with many classes
        return {"error": f"{type(error).__name__}: {error}"}
    survey = made._survey
    languages = re.findall(r'<translation[^>]*lang="([^"]*)"', made.xform)
    return {
        "names": sorted({name for name, _ in asked(survey)}),
        "kinds": sorted({(name, kind) for name, kind in asked(survey)}),
        "choices": dict(options(survey.choices)),
        "languages": languages,
        "form": made.xform,
    }


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(line.rstrip("\n"))))
