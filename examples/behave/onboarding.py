"""The app under test. It knows nothing of any mock: only base URL and credentials differ between a test and production."""

import hmac
import json
import time
import uuid
from urllib.parse import urlencode
from urllib.request import urlopen


class CloudcheckError(Exception):
    """Cloudcheck refused the request."""


class Onboarding:
    def __init__(self, base_url, key, secret):
        self.base_url, self.key, self.secret = base_url, key, secret

    def sign_up(self, given_name, family, born, reference):
        """Have Cloudcheck verify a person. Gives ``approved``, ``review`` or ``rejected``."""
        person = {"name": {"given": given_name, "family": family}, "dateofbirth": born}
        answer = self._post("/verify/", {"details": person, "reference": reference, "consent": "Yes"})
        verification = answer.get("verification", answer)
        if "error" in verification:
            raise CloudcheckError(f"{verification['error']}: {verification['message']}")
        if verification.get("pepMatches"):
            return "review"
        return "approved" if verification["verificationSuccess"] else "rejected"

    def _post(self, path, data):
        params = {
            "data": json.dumps(data),
            "key": self.key,
            "nonce": uuid.uuid4().hex,
            "timestamp": str(int(time.time() * 1000)),
        }
        canonical = path + "".join(f"{name}={params[name]};" for name in sorted(params))
        params["signature"] = hmac.new(self.secret.encode(), canonical.encode(), "sha256").hexdigest()
        with urlopen(self.base_url.rstrip("/") + path, urlencode(params).encode()) as response:
            return json.load(response)
