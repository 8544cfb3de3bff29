"""Asks a registry once, with the credentials that are named, and prints the status and the code of the answer.

Runs in a container of `prove_compose.py`. Arguments: the address, then `token=FILE`, `identity=FOLDER` (a certificate
and its key), `post=TEXT`, in any number.
"""

import json
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

url, *options = sys.argv[1:]
given = dict(one.split("=", 1) for one in options)
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # a stranger has no authority to go by
if "identity" in given:
    context.load_cert_chain(f"{given['identity']}/tls.crt", f"{given['identity']}/tls.key")
request = urllib.request.Request(url, data=given["post"].encode() if "post" in given else None)
request.add_header("Content-Type", "application/json")
if "token" in given:
    request.add_header("Authorization", f"Bearer {Path(given['token']).read_text()}")
try:
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        status, body = answer.status, answer.read()
except urllib.error.HTTPError as refused:
    status, body = refused.code, refused.read()
except OSError as error:
    print("no answer:", type(error).__name__)
    sys.exit()
told = json.loads(body)
code = told.get("code", "") if isinstance(told, dict) else ""
fault = told.get("detail", "").rpartition("(")[2].rstrip(")") if code == "TOKEN_REFUSED" else ""
print(status, code, fault)
