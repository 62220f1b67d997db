"""The countries of ISO 3166-1, and where the mock places a caller in one of them: in its capital, in Germany
where the specification's sample has it.

Coordinates and zones are those of the time zone database (public domain), names and currencies those of the
Unicode CLDR, codes of regions those of ISO 3166-2 without the country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Country(NamedTuple):
    """One country."""

    alpha2: str
    alpha3: str
    name: str
    continent: str
    """Code of two letters, a key of `CONTINENTS`."""
    capital: str
    currency: str
    """ISO 4217; empty without one."""
    timezone: str
    latitude: str
    """Degrees as text, as the vendor has them."""
    longitude: str
    region_code: str
    """Of the region that the caller is in; empty where ISO 3166-2 has none."""
    region_name: str
    """Empty: the name of the capital."""
    city: str
    """Empty: the capital."""
    postal_code: str
    """Of the city; empty without postal codes."""


CONTINENTS = {
    "AF": "Africa",
    "AN": "Antarctica",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "North America",
    "OC": "Oceania",
    "SA": "South America",
}

_TABLE = """\
AD|AND|Andorra|EU|Andorra la Vella|EUR|Europe/Andorra|42.5000|1.5167|07|Andorra la Vella||AD500
AE|ARE|United Arab Emirates|AS|Abu Dhabi|AED|Asia/Dubai|25.3000|55.3000|AZ|Abu Dhabi||
AF|AFG|Afghanistan|AS|Kabul|AFN|Asia/Kabul|34.5167|69.2000|KAB|Kabul||1001
AG|ATG|Antigua & Barbuda|NA|St. John's|XCD|America/Antigua|17.0500|-61.8000|04|Saint John||
AI|AIA|Anguilla|NA|The Valley|XCD|America/Anguilla|18.2000|-63.0667||||AI-2640
AL|ALB|Albania|EU|Tirana|ALL|Europe/Tirane|41.3333|19.8333|11|Tirana||1001
AM|ARM|Armenia|AS|Yerevan|AMD|Asia/Yerevan|40.1833|44.5000|ER|Yerevan||0010
AO|AGO|Angola|AF|Luanda|AOA|Africa/Luanda|-8.8000|13.2333|LUA|Luanda||
AQ|ATA|Antarctica|AN|||Antarctica/McMurdo|-77.8333|166.6000||||
AR|ARG|Argentina|SA|Buenos Aires|ARS|America/Argentina/Buenos_Aires|-34.6000|-58.4500|C|Buenos Aires||C1000
AS|ASM|American Samoa|OC|Pago Pago|USD|Pacific/Pago_Pago|-14.2667|-170.7000||||96799
AT|AUT|Austria|EU|Vienna|EUR|Europe/Vienna|48.2167|16.3333|9|Vienna||1010
AU|AUS|Australia|OC|Canberra|AUD|Australia/Sydney|-33.8667|151.2167|ACT|Australian Capital Territory||2600
AW|ABW|Aruba|NA|Oranjestad|AWG|America/Aruba|12.5000|-69.9667||||
AX|ALA|Åland Islands|EU|Mariehamn|EUR|Europe/Mariehamn|60.1000|19.9500||||22100
AZ|AZE|Azerbaijan|AS|Baku|AZN|Asia/Baku|40.3833|49.8500|BA|Baku||AZ1000
BA|BIH|Bosnia & Herzegovina|EU|Sarajevo|BAM|Europe/Sarajevo|43.8667|18.4167|BIH|Federation of Bosnia and Herzegovina||71000
BB|BRB|Barbados|NA|Bridgetown|BBD|America/Barbados|13.1000|-59.6167|08|Saint Michael||BB11000
BD|BGD|Bangladesh|AS|Dhaka|BDT|Asia/Dhaka|23.7167|90.4167|C|Dhaka||1000
BE|BEL|Belgium|EU|Brussels|EUR|Europe/Brussels|50.8333|4.3333|BRU|Brussels Capital||1000
BF|BFA|Burkina Faso|AF|Ouagadougou|XOF|Africa/Ouagadougou|12.3667|-1.5167|03|Centre||
BG|BGR|Bulgaria|EU|Sofia|BGN|Europe/Sofia|42.6833|23.3167|22|Sofia||1000
BH|BHR|Bahrain|AS|Manama|BHD|Asia/Bahrain|26.3833|50.5833|13|Capital||300
BI|BDI|Burundi|AF|Bujumbura|BIF|Africa/Bujumbura|-3.3833|29.3667|BM|Bujumbura Mairie||
BJ|BEN|Benin|AF|Porto-Novo|XOF|Africa/Porto-Novo|6.4833|2.6167|OU|Ouémé||
BL|BLM|St. Barthélemy|NA|Gustavia|EUR|America/St_Barthelemy|17.8833|-62.8500||||97133
BM|BMU|Bermuda|NA|Hamilton|BMD|Atlantic/Bermuda|32.2833|-64.7667||||HM 12
BN|BRN|Brunei|AS|Bandar Seri Begawan|BND|Asia/Brunei|4.9333|114.9167|BM|Brunei-Muara||BS8611
BO|BOL|Bolivia|SA|Sucre|BOB|America/La_Paz|-16.5000|-68.1500|H|Chuquisaca||
BQ|BES|Caribbean Netherlands|NA|Kralendijk|USD|America/Kralendijk|12.1508|-68.2767|BO|Bonaire||
BR|BRA|Brazil|SA|Brasília|BRL|America/Sao_Paulo|-23.5333|-46.6167|DF|Distrito Federal||70000-000
BS|BHS|Bahamas|NA|Nassau|BSD|America/Nassau|25.0833|-77.3500|NP|New Providence||
BT|BTN|Bhutan|AS|Thimphu|INR|Asia/Thimphu|27.4667|89.6500|15|Thimphu||11001
BV|BVT|Bouvet Island|AN||NOK|Europe/Oslo|-54.4000|3.4000||||
BW|BWA|Botswana|AF|Gaborone|BWP|Africa/Gaborone|-24.6500|25.9167|GA|Gaborone||
BY|BLR|Belarus|EU|Minsk|BYN|Europe/Minsk|53.9000|27.5667|HM|Minsk||220030
BZ|BLZ|Belize|NA|Belmopan|BZD|America/Belize|17.5000|-88.2000|CY|Cayo||
CA|CAN|Canada|NA|Ottawa|CAD|America/Toronto|43.6500|-79.3833|ON|Ontario||K1P 1J1
CC|CCK|Cocos (Keeling) Islands|AS|West Island|AUD|Indian/Cocos|-12.1667|96.9167||||6799
CD|COD|Congo - Kinshasa|AF|Kinshasa|CDF|Africa/Kinshasa|-4.3000|15.3000|KN|Kinshasa||
CF|CAF|Central African Republic|AF|Bangui|XAF|Africa/Bangui|4.3667|18.5833|BGF|Bangui||
CG|COG|Congo - Brazzaville|AF|Brazzaville|XAF|Africa/Brazzaville|-4.2667|15.2833|BZV|Brazzaville||
CH|CHE|Switzerland|EU|Bern|CHF|Europe/Zurich|47.3833|8.5333|BE|Bern||3011
CI|CIV|Côte d'Ivoire|AF|Yamoussoukro|XOF|Africa/Abidjan|5.3167|-4.0333|YM|Yamoussoukro||
CK|COK|Cook Islands|OC|Avarua|NZD|Pacific/Rarotonga|-21.2333|-159.7667||||
CL|CHL|Chile|SA|Santiago|CLP|America/Santiago|-33.4500|-70.6667|RM|Santiago Metropolitan||8320000
CM|CMR|Cameroon|AF|Yaoundé|XAF|Africa/Douala|4.0500|9.7000|CE|Centre||
CN|CHN|China|AS|Beijing|CNY|Asia/Shanghai|31.2333|121.4667|BJ|Beijing||100000
CO|COL|Colombia|SA|Bogotá|COP|America/Bogota|4.6000|-74.0833|DC|Bogotá D.C.||110111
CR|CRI|Costa Rica|NA|San José|CRC|America/Costa_Rica|9.9333|-84.0833|SJ|San José||10101
CU|CUB|Cuba|NA|Havana|CUP|America/Havana|23.1333|-82.3667|03|Havana||10100
CV|CPV|Cape Verde|AF|Praia|CVE|Atlantic/Cape_Verde|14.9167|-23.5167|PR|Praia||7600
CW|CUW|Curaçao|NA|Willemstad|XCG|America/Curacao|12.1833|-69.0000||||
CX|CXR|Christmas Island|AS|Flying Fish Cove|AUD|Indian/Christmas|-10.4167|105.7167||||6798
CY|CYP|Cyprus|AS|Nicosia|EUR|Asia/Nicosia|35.1667|33.3667|01|Nicosia||1010
CZ|CZE|Czechia|EU|Prague|CZK|Europe/Prague|50.0833|14.4333|10|Prague||110 00
DE|DEU|Germany|EU|Berlin|EUR|Europe/Berlin|50.1049|8.6295|HE|Hesse|Frankfurt am Main|60326
DJ|DJI|Djibouti|AF|Djibouti City|DJF|Africa/Djibouti|11.6000|43.1500|DJ|Djibouti||
DK|DNK|Denmark|EU|Copenhagen|DKK|Europe/Copenhagen|55.6667|12.5833|84|Capital Region||1050
DM|DMA|Dominica|NA|Roseau|XCD|America/Dominica|15.3000|-61.4000|04|Saint George||
DO|DOM|Dominican Republic|NA|Santo Domingo|DOP|America/Santo_Domingo|18.4667|-69.9000|01|Distrito Nacional||10101
DZ|DZA|Algeria|AF|Algiers|DZD|Africa/Algiers|36.7833|3.0500|16|Algiers||16000
EC|ECU|Ecuador|SA|Quito|USD|America/Guayaquil|-2.1667|-79.8333|P|Pichincha||170150
EE|EST|Estonia|EU|Tallinn|EUR|Europe/Tallinn|59.4167|24.7500|37|Harju||10111
EG|EGY|Egypt|AF|Cairo|EGP|Africa/Cairo|30.0500|31.2500|C|Cairo||11511
EH|ESH|Western Sahara|AF|El Aaiun|MAD|Africa/El_Aaiun|27.1500|-13.2000||||
ER|ERI|Eritrea|AF|Asmara|ERN|Africa/Asmara|15.3333|38.8833|MA|Maekel||
ES|ESP|Spain|EU|Madrid|EUR|Europe/Madrid|40.4000|-3.6833|MD|Madrid||28001
ET|ETH|Ethiopia|AF|Addis Ababa|ETB|Africa/Addis_Ababa|9.0333|38.7000|AA|Addis Ababa||1000
FI|FIN|Finland|EU|Helsinki|EUR|Europe/Helsinki|60.1667|24.9667|18|Uusimaa||00100
FJ|FJI|Fiji|OC|Suva|FJD|Pacific/Fiji|-18.1333|178.4167|C|Central||
FK|FLK|Falkland Islands|SA|Stanley|FKP|Atlantic/Stanley|-51.7000|-57.8500||||FIQQ 1ZZ
FM|FSM|Micronesia|OC|Palikir|USD|Pacific/Pohnpei|6.9667|158.2167|PNI|Pohnpei||96941
FO|FRO|Faroe Islands|EU|Torshavn|DKK|Atlantic/Faroe|62.0167|-6.7667||||100
FR|FRA|France|EU|Paris|EUR|Europe/Paris|48.8667|2.3333|IDF|Île-de-France||75001
GA|GAB|Gabon|AF|Libreville|XAF|Africa/Libreville|0.3833|9.4500|1|Estuaire||
GB|GBR|United Kingdom|EU|London|GBP|Europe/London|51.5083|-0.1253|ENG|England||SW1A 1AA
GD|GRD|Grenada|NA|St. George's|XCD|America/Grenada|12.0500|-61.7500|03|Saint George||
GE|GEO|Georgia|AS|Tbilisi|GEL|Asia/Tbilisi|41.7167|44.8167|TB|Tbilisi||0105
GF|GUF|French Guiana|SA|Cayenne|EUR|America/Cayenne|4.9333|-52.3333||||97300
GG|GGY|Guernsey|EU|Saint Peter Port|GBP|Europe/Guernsey|49.4547|-2.5361||||GY1 1AA
GH|GHA|Ghana|AF|Accra|GHS|Africa/Accra|5.5500|-0.2167|AA|Greater Accra||GA-100
GI|GIB|Gibraltar|EU|Gibraltar|GIP|Europe/Gibraltar|36.1333|-5.3500||||GX11 1AA
GL|GRL|Greenland|NA|Nuuk|DKK|America/Nuuk|64.1833|-51.7333|SM|Sermersooq||3900
GM|GMB|Gambia|AF|Banjul|GMD|Africa/Banjul|13.4667|-16.6500|B|Banjul||
GN|GIN|Guinea|AF|Conakry|GNF|Africa/Conakry|9.5167|-13.7167|C|Conakry||001
GP|GLP|Guadeloupe|NA|Basse-Terre|EUR|America/Guadeloupe|16.2333|-61.5333||||97100
GQ|GNQ|Equatorial Guinea|AF|Malabo|XAF|Africa/Malabo|3.7500|8.7833|BN|Bioko Norte||
GR|GRC|Greece|EU|Athens|EUR|Europe/Athens|37.9667|23.7167|I|Attica||105 57
GS|SGS|South Georgia & South Sandwich Islands|SA|King Edward Point|GBP|Atlantic/South_Georgia|-54.2667|-36.5333||||SIQQ 1ZZ
GT|GTM|Guatemala|NA|Guatemala City|GTQ|America/Guatemala|14.6333|-90.5167|01|Guatemala||01001
GU|GUM|Guam|OC|Hagatna|USD|Pacific/Guam|13.4667|144.7500||||96910
GW|GNB|Guinea-Bissau|AF|Bissau|XOF|Africa/Bissau|11.8500|-15.5833|BS|Bissau||1000
GY|GUY|Guyana|SA|Georgetown|GYD|America/Guyana|6.8000|-58.1667|DE|Demerara-Mahaica||
HK|HKG|Hong Kong SAR China|AS|Hong Kong|HKD|Asia/Hong_Kong|22.2833|114.1500||||
HM|HMD|Heard & McDonald Islands|AN||AUD|Indian/Kerguelen|-53.1000|73.5000||||
HN|HND|Honduras|NA|Tegucigalpa|HNL|America/Tegucigalpa|14.1000|-87.2167|FM|Francisco Morazán||11101
HR|HRV|Croatia|EU|Zagreb|EUR|Europe/Zagreb|45.8000|15.9667|21|City of Zagreb||10000
HT|HTI|Haiti|NA|Port-au-Prince|HTG|America/Port-au-Prince|18.5333|-72.3333|OU|Ouest||HT6110
HU|HUN|Hungary|EU|Budapest|HUF|Europe/Budapest|47.5000|19.0833|BU|Budapest||1051
ID|IDN|Indonesia|AS|Jakarta|IDR|Asia/Jakarta|-6.1667|106.8000|JK|Jakarta||10110
IE|IRL|Ireland|EU|Dublin|EUR|Europe/Dublin|53.3333|-6.2500|D|Dublin||D02 AF30
IL|ISR|Israel|AS|Jerusalem|ILS|Asia/Jerusalem|31.7806|35.2239|JM|Jerusalem||9100000
IM|IMN|Isle of Man|EU|Douglas|GBP|Europe/Isle_of_Man|54.1500|-4.4667||||IM1 1AA
IN|IND|India|AS|New Delhi|INR|Asia/Kolkata|22.5333|88.3667|DL|Delhi||110001
IO|IOT|British Indian Ocean Territory|AS|Diego Garcia|USD|Indian/Chagos|-7.3333|72.4167||||BBND 1ZZ
IQ|IRQ|Iraq|AS|Baghdad|IQD|Asia/Baghdad|33.3500|44.4167|BG|Baghdad||10001
IR|IRN|Iran|AS|Tehran|IRR|Asia/Tehran|35.6667|51.4333|23|Tehran||11369
IS|ISL|Iceland|EU|Reykjavík|ISK|Atlantic/Reykjavik|64.1500|-21.8500|1|Capital Region||101
IT|ITA|Italy|EU|Rome|EUR|Europe/Rome|41.9000|12.4833|62|Lazio||00184
JE|JEY|Jersey|EU|Saint Helier|GBP|Europe/Jersey|49.1836|-2.1067||||JE2 3AA
JM|JAM|Jamaica|NA|Kingston|JMD|America/Jamaica|17.9681|-76.7933|01|Kingston||
JO|JOR|Jordan|AS|Amman|JOD|Asia/Amman|31.9500|35.9333|AM|Amman||11118
JP|JPN|Japan|AS|Tokyo|JPY|Asia/Tokyo|35.6544|139.7447|13|Tokyo||100-0001
KE|KEN|Kenya|AF|Nairobi|KES|Africa/Nairobi|-1.2833|36.8167|30|Nairobi||00100
KG|KGZ|Kyrgyzstan|AS|Bishkek|KGS|Asia/Bishkek|42.9000|74.6000|GB|Bishkek||720000
KH|KHM|Cambodia|AS|Phnom Penh|KHR|Asia/Phnom_Penh|11.5500|104.9167|12|Phnom Penh||120101
KI|KIR|Kiribati|OC|Tarawa|AUD|Pacific/Tarawa|1.4167|173.0000|G|Gilbert Islands||
KM|COM|Comoros|AF|Moroni|KMF|Indian/Comoro|-11.6833|43.2667|G|Grande Comore||
KN|KNA|St. Kitts & Nevis|NA|Basseterre|XCD|America/St_Kitts|17.3000|-62.7167|03|Saint George Basseterre||
KP|PRK|North Korea|AS|Pyongyang|KPW|Asia/Pyongyang|39.0167|125.7500|01|Pyongyang||
KR|KOR|South Korea|AS|Seoul|KRW|Asia/Seoul|37.5500|126.9667|11|Seoul||04524
KW|KWT|Kuwait|AS|Kuwait City|KWD|Asia/Kuwait|29.3333|47.9833|KU|Capital||13001
KY|CYM|Cayman Islands|NA|George Town|KYD|America/Cayman|19.3000|-81.3833||||KY1-1001
KZ|KAZ|Kazakhstan|AS|Astana|KZT|Asia/Almaty|43.2500|76.9500|71|Astana||010000
LA|LAO|Laos|AS|Vientiane|LAK|Asia/Vientiane|17.9667|102.6000|VT|Vientiane Prefecture||01000
LB|LBN|Lebanon|AS|Beirut|LBP|Asia/Beirut|33.8833|35.5000|BA|Beirut||1100
LC|LCA|St. Lucia|NA|Castries|XCD|America/St_Lucia|14.0167|-61.0000|02|Castries||LC04 101
LI|LIE|Liechtenstein|EU|Vaduz|CHF|Europe/Vaduz|47.1500|9.5167|11|Vaduz||9490
LK|LKA|Sri Lanka|AS|Sri Jayewardenepura Kotte|LKR|Asia/Colombo|6.9333|79.8500|1|Western||10100
LR|LBR|Liberia|AF|Monrovia|LRD|Africa/Monrovia|6.3000|-10.7833|MO|Montserrado||1000
LS|LSO|Lesotho|AF|Maseru|ZAR|Africa/Maseru|-29.4667|27.5000|A|Maseru||100
LT|LTU|Lithuania|EU|Vilnius|EUR|Europe/Vilnius|54.6833|25.3167|58|Vilnius City||01103
LU|LUX|Luxembourg|EU|Luxembourg City|EUR|Europe/Luxembourg|49.6000|6.1500|LU|Luxembourg||1111
LV|LVA|Latvia|EU|Riga|EUR|Europe/Riga|56.9500|24.1000|RIX|Riga||LV-1050
LY|LBY|Libya|AF|Tripoli|LYD|Africa/Tripoli|32.9000|13.1833|TB|Tripoli||
MA|MAR|Morocco|AF|Rabat|MAD|Africa/Casablanca|33.6500|-7.5833|04|Rabat-Salé-Kénitra||10000
MC|MCO|Monaco|EU|Monaco|EUR|Europe/Monaco|43.7000|7.3833|MO|Monaco-Ville||98000
MD|MDA|Moldova|EU|Chișinău|MDL|Europe/Chisinau|47.0000|28.8333|CU|Chișinău||MD-2001
ME|MNE|Montenegro|EU|Podgorica|EUR|Europe/Podgorica|42.4333|19.2667|16|Podgorica||81000
MF|MAF|St. Martin|NA|Marigot|EUR|America/Marigot|18.0667|-63.0833||||97150
MG|MDG|Madagascar|AF|Antananarivo|MGA|Indian/Antananarivo|-18.9167|47.5167|T|Antananarivo||101
MH|MHL|Marshall Islands|OC|Majuro|USD|Pacific/Majuro|7.1500|171.2000|MAJ|Majuro||96960
MK|MKD|North Macedonia|EU|Skopje|MKD|Europe/Skopje|41.9833|21.4333||Skopje||1000
ML|MLI|Mali|AF|Bamako|XOF|Africa/Bamako|12.6500|-8.0000|BKO|Bamako||
MM|MMR|Myanmar (Burma)|AS|Naypyidaw|MMK|Asia/Yangon|16.7833|96.1667|18|Nay Pyi Taw||15011
MN|MNG|Mongolia|AS|Ulaanbaatar|MNT|Asia/Ulaanbaatar|47.9167|106.8833|1|Ulaanbaatar||14200
MO|MAC|Macao SAR China|AS|Macao|MOP|Asia/Macau|22.1972|113.5417||||
MP|MNP|Northern Mariana Islands|OC|Saipan|USD|Pacific/Saipan|15.2000|145.7500||||96950
MQ|MTQ|Martinique|NA|Fort-de-France|EUR|America/Martinique|14.6000|-61.0833||||97200
MR|MRT|Mauritania|AF|Nouakchott|MRU|Africa/Nouakchott|18.1000|-15.9500|13|Nouakchott Ouest||
MS|MSR|Montserrat|NA|Plymouth|XCD|America/Montserrat|16.7167|-62.2167||||MSR1110
MT|MLT|Malta|EU|Valletta|EUR|Europe/Malta|35.9000|14.5167|60|Valletta||VLT 1111
MU|MUS|Mauritius|AF|Port Louis|MUR|Indian/Mauritius|-20.1667|57.5000|PL|Port Louis||11302
MV|MDV|Maldives|AS|Malé|MVR|Indian/Maldives|4.1667|73.5000|MLE|Malé||20002
MW|MWI|Malawi|AF|Lilongwe|MWK|Africa/Blantyre|-15.7833|35.0000|LI|Lilongwe||
MX|MEX|Mexico|NA|Mexico City|MXN|America/Mexico_City|19.4000|-99.1500|CMX|Mexico City||06000
MY|MYS|Malaysia|AS|Kuala Lumpur|MYR|Asia/Kuala_Lumpur|3.1667|101.7000|14|Kuala Lumpur||50000
MZ|MOZ|Mozambique|AF|Maputo|MZN|Africa/Maputo|-25.9667|32.5833|MPM|Maputo City||1100
NA|NAM|Namibia|AF|Windhoek|ZAR|Africa/Windhoek|-22.5667|17.1000|KH|Khomas||10001
NC|NCL|New Caledonia|OC|Noumea|XPF|Pacific/Noumea|-22.2667|166.4500||||98800
NE|NER|Niger|AF|Niamey|XOF|Africa/Niamey|13.5167|2.1167|8|Niamey||8000
NF|NFK|Norfolk Island|OC|Kingston|AUD|Pacific/Norfolk|-29.0500|167.9667||||2899
NG|NGA|Nigeria|AF|Abuja|NGN|Africa/Lagos|6.4500|3.4000|FC|Federal Capital Territory||900001
NI|NIC|Nicaragua|NA|Managua|NIO|America/Managua|12.1500|-86.2833|MN|Managua||11001
NL|NLD|Netherlands|EU|Amsterdam|EUR|Europe/Amsterdam|52.3667|4.9000|NH|North Holland||1012 JS
NO|NOR|Norway|EU|Oslo|NOK|Europe/Oslo|59.9167|10.7500|03|Oslo County||0150
NP|NPL|Nepal|AS|Kathmandu|NPR|Asia/Kathmandu|27.7167|85.3167|P3|Bagmati||44600
NR|NRU|Nauru|OC|Yaren|AUD|Pacific/Nauru|-0.5167|166.9167|14|Yaren||NRU68
NU|NIU|Niue|OC|Alofi|NZD|Pacific/Niue|-19.0167|-169.9167||||9974
NZ|NZL|New Zealand|OC|Wellington|NZD|Pacific/Auckland|-36.8667|174.7667|WGN|Wellington||6011
OM|OMN|Oman|AS|Muscat|OMR|Asia/Muscat|23.6000|58.5833|MA|Muscat||100
PA|PAN|Panama|NA|Panama City|PAB|America/Panama|8.9667|-79.5333|8|Panamá||0801
PE|PER|Peru|SA|Lima|PEN|America/Lima|-12.0500|-77.0500|LMA|Lima Metropolitana||15001
PF|PYF|French Polynesia|OC|Papeete|XPF|Pacific/Tahiti|-17.5333|-149.5667||||98714
PG|PNG|Papua New Guinea|OC|Port Moresby|PGK|Pacific/Port_Moresby|-9.5000|147.1667|NCD|National Capital District||121
PH|PHL|Philippines|AS|Manila|PHP|Asia/Manila|14.5867|120.9678|00|National Capital Region||1000
PK|PAK|Pakistan|AS|Islamabad|PKR|Asia/Karachi|24.8667|67.0500|IS|Islamabad||44000
PL|POL|Poland|EU|Warsaw|PLN|Europe/Warsaw|52.2500|21.0000|14|Masovia||00-001
PM|SPM|St. Pierre & Miquelon|NA|Saint-Pierre|EUR|America/Miquelon|47.0500|-56.3333||||97500
PN|PCN|Pitcairn Islands|OC|Adamstown|NZD|Pacific/Pitcairn|-25.0667|-130.0833||||PCRN 1ZZ
PR|PRI|Puerto Rico|NA|San Juan|USD|America/Puerto_Rico|18.4683|-66.1061||||00901
PS|PSE|Palestinian Territories|AS|Ramallah|ILS|Asia/Hebron|31.5333|35.0950|RBH|Ramallah and al-Bireh||P6000
PT|PRT|Portugal|EU|Lisbon|EUR|Europe/Lisbon|38.7167|-9.1333|11|Lisbon||1100-148
PW|PLW|Palau|OC|Ngerulmud|USD|Pacific/Palau|7.3333|134.4833|212|Melekeok||96939
PY|PRY|Paraguay|SA|Asunción|PYG|America/Asuncion|-25.2667|-57.6667|ASU|Asunción||001001
QA|QAT|Qatar|AS|Doha|QAR|Asia/Qatar|25.2833|51.5333|DA|Doha||
RE|REU|Réunion|AF|Saint-Denis|EUR|Indian/Reunion|-20.8667|55.4667||||97400
RO|ROU|Romania|EU|Bucharest|RON|Europe/Bucharest|44.4333|26.1000|B|Bucharest||010011
RS|SRB|Serbia|EU|Belgrade|RSD|Europe/Belgrade|44.8333|20.5000|00|Belgrade||11000
RU|RUS|Russia|EU|Moscow|RUB|Europe/Moscow|55.7558|37.6178|MOW|Moscow||101000
RW|RWA|Rwanda|AF|Kigali|RWF|Africa/Kigali|-1.9500|30.0667|01|City of Kigali||
SA|SAU|Saudi Arabia|AS|Riyadh|SAR|Asia/Riyadh|24.6333|46.7167|01|Riyadh||11564
SB|SLB|Solomon Islands|OC|Honiara|SBD|Pacific/Guadalcanal|-9.5333|160.2000|CT|Capital Territory||
SC|SYC|Seychelles|AF|Victoria|SCR|Indian/Mahe|-4.6667|55.4667|16|La Rivière Anglaise||
SD|SDN|Sudan|AF|Khartoum|SDG|Africa/Khartoum|15.6000|32.5333|KH|Khartoum||11111
SE|SWE|Sweden|EU|Stockholm|SEK|Europe/Stockholm|59.3333|18.0500|AB|Stockholm||111 20
SG|SGP|Singapore|AS|Singapore|SGD|Asia/Singapore|1.2833|103.8500|01|Central Singapore||018956
SH|SHN|St. Helena|AF|Jamestown|SHP|Atlantic/St_Helena|-15.9167|-5.7000|HL|Saint Helena||STHL 1ZZ
SI|SVN|Slovenia|EU|Ljubljana|EUR|Europe/Ljubljana|46.0500|14.5167|061|Ljubljana||1000
SJ|SJM|Svalbard & Jan Mayen|EU|Longyearbyen|NOK|Arctic/Longyearbyen|78.0000|16.0000||||9170
SK|SVK|Slovakia|EU|Bratislava|EUR|Europe/Bratislava|48.1500|17.1167|BL|Bratislava||811 01
SL|SLE|Sierra Leone|AF|Freetown|SLE|Africa/Freetown|8.5000|-13.2500|W|Western Area||
SM|SMR|San Marino|EU|San Marino|EUR|Europe/San_Marino|43.9167|12.4667|07|San Marino||47890
SN|SEN|Senegal|AF|Dakar|XOF|Africa/Dakar|14.6667|-17.4333|DK|Dakar||10000
SO|SOM|Somalia|AF|Mogadishu|SOS|Africa/Mogadishu|2.0667|45.3667|BN|Banaadir||
SR|SUR|Suriname|SA|Paramaribo|SRD|America/Paramaribo|5.8333|-55.1667|PM|Paramaribo||
SS|SSD|South Sudan|AF|Juba|SSP|Africa/Juba|4.8500|31.6167|EC|Central Equatoria||
ST|STP|São Tomé & Príncipe|AF|São Tomé|STN|Africa/Sao_Tome|0.3333|6.7333|01|Água Grande||
SV|SLV|El Salvador|NA|San Salvador|USD|America/El_Salvador|13.7000|-89.2000|SS|San Salvador||1101
SX|SXM|Sint Maarten|NA|Philipsburg|XCG|America/Lower_Princes|18.0514|-63.0472||||
SY|SYR|Syria|AS|Damascus|SYP|Asia/Damascus|33.5000|36.3000|DI|Damascus||
SZ|SWZ|Eswatini|AF|Mbabane|SZL|Africa/Mbabane|-26.3000|31.1000|HH|Hhohho||H100
TC|TCA|Turks & Caicos Islands|NA|Cockburn Town|USD|America/Grand_Turk|21.4667|-71.1333||||TKCA 1ZZ
TD|TCD|Chad|AF|N'Djamena|XAF|Africa/Ndjamena|12.1167|15.0500|ND|N'Djamena||
TF|ATF|French Southern Territories|AN||EUR|Indian/Kerguelen|-49.3528|70.2175||||
TG|TGO|Togo|AF|Lomé|XOF|Africa/Lome|6.1333|1.2167|M|Maritime||
TH|THA|Thailand|AS|Bangkok|THB|Asia/Bangkok|13.7500|100.5167|10|Bangkok||10200
TJ|TJK|Tajikistan|AS|Dushanbe|TJS|Asia/Dushanbe|38.5833|68.8000|DU|Dushanbe||734000
TK|TKL|Tokelau|OC|Fakaofo|NZD|Pacific/Fakaofo|-9.3667|-171.2333||||
TL|TLS|Timor-Leste|AS|Dili|USD|Asia/Dili|-8.5500|125.5833|DI|Dili||
TM|TKM|Turkmenistan|AS|Ashgabat|TMT|Asia/Ashgabat|37.9500|58.3833|S|Ashgabat||744000
TN|TUN|Tunisia|AF|Tunis|TND|Africa/Tunis|36.8000|10.1833|11|Tunis||1000
TO|TON|Tonga|OC|Nuku'alofa|TOP|Pacific/Tongatapu|-21.1333|-175.2000|04|Tongatapu||
TR|TUR|Türkiye|AS|Ankara|TRY|Europe/Istanbul|41.0167|28.9667|06|Ankara||06420
TT|TTO|Trinidad & Tobago|NA|Port of Spain|TTD|America/Port_of_Spain|10.6500|-61.5167|POS|Port of Spain||100101
TV|TUV|Tuvalu|OC|Funafuti|AUD|Pacific/Funafuti|-8.5167|179.2167|FUN|Funafuti||
TW|TWN|Taiwan|AS|Taipei|TWD|Asia/Taipei|25.0500|121.5000|TPE|Taipei||100
TZ|TZA|Tanzania|AF|Dodoma|TZS|Africa/Dar_es_Salaam|-6.8000|39.2833|03|Dodoma||41101
UA|UKR|Ukraine|EU|Kyiv|UAH|Europe/Kyiv|50.4333|30.5167|30|Kyiv||01001
UG|UGA|Uganda|AF|Kampala|UGX|Africa/Kampala|0.3167|32.4167|102|Kampala||
UM|UMI|U.S. Outlying Islands|OC||USD|Pacific/Wake|19.2833|166.6167||||
US|USA|United States|NA|Washington, D.C.|USD|America/New_York|40.7142|-74.0064|DC|District of Columbia||20001
UY|URY|Uruguay|SA|Montevideo|UYU|America/Montevideo|-34.9092|-56.2125|MO|Montevideo||11000
UZ|UZB|Uzbekistan|AS|Tashkent|UZS|Asia/Tashkent|41.3333|69.3000|TK|Tashkent||100000
VA|VAT|Vatican City|EU|Vatican City|EUR|Europe/Vatican|41.9022|12.4531||||00120
VC|VCT|St. Vincent & Grenadines|NA|Kingstown|XCD|America/St_Vincent|13.1500|-61.2333|04|Saint George||VC0100
VE|VEN|Venezuela|SA|Caracas|VES|America/Caracas|10.5000|-66.9333|A|Distrito Capital||1010
VG|VGB|British Virgin Islands|NA|Road Town|USD|America/Tortola|18.4500|-64.6167||||VG1110
VI|VIR|U.S. Virgin Islands|NA|Charlotte Amalie|USD|America/St_Thomas|18.3500|-64.9333||||00802
VN|VNM|Vietnam|AS|Hanoi|VND|Asia/Ho_Chi_Minh|10.7500|106.6667|HN|Hanoi||100000
VU|VUT|Vanuatu|OC|Port Vila|VUV|Pacific/Efate|-17.6667|168.4167|SEE|Shefa||
WF|WLF|Wallis & Futuna|OC|Mata Utu|XPF|Pacific/Wallis|-13.3000|-176.1667|UV|Uvea||98600
WS|WSM|Samoa|OC|Apia|WST|Pacific/Apia|-13.8333|-171.7333|TU|Tuamasaga||
YE|YEM|Yemen|AS|Sana'a|YER|Asia/Aden|12.7500|45.2000|SA|Amanat al-Asimah||
YT|MYT|Mayotte|AF|Mamoudzou|EUR|Indian/Mayotte|-12.7833|45.2333||||97600
ZA|ZAF|South Africa|AF|Pretoria|ZAR|Africa/Johannesburg|-26.2500|28.0000|GP|Gauteng||0002
ZM|ZMB|Zambia|AF|Lusaka|ZMW|Africa/Lusaka|-15.4167|28.2833|09|Lusaka||10101
ZW|ZWE|Zimbabwe|AF|Harare|USD|Africa/Harare|-17.8333|31.0500|HA|Harare||
"""

COUNTRIES: Mapping[str, Country] = {row[:2]: Country(*row.split("|")) for row in _TABLE.splitlines()}
