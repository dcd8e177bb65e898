"""Makes records of people with the slips that keyboards and forms make, and says which of them are of one person. Seeded: the same call makes the same
records.

The slips are those of Christen's generator (Christen and Pudjijono, PAKDD 2009): a letter more, less, changed or exchanged with its neighbour, a
field left out, names in each other's place, another way to write a date, a move to another address.
"""
import random

SYLLABLES = ["an", "bel", "cor", "dan", "el", "fer", "gra", "hol", "is", "jor", "kal", "lin", "mar", "nor", "ol", "pet", "quin", "ros", "sal", "tor", "ul", "vin", "wes", "yas", "zel"]
STREETS = ["street", "road", "avenue", "place", "lane", "drive", "court", "crescent"]
SHORT = {"street": "st", "road": "rd", "avenue": "ave", "place": "pl", "lane": "ln", "drive": "dr", "court": "ct", "crescent": "cres"}
FIELDS = ["id", "first_name", "last_name", "street", "city", "postcode", "date_of_birth", "phone", "email"]


def people(count, seed=7, duplicates=0.4):
    """Returns rows of FIELDS and for each id the person it is. About `duplicates` of the rows are second or third records of someone."""
    draw = random.Random(seed)
    first = [name(draw, 2) for _ in range(400)]
    last = [name(draw, 3) for _ in range(3000)]
    cities = [(name(draw, 3), f"{10000 + 37 * at}") for at in range(300)]
    rows, persons = [], {}
    while len(rows) < count:
        person = len(persons)
        own = original(draw, first, last, cities)
        copies = 1
        while draw.random() < duplicates and copies < 5:
            copies += 1
        for copy in range(min(copies, count - len(rows))):
            row = own if copy == 0 else slipped(draw, own, cities)
            identity = f"r{len(rows)}"
            rows.append([identity, *row])
            persons[identity] = person
    draw.shuffle(rows)
    return rows, persons


def name(draw, parts):
    return "".join(draw.choice(SYLLABLES) for _ in range(draw.randint(2, parts)))


def zipf(draw, values):
    """Few are common and most are rare, as with names."""
    return values[int(len(values) * draw.random() ** 2.5)]


def original(draw, first, last, cities):
    given, family = zipf(draw, first), zipf(draw, last)
    city, postcode = zipf(draw, cities)
    street = f"{draw.randint(1, 200)} {zipf(draw, last)} {draw.choice(STREETS)}"
    born = f"{draw.randint(1940, 2005)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
    phone = f"0{draw.randint(20, 99)} {draw.randint(1000000, 9999999)}"
    return [given, family, street, city, postcode, born, phone, f"{given}.{family}{draw.randint(1, 99)}@{draw.choice(['mail', 'post', 'web'])}.example"]


def slipped(draw, row, cities):
    row = list(row)
    for _ in range(draw.randint(1, 4)):
        kind = draw.random()
        at = draw.randrange(len(row))
        if kind < 0.25:
            row[at] = ""
        elif kind < 0.35:
            row[0], row[1] = row[1], row[0]
        elif kind < 0.45:
            row[2] = " ".join(SHORT.get(word, word) for word in row[2].split())
        elif kind < 0.5:
            row[3], row[4] = draw.choice(cities)
            row[2] = f"{draw.randint(1, 200)} {row[1] or 'main'} {draw.choice(STREETS)}"
        elif kind < 0.55 and row[5].count("-") == 2:
            year, month, day = row[5].split("-")
            row[5] = f"{day}.{month}.{year}"
        else:
            row[at] = typo(draw, row[at])
    return row


def typo(draw, text):
    if len(text) < 2:
        return text
    at = draw.randrange(len(text) - 1)
    letter = draw.choice("abcdefghijklmnopqrstuvwxyz") if text[at].isalpha() else draw.choice("0123456789")
    return draw.choice([text[:at] + text[at + 1:], text[:at] + letter + text[at:], text[:at] + letter + text[at + 1:], text[:at] + text[at + 1] + text[at] + text[at + 2:]])
