from behave import given, then, when
from onboarding import CloudcheckError


@given('Cloudcheck answers "{outcome}"')
def cloudcheck_answers(context, outcome):
    scenario = {"name": outcome, "match": {"operation": "verify"}, "respond": {"outcome": outcome}}
    context.account.scenarios.add(scenario, provider="cloudcheck")


@given("the application's secret ends with a space")
def the_secret_ends_with_a_space(context):
    context.onboarding.secret += " "


@when("{given_name} {family_name}, born {born}, signs up")
def somebody_signs_up(context, given_name, family_name, born):
    context.refusal = None
    try:
        context.decision = context.onboarding.sign_up(given_name, family_name, born, "customer-1")
    except CloudcheckError as refusal:
        context.refusal = str(refusal)


@then('the customer is "{decision}"')
def the_customer_is(context, decision):
    assert (context.refusal, context.decision) == (None, decision), (context.refusal, context.decision)


@then("Cloudcheck refuses the request with error {code}")
def cloudcheck_refuses(context, code):
    assert context.refusal is not None and context.refusal.startswith(f"{code}:"), context.refusal


@then('the mock server names the cause: "{cause}"')
def the_mock_server_names_the_cause(context, cause):
    [refused] = context.account.requests.find(limit=1)
    explanations = [mistake["explanation"] for mistake in context.account.requests.explain(refused.id)["mistakes"]]
    assert any(cause in explanation for explanation in explanations), explanations
