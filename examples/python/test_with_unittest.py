"""The same tests without pytest: python -m unittest. The server is a process of its own and ends with this one."""

import unittest

from mock_server import testing
from mock_server.client import Receiver
from onboarding import CloudcheckError, is_genuine, screen_person, verify_person

PERSON = {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1987-03-14"}


class Onboarding(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = testing.start()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.account = self.server.account()

    def test_an_ordinary_customer_is_approved(self):
        key, secret = self.account.cloudcheck
        self.assertEqual(verify_person(self.account.url, key, secret, PERSON, "customer-1"), "approved")

    def test_a_wrong_secret_is_refused(self):
        key, _ = self.account.cloudcheck
        with self.account.expects(error=106), self.assertRaisesRegex(CloudcheckError, "106"):
            verify_person(self.account.url, key, "wrong", PERSON, "customer-2")

    def test_the_callback_arrives_signed(self):
        client_id, secret_key = self.account.shuftipro
        name = {"first_name": "Ingrid", "last_name": "Solvang"}
        with Receiver() as receiver:
            screen_person(self.account.url, client_id, secret_key, name, "1979-11-04", "customer-3", receiver.url)
            self.account.callbacks.wait(reference="customer-3", outcome="delivered")
            [came] = receiver.received
        self.assertTrue(is_genuine(came.body, came.headers["signature"], secret_key))
