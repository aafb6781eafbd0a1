"""httpbin, whose sign-ins take content as well: its own ones are asked with GET only."""

import os

from httpbin import app
from httpbin.core import basic_auth, digest_auth


def rule(path, view):
    """A place for ana, whose password is in no address."""
    login = {'user': 'ana', 'passwd': os.environ['ANA_PASSWORD']}
    app.add_url_rule(path, path, view, methods=['PUT', 'POST'], defaults=login)


rule('/basic-upload', basic_auth)
rule('/digest-upload/<qop>/<algorithm>', digest_auth)
