"""One mock server for the run, in a process of its own; an account of its own for each scenario."""

from mock_server import testing
from onboarding import Onboarding


def before_all(context):
    context.server = testing.start()


def after_all(context):
    context.server.stop()


def before_scenario(context, scenario):
    context.account = context.server.account()
    context.onboarding = Onboarding(context.account.url, *context.account.cloudcheck)
