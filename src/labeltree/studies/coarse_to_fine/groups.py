"""The 3 and 4 groups of CIFAR-100 classes of paper 004: its tables 1 and 3.

Each table is a column per group, without a name, printed in lines of several classes. The scan kept
every class: the columns' words are these 100 names with spaces for underscores, and nothing else.
What it lost are commas at the ends of lines ("beaver" and "bee", "chair" and "cloud", "man" and
"mouse" meet without one), and table 1's caption: "'I'ahla 1. ('Aarga Clacede distribution" is read
as "Table 1: Coarse classes distribution". The order of the classes is the tables'.

The names of the groups are ours, after the text: section 3 tells of "animals (humans, animals,
fish)", "small objects (fruits, vegetables, flowers)" and "large objects (furniture, bridges,
buildings)"; section 3.2 puts "the aquatic animals in a new category and the terrestrial ones of
small dimensions such as reptiles and bugs in the category of small objects". The tables do not
quite do that, and are taken as they are: the worm is a small object among three groups already;
among four, the beetle, the lizard and the mouse are with the land animals.

The groups are not made of superclasses: three groups divide two of the 20 (household electrical
devices and non-insect invertebrates), four divide five (also insects, reptiles and aquatic
mammals).
"""

THREE_GROUPS: dict[str, tuple[str, ...]] = {
    "small_objects": (
        "apple", "bottle", "bowl", "can", "clock", "cup", "keyboard", "lamp", "orange",
        "orchid", "mushroom", "pear", "plate", "poppy", "rose", "sunflower", "sweet_pepper",
        "telephone", "tulip", "worm",
    ),
    "animals": (
        "aquarium_fish", "baby", "bear", "beaver", "bee", "beetle", "boy", "butterfly", "camel",
        "caterpillar", "cattle", "chimpanzee", "cockroach", "crab", "crocodile", "dinosaur",
        "dolphin", "elephant", "flatfish", "fox", "girl", "hamster", "kangaroo", "leopard",
        "lion", "lizard", "lobster", "man", "mouse", "otter", "porcupine", "possum", "rabbit",
        "raccoon", "ray", "seal", "shark", "shrew", "skunk", "snail", "snake", "spider",
        "squirrel", "tiger", "trout", "turtle", "whale", "wolf", "woman",
    ),
    "large_objects": (
        "bed", "bicycle", "bridge", "bus", "castle", "chair", "cloud", "couch", "forest",
        "house", "lawn_mower", "maple_tree", "motorcycle", "mountain", "oak_tree", "palm_tree",
        "pickup_truck", "pine_tree", "plain", "road", "rocket", "sea", "skyscraper",
        "streetcar", "table", "tank", "television", "tractor", "train", "wardrobe",
        "willow_tree",
    ),
}  # fmt: skip

FOUR_GROUPS: dict[str, tuple[str, ...]] = {
    "small_objects": (
        "apple", "bee", "bottle", "bowl", "butterfly", "can", "caterpillar", "clock",
        "cockroach", "cup", "keyboard", "lamp", "orange", "orchid", "mushroom", "pear", "plate",
        "poppy", "rose", "snail", "snake", "spider", "sunflower", "sweet_pepper", "telephone",
        "tulip", "worm",
    ),
    "land_animals": (
        "baby", "bear", "beaver", "beetle", "boy", "camel", "cattle", "chimpanzee", "dinosaur",
        "elephant", "fox", "girl", "hamster", "kangaroo", "leopard", "lion", "lizard", "man",
        "mouse", "porcupine", "possum", "rabbit", "raccoon", "shrew", "skunk", "squirrel",
        "tiger", "wolf", "woman",
    ),
    "large_objects": (
        "bed", "bicycle", "bridge", "bus", "castle", "chair", "cloud", "couch", "forest",
        "house", "lawn_mower", "maple_tree", "motorcycle", "mountain", "oak_tree", "palm_tree",
        "pickup_truck", "pine_tree", "plain", "road", "rocket", "sea", "skyscraper", "tractor",
        "train", "wardrobe", "streetcar", "table", "tank", "television", "willow_tree",
    ),
    "aquatic_animals": (
        "aquarium_fish", "crab", "crocodile", "dolphin", "flatfish", "lobster", "otter", "ray",
        "seal", "shark", "trout", "turtle", "whale",
    ),
}  # fmt: skip
