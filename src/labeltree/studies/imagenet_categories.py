"""The ten categories of paper 000, section 2.2: its table 6, folder names of ImageNet's classes.

The table stands at the end of the paper, printed sideways: a column per category with its name at
the foot, read here from the foot up. The scan lost the last digit of each id in the topmost row
(`n0428500` under Cars; "8 88 8 6 20 32 34 34 62 )1" in a row above may be what is left of them).
They were restored from ImageNet's list: each of the ten beginnings fits just one of the 1,000 ids.
The names in the comments are those of the packaged tree. By them "Lizards" has salamanders and
newts, "China" an espresso and "Fruits" a bell pepper; the text says "china and cookware" and
"fruits and vegetables".
"""

IMAGENET_CATEGORIES: dict[str, list[str]] = {
    "Cars": [
        "n02701002",  # ambulance
        "n02814533",  # beach wagon
        "n02930766",  # cab
        "n03100240",  # convertible
        "n03594945",  # jeep
        "n03769881",  # minibus
        "n03770679",  # minivan
        "n03930630",  # pickup
        "n03977966",  # police van
        "n04285008",  # sports car
    ],
    "Bugs": [
        "n01773797",  # garden spider
        "n01774384",  # black widow
        "n01775062",  # wolf spider
        "n02165105",  # tiger beetle
        "n02167151",  # ground beetle
        "n02168699",  # long-horned beetle
        "n02174001",  # rhinoceros beetle
        "n02177972",  # weevil
        "n02229544",  # cricket
        "n02233338",  # cockroach
    ],
    "Cats": [
        "n02123045",  # tabby
        "n02123159",  # tiger cat
        "n02123394",  # Persian cat
        "n02123597",  # Siamese cat
        "n02124075",  # Egyptian cat
        "n02127052",  # lynx
        "n02128385",  # leopard
        "n02128757",  # snow leopard
        "n02128925",  # jaguar
        "n02130308",  # cheetah
    ],
    "China": [
        "n03063599",  # coffee mug
        "n03063689",  # coffeepot
        "n03443371",  # goblet
        "n03775546",  # mixing bowl
        "n03786901",  # mortar
        "n03950228",  # pitcher
        "n04398044",  # teapot
        "n04522168",  # vase
        "n07920052",  # espresso
        "n07930864",  # cup
    ],
    "Birds": [
        "n01530575",  # brambling
        "n01531178",  # goldfinch
        "n01532829",  # house finch
        "n01534433",  # junco
        "n01537544",  # indigo bunting
        "n01558993",  # robin
        "n01560419",  # bulbul
        "n01580077",  # jay
        "n01592084",  # chickadee
        "n01828970",  # bee eater
    ],
    "Fruits": [
        "n07720875",  # bell pepper
        "n07742313",  # Granny Smith
        "n07745940",  # strawberry
        "n07747607",  # orange
        "n07749582",  # lemon
        "n07753113",  # fig
        "n07753592",  # banana
        "n07768694",  # pomegranate
        "n12620546",  # hip
        "n12768682",  # buckeye
    ],
    "Furniture": [
        "n02870880",  # bookcase
        "n03014705",  # chest
        "n03016953",  # chiffonier
        "n03018349",  # china cabinet
        "n03125729",  # cradle
        "n03131574",  # crib
        "n03201208",  # dining table
        "n03337140",  # file
        "n04099969",  # rocking chair
        "n04550184",  # wardrobe
    ],
    "Lizards": [
        "n01629819",  # European fire salamander
        "n01630670",  # common newt
        "n01631663",  # eft
        "n01632458",  # spotted salamander
        "n01675722",  # banded gecko
        "n01682714",  # American chameleon
        "n01685808",  # whiptail
        "n01687978",  # agama
        "n01689811",  # alligator lizard
        "n01693334",  # green lizard
    ],
    "Monkeys": [
        "n02483362",  # gibbon
        "n02486261",  # patas
        "n02486410",  # baboon
        "n02487347",  # macaque
        "n02488291",  # langur
        "n02492035",  # capuchin
        "n02492660",  # howler monkey
        "n02493509",  # titi
        "n02493793",  # spider monkey
        "n02494079",  # squirrel monkey
    ],
    "Snakes": [
        "n01728572",  # thunder snake
        "n01728920",  # ringneck snake
        "n01729322",  # hognose snake
        "n01734418",  # king snake
        "n01735189",  # garter snake
        "n01740131",  # night snake
        "n01742172",  # boa constrictor
        "n01753488",  # horned viper
        "n01755581",  # diamondback
        "n01756291",  # sidewinder
    ],
}
"""Ten WordNet ids of each category, in the order of the paper's table."""
