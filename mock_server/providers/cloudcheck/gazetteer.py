"""New Zealand and Australian localities with their postcodes, and street names, from which all made-up
addresses are built."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple


class Locality(NamedTuple):
    """A suburb."""

    suburb: str
    city: str
    postcode: str
    state: str = ""
    """Of Australia."""


NZ = tuple(
    Locality(*row.split("|"))
    for row in (
        "Karori|Wellington|6012", "Khandallah|Wellington|6035", "Island Bay|Wellington|6023", "Miramar|Wellington|6022",
        "St Johns|Auckland|1072", "Ponsonby|Auckland|1011", "Mount Eden|Auckland|1024", "Devonport|Auckland|0624",
        "Henderson|Auckland|0612", "Manurewa|Auckland|2102", "Hillsborough|Christchurch|8022", "Riccarton|Christchurch|8041",
        "Sumner|Christchurch|8081", "Papanui|Christchurch|8053", "Roslyn|Dunedin|9010", "St Clair|Dunedin|9012",
        "Hillcrest|Hamilton|3216", "Frankton|Hamilton|3204", "Bethlehem|Tauranga|3110", "Greerton|Tauranga|3112",
        "Taradale|Napier|4112", "Merrilands|New Plymouth|4312", "Hokowhitu|Palmerston North|4410", "Stoke|Nelson|7011",
        "Gladstone|Invercargill|9810", "Te Kamo|Whangarei|0112", "Springfield|Rotorua|3015", "Gonville|Whanganui|4501",
    )
)  # fmt: skip
AU = tuple(
    Locality(*row.split("|"))
    for row in (
        "Newtown|Sydney|2042|NSW", "Manly|Sydney|2095|NSW", "Parramatta|Sydney|2150|NSW", "Carlton|Melbourne|3053|VIC",
        "Brunswick|Melbourne|3056|VIC", "St Kilda|Melbourne|3182|VIC", "Paddington|Brisbane|4064|QLD", "Toowong|Brisbane|4066|QLD",
        "Surfers Paradise|Gold Coast|4217|QLD", "Fremantle|Perth|6160|WA", "Subiaco|Perth|6008|WA", "Glenelg|Adelaide|5045|SA",
        "Unley|Adelaide|5061|SA", "Sandy Bay|Hobart|7005|TAS", "Braddon|Canberra|2612|ACT", "Fannie Bay|Darwin|0820|NT",
    )
)  # fmt: skip
STREETS = (
    "Example Rise", "Acacia Avenue", "Bellbird Lane", "Beach Road", "Cabbage Tree Grove", "Church Street", "Clifton Terrace",
    "Fernleaf Crescent", "Garden Road", "Harbour View Road", "High Street", "Kauri Street", "King Street", "Kowhai Road",
    "Lighthouse Road", "Main Road", "Manuka Street", "Miro Place", "Moana Crescent", "Nikau Grove", "Orchard Street", "Park Road",
    "Pohutukawa Drive", "Princes Street", "Queen Street", "Rata Street", "Rimu Road", "River Road", "School Lane", "Seaview Terrace",
    "Station Road", "Strong Street", "Totara Avenue", "Tui Glen", "Valley Road", "Victoria Street", "Wattle Street", "Weka Way",
    "York Street",
)  # fmt: skip


class Address(NamedTuple):
    """One address; its number in the id makes it findable again."""

    country: str
    """``NZ`` or ``AU``."""
    number: int
    street: str
    place: Locality

    @property
    def id(self) -> str:
        """``NZ|NZAD|18-0-3``: country, source, number, index of the street and of the locality."""
        nz = self.country == "NZ"
        place = (NZ if nz else AU).index(self.place)
        return f"{self.country}|{'NZAD' if nz else 'GNAF'}|{self.number}-{STREETS.index(self.street)}-{place}"

    @property
    def full(self) -> str:
        """``18 Example Rise, Karori, Wellington 6012``."""
        place = self.place
        end = f"{place.city} {place.postcode}" if self.country == "NZ" else f"{place.state} {place.postcode}"
        return f"{self.number} {self.street}, {place.suburb}, {end}"

    @property
    def details(self) -> dict[str, str]:
        """In the order of ``details.address`` in recorded replies."""
        place = self.place
        return {
            "city": place.city,
            "street": f"{self.number} {self.street}",
            "postcode": place.postcode,
            "suburb": place.suburb,
        }


def by_id(text: str) -> Address | None:
    """The address with that id."""
    country, _, rest = text.partition("|")
    numbers = rest.partition("|")[2].split("-")
    if (
        country not in ("NZ", "AU")
        or len(numbers) != 3
        or not all(part.isascii() and part.isdigit() and len(part) < 7 for part in numbers)
    ):
        return None
    number, street, place = map(int, numbers)
    places = NZ if country == "NZ" else AU
    if street >= len(STREETS) or place >= len(places):
        return None
    address = Address(country, number, STREETS[street], places[place])
    return address if address.id == text else None


def draw(random: Random, country: str = "NZ") -> Address:
    """Any address."""
    return Address(
        country, random.randint(1, 240), random.choice(STREETS), random.choice(NZ if country == "NZ" else AU)
    )


def search(text: str, country: str, limit: int) -> list[Address]:
    """Addresses that begin as the text does: a number (1 without one), then words of street, suburb,
    city or postcode."""
    words = text.replace(",", " ").lower().split()
    number = 1
    if words and words[0].isascii() and words[0].isdigit() and len(words[0]) < 7:
        number = int(words.pop(0))
    return list(_first(_candidates(words, number, country), limit)) if words else []


def _candidates(words: list[str], number: int, country: str) -> Iterator[Address]:
    places = NZ if country == "NZ" else AU
    for place in places:
        for street in STREETS:
            if not street.lower().startswith(words[0]):
                continue
            address = Address(country, number, street, place)
            parts = [
                *street.lower().split(),
                *place.suburb.lower().split(),
                *place.city.lower().split(),
                place.postcode,
                place.state.lower(),
            ]
            if all(any(part.startswith(word) for part in parts) for word in words):
                yield address


def _first(addresses: Iterator[Address], limit: int) -> Iterator[Address]:
    for _ in range(limit):
        address = next(addresses, None)
        if address is None:
            return
        yield address
