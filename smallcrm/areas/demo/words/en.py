"""A packaging maker in Yorkshire and the small-town trade it sells to."""

from __future__ import annotations

import random

from smallcrm.areas.demo.words import Firm, Person, Place, Words, lines, pairs, places
from smallcrm.areas.demo.words.en_texts import TEXTS

SURNAMES = [
    "Arkwright",
    "Holroyd",
    "Fenwick",
    "Varley",
    "Leckie",
    "Marsh",
    "Calder",
    "Finch",
    "Okafor",
    "Reid",
    "Lindqvist",
    "Crane",
    "Kettle",
    "Ackroyd",
    "Barraclough",
    "Battye",
    "Beaumont",
    "Binns",
    "Blackburn",
    "Booth",
    "Bradley",
    "Briggs",
    "Broadbent",
    "Brook",
    "Burnley",
    "Clegg",
    "Cockcroft",
    "Crabtree",
    "Crowther",
    "Dawson",
    "Denby",
    "Dyson",
    "Eastwood",
    "Ellis",
    "Farrar",
    "Firth",
    "Garside",
    "Gledhill",
    "Greenwood",
    "Haigh",
    "Hainsworth",
    "Hanson",
    "Hartley",
    "Helliwell",
    "Hepworth",
    "Hinchliffe",
    "Hirst",
    "Hobson",
    "Holdsworth",
    "Horsfall",
    "Illingworth",
    "Ingham",
    "Jagger",
    "Jowett",
    "Kaye",
    "Kershaw",
    "Lister",
    "Lockwood",
    "Lumb",
    "Mallinson",
    "Midgley",
    "Mitchell",
    "Moorhouse",
    "Murgatroyd",
    "Naylor",
    "Normanton",
    "Nutter",
    "Oldroyd",
    "Ormerod",
    "Pickles",
    "Priestley",
    "Quarmby",
    "Ramsden",
    "Rawson",
    "Rhodes",
    "Rushworth",
    "Sagar",
    "Schofield",
    "Shackleton",
    "Sharples",
    "Shaw",
    "Smithies",
    "Stansfield",
    "Stott",
    "Sugden",
    "Sunderland",
    "Sutcliffe",
    "Sykes",
    "Tattersall",
    "Thackray",
    "Thornton",
    "Turnbull",
    "Uttley",
    "Wadsworth",
    "Walshaw",
    "Whiteley",
    "Wilkinson",
    "Wormald",
    "Patel",
    "Hussain",
    "Begum",
    "Kowalska",
    "Nowak",
    "Adeyemi",
    "Singh",
    "Kaur",
    "Mensah",
    "O'Neill",
    "Macleod",
    "Pritchard",
    "Bevan",
    "Penrose",
    "Tregenza",
    "Trelawney",
    "Fairweather",
    "Appleyard",
    "Hardcastle",
    "Sowerby",
    "Metcalfe",
    "Raistrick",
    "Lumley",
    "Dent",
    "Alderson",
    "Peacock",
    "Kirkbride",
    "Ridley",
    "Charlton",
    "Milburn",
    "Dodd",
    "Robson",
    "Elliot",
    "Nixon",
    "Armstrong",
]
GIVEN = [
    "Denise",
    "Tom",
    "Anne",
    "Callum",
    "Idris",
    "Rosa",
    "Bob",
    "Joanne",
    "Helen",
    "Peter",
    "Susan",
    "Mark",
    "Karen",
    "David",
    "Alison",
    "Ian",
    "Claire",
    "Stephen",
    "Fiona",
    "Graham",
    "Nicola",
    "Neil",
    "Tracey",
    "Keith",
    "Sarah",
    "Paul",
    "Emma",
    "Simon",
    "Ruth",
    "Martin",
    "Jill",
    "Andrew",
    "Beth",
    "Colin",
    "Lucy",
    "Craig",
    "Hannah",
    "Darren",
    "Megan",
    "Gareth",
    "Priya",
    "Imran",
    "Aisha",
    "Sanjay",
    "Agnieszka",
    "Piotr",
    "Chidi",
    "Ngozi",
    "Yusuf",
    "Leah",
    "Oliver",
    "Grace",
    "Harry",
    "Ella",
    "Jack",
    "Molly",
    "Alfie",
    "Daisy",
    "Ivy",
    "Wilf",
    "Edith",
    "Stanley",
    "Mabel",
    "Rowan",
    "Seren",
    "Dylan",
    "Morag",
    "Hamish",
    "Isla",
    "Ewan",
    "Niamh",
    "Declan",
    "Siobhan",
    "Owen",
    "Freya",
    "Toby",
    "Zara",
    "Marcus",
    "Naomi",
    "Felix",
]
TRADES = pairs("""
Bakeries | Bakery
Bakehouse | Bakery
Dairy | Dairy
Creamery | Dairy
Cheese | Dairy
Tea | Food and drink
Coffee Roasters | Food and drink
Preserves | Food and drink
Chocolates | Food and drink
Brewery | Brewery
Cider | Brewery
Gin | Brewery
Smokehouse | Food and drink
Fisheries | Food and drink
Butchers | Food and drink
Farm Shop | Food and drink
Garden Centres | Garden
Nurseries | Garden
Seeds | Garden
Candles | Crafts
Pottery | Crafts
Stationery | Stationery
Printers | Printing
Bookshops | Retail
Toys | Retail
Outfitters | Clothing
Knitwear | Clothing
Mills | Textiles
Woollens | Textiles
Upholstery | Furniture
Joinery | Furniture
Kitchens | Furniture
Ironmongers | Hardware
Hardware | Hardware
Cycles | Retail
Saddlery | Crafts
Soap | Cosmetics
Cosmetics | Cosmetics
Apothecary | Cosmetics
Pet Foods | Pet supplies
Wholesale | Wholesale
Cash & Carry | Wholesale
Catering Supplies | Wholesale
Removals | Services
Opticians | Health
Vitamins | Health
Tiles | Building
Paints | Building
Timber | Building
Electricals | Electrical
Lighting | Electrical
Instruments | Music
Chandlery | Marine
Florists | Garden
Ceramics | Crafts
Glassworks | Crafts
Clocks | Crafts
Hampers | Food and drink
""")
PLACES = places("""
Leeds | West Yorkshire | LS | 0113 496 | 14
Bradford | West Yorkshire | BD | 01632 960 | 9
Halifax | West Yorkshire | HX | 01632 961 | 6
Huddersfield | West Yorkshire | HD | 01632 962 | 6
Wakefield | West Yorkshire | WF | 01632 963 | 4
York | North Yorkshire | YO | 01632 964 | 8
Harrogate | North Yorkshire | HG | 01632 965 | 5
Whitby | North Yorkshire | YO | 01632 966 | 3
Skipton | North Yorkshire | BD | 01632 967 | 3
Scarborough | North Yorkshire | YO | 01632 968 | 3
Ripon | North Yorkshire | HG | 01632 969 | 2
Hull | East Yorkshire | HU | 01632 970 | 5
Beverley | East Yorkshire | HU | 01632 971 | 2
Sheffield | South Yorkshire | S | 0114 496 | 7
Doncaster | South Yorkshire | DN | 01632 972 | 3
Barnsley | South Yorkshire | S | 01632 973 | 3
Manchester | Greater Manchester | M | 0161 496 | 8
Rochdale | Greater Manchester | OL | 01632 974 | 3
Lancaster | Lancashire | LA | 01632 975 | 3
Burnley | Lancashire | BB | 01632 976 | 3
Kendal | Cumbria | LA | 01632 977 | 2
Carlisle | Cumbria | CA | 01632 978 | 2
Newcastle | Tyne and Wear | NE | 0191 498 | 5
Durham | County Durham | DH | 01632 979 | 2
Darlington | County Durham | DL | 01632 980 | 2
Lincoln | Lincolnshire | LN | 01632 981 | 3
Nottingham | Nottinghamshire | NG | 0115 496 | 4
Derby | Derbyshire | DE | 01632 982 | 3
Buxton | Derbyshire | SK | 01632 983 | 1
Edinburgh | Lothian | EH | 0131 496 | 3
""")
LOCAL = [
    "Pennine",
    "Moorside",
    "Dales",
    "Whitby",
    "Ribble",
    "Wharfe",
    "Calder",
    "Aire",
    "Nidd",
    "Swale",
    "Ouse",
    "Humber",
    "Wolds",
    "Holme",
    "Saltaire",
    "Ilkley",
    "Otley",
    "Hebden",
    "Todmorden",
    "Haworth",
    "Oakroyd",
    "Papermoon",
    "Tidewater",
    "Brackenhill",
    "Millstone",
    "Northgate",
    "Southgate",
    "Eastgate",
    "Westgate",
    "Riverside",
    "Hillside",
    "Old+Town",
    "Castle",
    "Abbey",
    "Priory",
    "Minster",
    "Beck",
    "Fell",
    "Tarn",
    "Heather",
    "Bramble",
    "Kingfisher",
    "Curlew",
    "Plover",
    "Lapwing",
    "Red+Kite",
    "Black+Sheep",
    "White+Rose",
    "Blue+Door",
    "Copper+Kettle",
    "Iron+Bridge",
    "Silver+Birch",
    "Golden+Fleece",
    "Green+Lane",
    "Long+Acre",
    "Three+Peaks",
    "Two+Rivers",
    "Seven+Arches",
]
STREETS = """High Street|Market Place|Station Road|Mill Lane|Church Street|Victoria Road|Canal Wharf|Dean Clough|Albert Mills|Bridge Street|
North Parade|Kirkgate|Briggate|Westgate|Northgate|Park Row|Low Lane|Moor Road|Town End|Chapel Hill|Priory Park|Riverside Business Park|
Holme Industrial Estate|Sovereign Way|Enterprise Court|Beck Side|Wharf Street|Carr Lane|Whitehall Road|Thornes Lane""".replace(
    "\n", ""
).split("|")


def _name_of_firm(rng: random.Random, trade: str) -> str:
    surname, local = rng.choice(SURNAMES), rng.choice(LOCAL).replace("+", " ")
    form = rng.random()
    if form < 0.22:
        return f"{surname} {trade}"
    if form < 0.34:
        return f"{surname} & {rng.choice(('Sons', 'Daughters', 'Sons', 'Co'))} {trade}"
    if form < 0.55:
        return f"{local} {trade}"
    if form < 0.72:
        return f"{surname} & {rng.choice(SURNAMES)} {trade}"
    if form < 0.84:
        return f"The {local} {trade} Company"
    return f"{rng.choice(GIVEN)} {surname} {trade}" + rng.choice((" Ltd", "", " Ltd", ""))


def firm(rng: random.Random) -> Firm:
    """A firm in a small-town trade."""
    trade, industry = rng.choice(TRADES)
    name = _name_of_firm(rng, trade)
    return Firm(name, name.removeprefix("The ").removesuffix(" Ltd").removesuffix(" Company"), industry)


def person(rng: random.Random) -> Person:
    """Somebody who works there."""
    given, surname = rng.choice(GIVEN), rng.choice(SURNAMES)
    return Person(f"{given} {surname}", f"{given}.{surname}", f"Dear {given}", surname)


def street(rng: random.Random) -> str:
    """A street and number."""
    where = rng.choice(STREETS)
    return f"{'Unit ' if 'Park' in where or 'Estate' in where else ''}{rng.randint(1, 148)} {where}"


def postcode(rng: random.Random, place: Place) -> str:
    """A postcode of the town."""
    return f"{place.postcode}{rng.randint(1, 19)} {rng.randint(1, 9)}{rng.choice('ABDEFGHJLNPQRSTUWXYZ')}{rng.choice('ABDEFGHJLNPQRSTUWXYZ')}"


def phone(rng: random.Random, place: Place) -> str:
    """A number kept for stories where there are such, else one of the right shape."""
    if place.dial.startswith("01632"):
        return f"01632 9{rng.randint(60, 89)}{rng.randint(0, 999):03d}"
    return f"{place.dial} {rng.randint(0, 9999):04d}"


def mobile(rng: random.Random) -> str:
    """A mobile number in a block kept for stories, and around it."""
    return f"07700 9{rng.randint(0, 99999):05d}"


def tax_number(rng: random.Random) -> str:
    """A VAT number whose check digits are right."""
    digits = [rng.randint(1, 9), *(rng.randint(0, 9) for _ in range(6))]
    check = sum(digit * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True)) % 97
    return f"GB{''.join(map(str, digits))}{97 - check:02d}"


def duplicate(name: str) -> str:
    """The firm as a colleague typed it."""
    return name.upper() if len(name) % 2 else f"{name.removesuffix(' Ltd')} Limited"


WORDS = Words(
    language="en",
    company="Calder & Finch",
    country="GB",
    country_name="United Kingdom",
    currency="GBP",
    timezone="Europe/London",
    address="http://crm.calder-finch.example:8070",
    staff={
        "owner": ("Joanne Marsh", "Managing director"),
        "manager": ("Peter Holroyd", "Head of sales"),
        "sales1": ("Claire Varley", "Account manager"),
        "sales2": ("Imran Hussain", "Account manager"),
        "sales3": ("Tom Ackroyd", "Sales"),
        "sales4": ("Niamh O'Neill", "Account manager"),
        "sales5": ("Gareth Bevan", "Sales"),
        "sales6": ("Priya Patel", "Sales"),
        "service": ("Ruth Sugden", "Customer service"),
        "marketing": ("Felix Adeyemi", "Marketing"),
        "viewer": ("Keith Broadbent", "Accountant"),
    },
    teams=("Sales", "Yorkshire", "North and Midlands"),
    pools=("Open customers", "Trade counter"),
    places=PLACES,
    firm=firm,
    person=person,
    street=street,
    postcode=postcode,
    phone=phone,
    mobile=mobile,
    tax_number=tax_number,
    tax_offices=(),
    banks=(),
    invoice_kind="",
    duplicate=duplicate,
    jobs=pairs("""
Buyer | Decides
Purchasing manager | Decides
Owner | Decides
Managing director | Decides
Packing floor manager | Uses it
Production manager | Uses it
Warehouse supervisor | Uses it
Accounts payable | Pays
Finance director | Pays
Brand manager | Checks
Quality manager | Checks
Assistant | Opens doors
"""),
    sources=("Trade fair", "Referral", "Website", "Cold call", "Old customer", "Trade directory", "Newsletter"),
    statuses=("New", "Active", "Growing", "Quiet", "Lost"),
    tags=lines(
        "fair 2025\nfair 2026\nframe contract\nseasonal\nexport\nfood grade\nrecycled only\nnewsletter\npays late\nreference"
    ),
    products=lines("""
shelf-ready trays
printed mailers
kraft cartons
compostable trays
gift boxes
400 gsm board
pallet boxes
bottle carriers
tissue paper
printed tape
window boxes
paper bags
egg boxes
tea tins
moulded inserts
"""),
    colleagues=("Tom in the print room", "the warehouse", "Ruth", "accounts", "the Halifax plant"),
    **TEXTS,
)
