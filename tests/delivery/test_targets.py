from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.exceptions import ConfigError
from mock_server.core.target import parse_target
from mock_server.delivery.targets import NEVER, Destination, Policy, near


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "fd12:3456::1",
        "::ffff:192.168.1.1",
    ],
)
def test_this_machine_and_private_networks_are_allowed(address: str) -> None:
    assert Policy().refusal("host.test", address) is None
    assert near(address)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("8.8.8.8", "not on this machine or a private network"),
        ("172.32.0.1", "private network"),
        ("100.64.0.1", "private network"),
        ("2606:4700::1111", "private network"),
        ("::ffff:8.8.8.8", "private network"),
        ("64:ff9b::808:808", "private network"),
        ("169.254.169.254", "link-local"),
        ("::ffff:169.254.169.254", "link-local"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("2002:a9fe:a9fe::1", "link-local"),
        ("::a9fe:a9fe", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("fd00:ec2::254", "metadata"),
        ("100.100.100.200", "metadata"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("nonsense", "not an address"),
    ],
)
def test_everything_else_is_refused_with_the_reason(address: str, says: str) -> None:
    refusal = Policy().refusal("host.test", address)
    assert refusal is not None
    assert says in refusal.reason


@pytest.mark.parametrize("address", ["8.8.8.8", "169.254.169.254", "2606:4700::1111", "nonsense"])
def test_what_is_not_near_is_for_the_proxy(address: str) -> None:
    assert not near(address)


_EVERYTHING = Policy.build(allow=["0.0.0.0/0", "::/0", "host.test"])


@given(data=st.data())
def test_no_entry_or_disguise_allows_what_is_never_allowed(data: st.DataObject) -> None:
    network = data.draw(st.sampled_from([network for network, _ in NEVER]))
    ip = data.draw(st.ip_addresses(network=str(network)))
    forms = [str(ip)]
    if isinstance(ip, ipaddress.IPv4Address):
        value = int(ip)
        forms += [
            f"::ffff:{ip}",
            f"64:ff9b::{value >> 16:x}:{value & 0xFFFF:x}",
            f"2002:{value >> 16:x}:{value & 0xFFFF:x}::1",
        ]
    for form in forms:
        refusal = _EVERYTHING.refusal("host.test", form)
        assert refusal is not None
        assert "never go there" in refusal.reason
        assert not refusal.remedy


@pytest.mark.parametrize(
    ("allow", "host", "address", "allowed"),
    [
        (["203.0.113.0/24"], "any.test", "203.0.113.7", True),
        (["203.0.113.7"], "any.test", "203.0.113.7", True),
        (["203.0.113.7"], "any.test", "203.0.113.8", False),
        (["2001:db8::/32"], "any.test", "2001:db8::5", True),
        (["App.Example.Test"], "app.example.test", "203.0.113.7", True),
        (["app.example.test"], "evil-app.example.test", "203.0.113.7", False),
        (["app.example.test"], "x.app.example.test", "203.0.113.7", False),
        (["*.example.test"], "x.app.example.test", "203.0.113.7", True),
        (["*.example.test"], "example.test", "203.0.113.7", False),
        (["app.example.test"], "app.example.test", "169.254.169.254", False),
    ],
    ids=repr,
)
def test_the_allow_list_adds_hosts_and_networks(
    allow: list[str], host: str, address: str, allowed: bool
) -> None:
    assert (Policy.build(allow=allow).refusal(host, address) is None) == allowed


@pytest.mark.parametrize(
    "entry", ["http://app.test", "a b", "203.0.113.0/99", "*", "app.test/24", "[2001:db8::]/32"]
)
def test_a_wrong_entry_says_what_to_write(entry: str) -> None:
    with pytest.raises(ConfigError, match="write a host"):
        Policy.build(allow=[entry])


@pytest.mark.parametrize(
    ("rewrite", "url", "destination"),
    [
        (
            ["localhost=host.docker.internal"],
            "http://localhost:3000/",
            Destination("host.docker.internal", 3000),
        ),
        (["localhost:3000=app:80"], "http://localhost:3000/", Destination("app", 80)),
        (["localhost:3000=app:80"], "http://localhost:3001/", Destination("localhost", 3001)),
        (["localhost=a", "localhost:3000=b"], "http://localhost:3000/", Destination("b", 3000)),
        (["[::1]:80=[::2]:81"], "http://[::1]/", Destination("::2", 81)),
        (["a=b", "b=c"], "http://a/", Destination("b", 80)),
    ],
    ids=repr,
)
def test_a_rewrite_rule_replaces_where_to_connect_to(
    rewrite: list[str], url: str, destination: Destination
) -> None:
    assert Policy.build(rewrite=rewrite).destination(parse_target(url)) == destination


@pytest.mark.parametrize("entry", ["localhost", "=b", "a=", "a"])
def test_a_wrong_rewrite_rule_says_what_to_write(entry: str) -> None:
    with pytest.raises(ConfigError, match="FROM=TO"):
        Policy.build(rewrite=[entry])


@pytest.mark.parametrize(
    ("host", "is_public"),
    [
        ("hooks.example.org", True),
        ("example.com", True),
        ("api.vendor.co.nz", True),
        ("xn--mori-qsa.nz", True),
        ("localhost", False),
        ("app.localhost", False),
        ("app", False),
        ("com", False),
        ("host.docker.internal", False),
        ("host.containers.internal", False),
        ("printer.local", False),
        ("app.test", False),
        ("receiver.payments", False),
        ("receiver.shop", False),
        ("receiver.qa", False),
        ("receiver.payments.svc.cluster.local", False),
        ("shop.localtest.me", False),
        ("lvh.me", False),
        ("10-1-2-3.nip.io", False),
        ("10.1.2.3", False),
        ("0xa9.0xfe.0xa9.0xfe", False),
        ("fd00::12", False),
    ],
)
def test_names_of_the_internet_are_known_unasked(host: str, is_public: bool) -> None:
    refusal = Policy().refuse_name(host)
    assert (refusal is not None) == is_public
    if refusal is not None:
        assert refusal.reason.startswith(f"{host} is a public name, and callbacks go to this machine")
        assert refusal.remedy == f"start with --callback-allow {host}"


@pytest.mark.parametrize("allow", ["hooks.example.org", "*.example.org", "203.0.113.0/24", "10.0.0.0/8"])
def test_a_public_name_is_looked_up_where_it_may_be_called(allow: str) -> None:
    assert Policy.build(allow=[allow]).refuse_name("hooks.example.org") is None
