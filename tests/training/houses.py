"""Invented institutions of the many forms that real ones have, to put into training texts in the place of others."""

import re
from random import Random

_FORMS = """
{s} Consulting|{s} & Sons|{s} & Co.|{s} and Partners|{s} Associates|{b} Ltd|{b} Group|{b} Systems|{b} Labs|{b} Energy|{b} Design|{b} Architects
{o} Town Council|{o} Parish Council|{o} City Council|{o} Borough Council|Municipality of {o}|City of {o}|University of {o}|{o} University|{o} College
{o} Wildlife Group|{o} Housing Association|{o} Field Centre|{o} Community Garden|{o} Allotment Society|{o} Cycling Club|{o} Rowing Club|Friends of {o}
Friends of the {o} Canal|Citizens for {e}|Parents for {e}|{o} Residents' Association|{o} Climate Action|Transition {o}|Green {o}|Sustainable {o}|Tidy {o}
{b} Chapel|{b} Church|St. {f}'s Church|St {f}'s Primary School|{o} Primary School|{o} High School|{o} Trust|The {o} Trust|The {b} Trust|{b} Foundation
{b} Institute for {e} Research|Institute for {e}|Centre for {e}|{o} Environment Agency|Ministry of {e}|Department of {e}, {o}|{b} Cooperative|{s} Bakery
{s} Bike Repair|{s}'s Farm|{s} Farm|The {b} Inn|{b} Café|{b} Ceramics|{b} Studio|Studio {s}|Studio {b}|{b} Engineering Pvt. Ltd.|{b} Rail|{b} Media
Stadt {o}|Gemeinde {o}|Kreis {o}|Landkreis {o}|Stadtwerke {o}|Stadtverwaltung {o}|Gemeindewerke {o}|VHS {o}|Universität {o}|Hochschule {o}|TH {o}|FH {o}
Universität {o}, Institut für {g}|Institut für {g} der Universität {o}|Institut für {g}|Lehrstuhl für {g}, TU {o}|Zentrum für {g} {o}|Amt für {g} {o}
Heimatverein {o}|Turnverein {o}|TuS {o}|SV {o}|TSV {o} 1912 e. V.|Sportverein {o} e.V.|Imkerverein {o} und Umgebung e. V.|Landfrauen {o}|KLJB {o}|NABU {o}
Landjugend {o}|Kolpingsfamilie {o}|Freiwillige Feuerwehr {o}|Freiwillige Feuerwehr {o}, Löschzug {o}|Schützenbruderschaft St. {f} {o}|DLRG {o}|DRK {o}
Pfarrei St. {f}|Kirchengemeinde St. {f} {o}|Seniorenheim St. {f}|Kloster {o}|Kita Regenbogen|Kita {b}|Kindergarten {b}|Grundschule {o}|Gesamtschule {o}
Gymnasium {o}|Berufskolleg {o}|Realschule {o}|Klasse 9b der Realschule {o}|Förderverein der Grundschule {o}|Elterninitiative {b}|Bürgerinitiative {b}
BI {b}|{b} e.V.|{b} e. V.|{b} eG|{b} gGmbH|{b} GmbH|{b} GmbH & Co. KG|{b} UG|{b} AG|{b}|{b} {o}|Team {b}|Runde {b}|{b}-Netzwerk|Netzwerk {b}|Verein {b}
{s} GmbH|{s} Bau GmbH|{s} Agrar KG|{s} Dachbau|{s} Haustechnik|{s} & Söhne|{s} & {s2}|Gebrüder {s}|Ingenieurbüro {s}|Ing.-Büro {s}|Architekturbüro {s}
Planungsbüro {s}|Planwerk {s}|Büro {s}|Hof {s}|Biohof {s}|Gärtnerei {s}|Bäckerei {s}|Tischlerei {s}|Solarberatung {s}|Forstbetrieb {s}|Kanzlei {s}
Praxis {s}|Praxis für {g}|Praxis f. {g}|Praxis {g} {s}|Apotheke am {o}|Gasthof zur {b}|Gasthof {s}|Gasthaus zum {b}|Hotel {b}|Café {b}|Buchhandlung {s}
Volksbank {o}|Sparkasse {o}|Wasserverband {o}|Windpark {o}|Energiegenossenschaft {o}|Bürgerwind {o}|Waldbauernverband {o}|Kreisverband {o}|Ortsverein {o}
Bund Naturschutz {o}|Grüne {o}|SPD-Fraktion {o}|CDU-Ortsverband {o}|Die Linke {o}|Fridays {o}|Fridays for Future {o}|Omas for Future {o}|Parents {o}
Seniorenbeirat|Seniorenbeirat {o}|Jugendparlament {o}|Quartiersverein {o}|Dorfgemeinschaft {o}|Nachbarschaft {o}|Tafel {o}|Repair-Café {o}|Chor {b}
Russischer Chor {o}|Deutsch-Türkischer Verein {o}|Brücke der {b} {o} e.V.|Haus der {b}|Haus {b}|Werkstatt {b}|Atelier {b}|Hospiz {b}|Waldkindergarten {b}
Mairie de {o}|Ville de {o}|Commune de {o}|Association {b}|Lycée {s}|Gemeente {o}|Waterschap {o}|Stichting {b}|{b} vzw|{b} BV|Klimaatpunt {o}|{o} kommun
Gmina {o}|Urząd Miasta {o}|Fundacja {b}|Ayuntamiento de {o}|Asociación {b}|Universidad de {o}|Comune di {o}|Associazione {b}|{b} Derneği|{o} Belediyesi
Studio {s} Architetti Associati|{b} S.r.l.|{b} Oy|{b} AB|{b} A/S|{b} SAS|{b} Sp. z o.o.|{b} Magazin|{b}-Zeitung|Radio {b}|Redaktion {b}|{o}er Bote
"""
_BRANDS = """
Blattwerk Lichtblick Tiefe%Wiese Grüner%Schulhof Sälzer%Runde Lippe-Lupe Windrad Sonnenfänger Morgenrot Klimafit Vielfalt Zukunft Regenbogen Wurzelwerk
Kulturen Linde Post Krone Hirschen Generationen Begegnung Hoffnung Stadtacker Wilde%Möhre Rad%und%Tat Nordwind Heckenschere Pusteblume Sonnenschein
Brightfields Thermavolt Kestrel Heatwise Clear%Waters Living%Springs Open%Door Riverbank Cascadia Penhale Greenleaf Bluebird Loop Nimbus Terra Vento Orbit
Aqua%Nova SolKraft HydroLab EcoTrace Urbanista Nordlys Verde Luz Terre%Vivante Zielone%Miasto Yeşil%Kent Lumen Kiebitz Eisvogel Dachgarten Kompost Blaues%Band
Q4 ZERO plan:b raum3 Faktor%10 KWB ABK IVG GHS DST BEW
"""
_PLACES = """
Salzkotten Salzkotten Salzkotten Salzkotten Verne Upsprunge Thüle Scharmede Büren Paderborn Geseke Lippstadt Delbrück Borchen Soest Altenbeken Brakel Höxter
Warburg Sintfeld Hellweg Lippe Alme Heder Oberau Musterlippe Beispielburg Westfalen OWL Wychbourne Lydbrook Stourwick Athmore Highgate Leeds Norwich Galway
Cardiff Rotterdam-Zuid Gent Järvikunta Sjöstad Belleval Lyon Trento Łódź Lipowiec İzmir Arrigorra Münster Kassel Nord Süd-Ost
"""
_TOPICS = "Cycling Clean#Air Water Urban#Climate Landscape Energy Trees Safer#Streets Warmer#Homes the#Environment"
_FACHS = "Wasserbau Ergotherapie Bodenkunde Stadtklima Stadtplanung Physiotherapie Klimaschutz Raumplanung Wald Logopädie Energietechnik Umwelt#und#Verkehr"
_SAINTS = "Johannes Marien Klara Josef Vitus Liborius Hubertus Agnes Georg Elisabeth Martin Anna Patrick Mary"


def _words(text: str, space: str) -> list[str]:
    return [w.replace(space, " ") for w in text.split()]


_LISTS = {
    "b": _words(_BRANDS, "%"),
    "o": _words(_PLACES, "%"),
    "e": _words(_TOPICS, "#"),
    "g": _words(_FACHS, "#"),
    "f": _words(_SAINTS, "#"),
}
_ALL = [form for line in _FORMS.strip().splitlines() for form in line.split("|")]


def house(surname: str, other: str, random: Random) -> str:
    """One institution, some named after these surnames."""
    form = random.choice(_ALL)
    names = {"s": surname, "s2": other}
    return re.sub(r"\{(\w+)\}", lambda m: names.get(m[1]) or random.choice(_LISTS[m[1]]), form)
