"""The forms in pyxform's own tests: a line of JSON each, with what pyxform makes
of it. The argument is the folder that holds its `tests`.

The tests are run with their check replaced: it notes the form it was given, once,
and looks at nothing else.
"""

import contextlib
import io
import json
import sys
import unittest
import warnings
from unittest import mock

from pyxform_names import answer

warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
# Only the replaced check needs it.
sys.modules.setdefault("lxml", mock.MagicMock())
sys.modules.setdefault("lxml.etree", mock.MagicMock())

from tests import pyxform_test_case  # noqa: E402

forms = {}


def note(self, md=None, ss_structure=None, survey=None, **_):
    """Keeps the form of a test."""
    form = md if md is not None else ss_structure
    if survey is None and form is not None:
        form = form if isinstance(form, str) else json.dumps(form)
        forms.setdefault(form, self.id())


pyxform_test_case.PyxformTestCase.assertPyxformXform = note
suite = unittest.defaultTestLoader.discover(f"{sys.argv[1]}/tests", top_level_dir=sys.argv[1])
# What tests look at afterwards is not there; that is no matter.
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(suite)
for form, test in forms.items():
    # Rows of sheets, where a test gives them so.
    given = json.loads(form) if form.startswith("{") else form
    made = answer(given, file_type=".md", form_name="test_name")
    made.pop("form", None)
    print(json.dumps({"test": test, "text": form, **made}))
