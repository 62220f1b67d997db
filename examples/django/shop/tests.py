"""LiveServerTestCase serves the shop on a port of its own, so callbacks reach its view. The mock server is a process of its own."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.test import LiveServerTestCase
from mock_server import testing

from shop.models import Customer

ROIMATA = {"first_name": "Roimata", "last_name": "Tūhoe-O'Neill", "dob": "1979-11-04"}


class SignUp(LiveServerTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = testing.start()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.account = self.server.account()
        client_id, secret_key = self.account.shuftipro
        self.use(SHUFTI_URL=self.account.url, SHUFTI_CLIENT_ID=client_id, SHUFTI_SECRET_KEY=secret_key)

    def use(self, **settings):
        changed = self.settings(**settings)
        changed.enable()
        self.addCleanup(changed.disable)

    def sign_up(self, reference):
        body = json.dumps({"reference": reference, **ROIMATA}).encode()
        with urlopen(Request(self.live_server_url + "/customers", body)) as response:
            return response.status

    def state(self, reference):
        return Customer.objects.get(reference=reference).state

    def test_an_ordinary_customer_is_approved_by_the_callback(self):
        self.assertEqual(self.sign_up("customer-1"), 202)
        self.account.callbacks.wait(reference="customer-1", outcome="delivered")
        self.assertEqual(self.state("customer-1"), "approved")

    def test_a_declined_customer_is_rejected(self):
        self.account.scenarios.add({"name": "declined", "respond": {"outcome": "declined"}}, provider="shuftipro")
        self.sign_up("customer-2")
        self.account.callbacks.wait(reference="customer-2", event="verification.declined", outcome="delivered")
        self.assertEqual(self.state("customer-2"), "rejected")

    def test_a_forged_callback_changes_nothing(self):
        forged = {"event": "verification.accepted", "deliver": [{"corrupt": "signature"}]}
        self.account.scenarios.add({"name": "forged", "callbacks": [forged]}, provider="shuftipro")
        self.sign_up("customer-3")
        self.account.callbacks.wait_all(1, reference="customer-3", outcome="pending")
        self.account.clock.advance("72h")
        [callback] = self.account.callbacks.find()
        self.assertEqual({attempt.status for attempt in callback.attempts}, {403})
        self.assertEqual(self.state("customer-3"), "waiting")

    def test_a_wrong_secret_is_a_bad_gateway_and_no_approval(self):
        self.use(SHUFTI_SECRET_KEY="wrong")
        with self.account.expects(status=401), self.assertRaises(HTTPError) as refused:
            self.sign_up("customer-4")
        with refused.exception as response:
            self.assertEqual(response.status, 502)
        self.assertEqual(self.state("customer-4"), "waiting")
