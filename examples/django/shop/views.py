import json

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from shop.models import Customer
from shop.shufti import ShuftiError, is_genuine, screen

STATES = {"verification.accepted": "approved", "verification.declined": "rejected"}


@require_POST
def sign_up(request):
    customer = Customer.objects.create(**json.loads(request.body))
    try:
        screen(customer, request.build_absolute_uri(reverse("callback")))
    except ShuftiError as error:
        return JsonResponse({"error": str(error)}, status=502)
    return JsonResponse({"reference": customer.reference}, status=202)


@require_POST
def callback(request):
    if not is_genuine(request.body, request.headers.get("Signature", "")):
        return HttpResponse(status=403)
    message = json.loads(request.body)
    if message["event"] in STATES:
        Customer.objects.filter(reference=message["reference"]).update(state=STATES[message["event"]])
    return HttpResponse()
