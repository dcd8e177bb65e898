"""Makes records of other kinds than people, of two sources each, and says which of them are one: products, publications, companies and songs. Seeded.

Each kind has the traps of its public relatives: products of one family that differ in a code, editorials of one title, companies of a common name, songs with
a live version.
"""
import random

BRANDS = ["Sony", "Panasonic", "Canon", "Nikon", "Samsung", "LG", "Bose", "Garmin", "Philips", "JVC", "Kenwood", "Pioneer", "Whirlpool", "Bosch", "Netgear", "Linksys"]
GOODS = [
    ("LCD HDTV", ["720p", "1080p", "widescreen", "120Hz"], ["19", "22", "26", "32", "37", "40", "46", "52"]),
    ("Digital Camera", ["optical zoom", "image stabilisation", "7.1 megapixel", "10 megapixel"], ["black", "silver", "red", "blue"]),
    ("Headphones", ["noise cancelling", "over ear", "in ear", "wireless"], ["black", "white"]),
    ("Receiver", ["7.1 channel", "HDMI switching", "Dolby TrueHD", "multi-zone"], ["black", "silver"]),
    ("Refrigerator", ["energy star", "ice maker", "side by side", "counter depth"], ["white", "black", "stainless steel"]),
    ("Wireless Router", ["gigabit", "dual band", "802.11n", "WPA2"], ["blue", "black"]),
    ("Camcorder", ["HDD", "flash memory", "25x zoom", "touch screen"], ["silver", "black"]),
    ("GPS Navigator", ["bluetooth", "text to speech", "traffic", "lane guidance"], ["black", "grey"]),
]
TOPICS = ["query", "index", "transaction", "stream", "graph", "join", "schema", "cache", "view", "workload", "cluster", "replica", "cube", "ontology", "document", "sensor", "spatial", "temporal", "XML", "warehouse"]
WAYS = ["Efficient", "Adaptive", "Scalable", "Incremental", "Approximate", "Distributed", "Robust", "Semantic", "Parallel", "Secure", "Online", "Optimal"]
DEEDS = ["Processing", "Optimization", "Evaluation", "Maintenance", "Mining", "Integration", "Matching", "Estimation", "Recovery", "Partitioning", "Compression", "Ranking"]
PLACES = ["Databases", "Data Streams", "Peer-to-Peer Networks", "Main Memory", "Data Warehouses", "the Web", "Sensor Networks", "Object-Oriented Systems", "Large Clusters", "Mobile Environments"]
GIVEN = ["Hector", "Jennifer", "Michael", "Rakesh", "Surajit", "Jim", "Laura", "David", "Divesh", "Jiawei", "Philip", "Raghu", "Alon", "Dan", "Joseph", "Gerhard", "Elisa", "Sophie", "Timos", "Yannis"]
FAMILY = ["Garvia", "Wittom", "Stonebrake", "Agarval", "Chaudry", "Grey", "Haase", "DeVitt", "Srivasta", "Hann", "Bernstine", "Ramakris", "Halvey", "Suchu", "Hellerstone", "Weykum", "Bertoni", "Cluett", "Sellin", "Ioanides", "Naughten", "Carrey", "Abitebul", "Vianou", "Widmer"]
VENUES = [("SIGMOD Conference", "International Conference on Management of Data"), ("VLDB", "Very Large Data Bases"), ("ACM Trans. Database Syst.", "ACM Transactions on Database Systems (TODS)"), ("SIGMOD Record", "ACM SIGMOD Record"), ("VLDB J.", "The VLDB Journal")]
STEMS = ["Halden", "Brightmere", "Norwyn", "Calver", "Estmark", "Quillon", "Verrault", "Oster", "Lindq", "Redfern", "Sable", "Thornbeck", "Umbrecht", "Valdora", "Yarrow", "Zellhorst", "Ambros", "Birkfeld", "Corvane", "Dunmarsh", "Elder", "Fjord", "Greywick", "Ivory", "Juniper", "Kestrel", "Larkhall", "March", "Nimbrook", "Oakens"]
TRADES = ["Robotics", "Analytics", "Systems", "Logistics", "Foods", "Brewing", "Health", "Pharma", "Capital", "Energy", "Textiles", "Media", "Construction", "Telecom", "Plastics", "Consulting"]
COMMON = ["Global Solutions", "First National Bank", "Smith Consulting", "Premier Services", "City Dental Care", "National Logistics"]
FORMS = [("GmbH", "GmbH"), ("Inc", "Incorporated"), ("Ltd", "Limited"), ("Corp", "Corporation"), ("LLC", "L.L.C."), ("SA", "S.A.")]
CITIES = [("Berlin", "Germany", "+49 30"), ("Munich", "Germany", "+49 89"), ("London", "United Kingdom", "+44 20"), ("Leeds", "United Kingdom", "+44 113"), ("Austin", "United States", "+1 512"), ("Chicago", "United States", "+1 312"), ("Lyon", "France", "+33 4"), ("Madrid", "Spain", "+34 91")]
SONG_WORDS = ["Love", "Night", "Fire", "River", "Heart", "Dream", "Dance", "Rain", "Light", "Road", "Gold", "Summer", "Ghost", "Blue", "Wild", "Home", "Crazy", "Stay", "Run", "Forever"]
ARTISTS = ["The Larks", "Mira Vale", "Kid Ember", "DJ Sable", "Oakenshaw", "Nova & The Tides", "Tom Redfern", "Elif Starr", "Silver Pines", "Juno Grey", "The Quills", "Rafael Moon"]
GENRES = ["Pop", "Rock", "Hip-Hop/Rap", "Country", "Dance"]


def kinds(seed=11):
    """Returns by name: the tables, each with its header first, and the pairs of places in them that are one."""
    return {name: make(random.Random(f"{seed} {name}")) for name, make in [("products", products), ("publications", publications), ("companies", companies), ("songs", songs)]}


def shuffled(draw, header_a, rows_a, header_b, rows_b, same):
    """Gives rows ids that say nothing. `same` has the places of rows that are one."""
    ids = [draw.sample(range(1000, 99999), len(rows)) for rows in (rows_a, rows_b)]
    tables = {}
    for name, header, rows, own in (("left", header_a, rows_a, ids[0]), ("right", header_b, rows_b, ids[1])):
        listed = [[str(identity), *row] for identity, row in zip(own, rows)]
        draw.shuffle(listed)
        tables[name] = [["id", *header], *listed]
    return tables, [(str(ids[0][a]), str(ids[1][b])) for a, b in same]


def products(draw):
    known = []
    for brand in BRANDS:
        for goods, says, variants in draw.sample(GOODS, 5):
            series = "".join(draw.choice("ABCDEFGHKLMNPRSTVX") for _ in range(draw.randint(2, 3)))
            base = draw.randint(10, 99) * 10
            for step in range(draw.randint(2, 4)):
                code = f"{series}{base + step * draw.choice([1, 5, 10])}{draw.choice(['', 'B', 'S', 'E'])}"
                known.append((brand, goods, draw.sample(says, 2), draw.choice(variants), code, draw.randint(40, 2000)))
    unique, seen = [], set()
    for product in known:
        if (product[0], product[4]) not in seen:
            seen.add((product[0], product[4]))
            unique.append(product)
    a, b, same = [], [], []
    for brand, goods, says, variant, code, price in unique:
        where = draw.random()
        if where < 0.8:
            a.append([f"{brand} {variant} {goods} - {code}", f"{brand} {variant} {goods} - {code}/ {says[0]}/ {says[1]}", f"${price}.00" if draw.random() < 0.6 else ""])
        if where > 0.25:
            hyphened = code[:2] + "-" + code[2:] if draw.random() < 0.4 else code
            title = draw.choice([f"{brand} {hyphened} {goods}", f"{brand} {says[0].title()} {goods} ({variant}) {hyphened}", f"{brand} {hyphened} {variant} {says[1].title()} {goods}"])
            b.append([title, f"{says[1]} {variant}" if draw.random() < 0.7 else "", f"${price * draw.choice([1, 1, 0.95, 0.9]):.2f}" if draw.random() < 0.8 else ""])
        if 0.25 < where < 0.8:
            same.append((len(a) - 1, len(b) - 1))
    header = ["name", "description", "price"]
    return shuffled(draw, header, a, header, b, same)


def publications(draw):
    a, b, same = [], [], []
    for at in range(900):
        if at % 30 == 0:
            title = draw.choice(["Editorial", "Guest Editorial", "Letter from the Editor", "Chair's Message"])
        else:
            title = f"{draw.choice(WAYS)} {draw.choice(TOPICS).title()} {draw.choice(DEEDS)} {draw.choice(['in', 'for', 'over'])} {draw.choice(PLACES)}"
            if draw.random() < 0.3:
                title = f"{draw.choice(TOPICS).upper()}{draw.choice(['Base', 'Net', 'Store'])}: {title}"
        authors = [(draw.choice(GIVEN), draw.choice(FAMILY)) for _ in range(1 if at % 30 == 0 else draw.randint(1, 4))]
        venue, year, where = draw.choice(VENUES), draw.randint(1994, 2003), draw.random()
        if where < 0.75:
            a.append([title + ("." if draw.random() < 0.5 else ""), ", ".join(f"{given} {family}" for given, family in authors), venue[0], str(year)])
        if where > 0.2:
            written = title if draw.random() < 0.7 else title.lower()
            if draw.random() < 0.15 and len(written) > 20:
                place = draw.randrange(5, len(written) - 1)
                written = written[:place] + written[place + 1:]
            cut = authors if draw.random() < 0.85 else authors[:1]
            b.append([written, ", ".join(f"{given[0]}. {family}" if draw.random() < 0.4 else f"{given} {family}" for given, family in cut), venue[1], str(year)])
        if 0.2 < where < 0.75:
            same.append((len(a) - 1, len(b) - 1))
    header = ["title", "authors", "venue", "year"]
    return shuffled(draw, header, a, header, b, same)


def companies(draw):
    names = [f"{stem} {trade}" for stem in STEMS for trade in draw.sample(TRADES, 9)]
    names += [name for name in COMMON for _ in range(8)]
    a, b, same = [], [], []
    for at, name in enumerate(names):
        form, city, where = draw.choice(FORMS), draw.choice(CITIES), draw.random()
        number = f"{draw.randint(1000, 9999)} {draw.randint(100, 999)}"
        label = "".join(name.lower().split())
        domain = f"{label}.example" if name not in COMMON else f"{label}{city[0].lower()}{at}.example"
        if where < 0.75:
            a.append([f"{name} {form[0]}", f"https://www.{domain}" if draw.random() < 0.7 else "", f"{city[2]} {number}" if draw.random() < 0.7 else "", city[0], city[1]])
        if where > 0.2:
            written = draw.choice([f"{name} {form[1]}", name, f"{name.upper()} {form[0].upper()}", f"The {name} {form[0]}"])
            b.append([written, domain if draw.random() < 0.6 else "", f"{city[2]}/{number.replace(' ', '')}" if draw.random() < 0.6 else "", city[0] if draw.random() < 0.8 else "", city[1]])
        if 0.2 < where < 0.75:
            same.append((len(a) - 1, len(b) - 1))
    header = ["company", "website", "phone", "city", "country"]
    return shuffled(draw, header, a, header, b, same)


def songs(draw):
    a, b, same = [], [], []
    for artist in ARTISTS:
        for _ in range(6):
            album = " ".join(draw.sample(SONG_WORDS, 2))
            genre, day = draw.choice(GENRES), (draw.randint(1, 28), draw.choice(["January", "March", "June", "October"]), draw.randint(2005, 2015))
            for _ in range(draw.randint(4, 9)):
                title, time = " ".join(draw.sample(SONG_WORDS, draw.randint(1, 3))), (draw.randint(2, 5), draw.randint(0, 59))
                for version in ([""] if draw.random() < 0.8 else ["", draw.choice([" (Live)", " (Acoustic Version)", " (Radio Edit)"])]):
                    own = time if not version else (time[0] + draw.choice([0, 1]), draw.randint(0, 59))
                    where = draw.random()
                    if where < 0.7:
                        a.append([title + version, artist, album, f"{genre,'Music'}".replace("'", "").strip("()"), f"$ {draw.choice(['0.99', '1.29'])}", f"{own[0]}:{own[1]:02}", f"{day[0]}-{day[1][:3]}-{day[2] % 100:02}"])
                    if where > 0.3:
                        b.append([title + version.replace("(", "[").replace(")", "]") if draw.random() < 0.5 else title + version, artist if draw.random() < 0.8 else f"{artist} feat. {draw.choice(ARTISTS)}", album + (" [Explicit]" if draw.random() < 0.2 else ""), genre, "$1.29", f"{own[0]}:{own[1]:02}", f"{day[1]} {day[0]}, {day[2]}"])
                    if 0.3 < where < 0.7:
                        same.append((len(a) - 1, len(b) - 1))
    header = ["Song_Name", "Artist_Name", "Album_Name", "Genre", "Price", "Time", "Released"]
    return shuffled(draw, header, a, header, b, same)
