"""What paper 001 measured, and how its text is read.

Each figure of table 1 is of one training. What the paper leaves open, or tells in two ways:

- **Optimiser and loss** (3.1) are not named. Read as Adam and cross-entropy: a learning rate of
  0.0002 is usual for Adam, while plain SGD with it would not bring VGG-16, which has no batch norm,
  far in 6 epochs; and figure 1's loss of 0.164 at 94.8 % fits a cross-entropy.
- **"Loaded as a Pytorch model"** (3.1) does not tell whether with ImageNet weights. Read as from
  scratch: 24 to 37 % of Tiny-ImageNet, a part of ImageNet, are far below what such weights give.
- **"An extra fully connected layer"** (3.1) with an output for each class: read as one that follows
  the network's own layer of 1,000 outputs and does not replace it (`+fc1000`).
- **Inception-v3 has "the smallest weights"** (3.1 b): true only without its auxiliary classifier.
  With 1,000 outputs it has 27.2 million with it and 23.8 without; ResNet-50 has 25.6, VGG-16 138.4.
- **Inception-v3 "trained quickly", ResNet-50 "generally the quickest"** (3.1 b, c), "significantly
  faster than the other models" (5): read as ResNet-50 fastest. No test stands behind it.
- **Figure 1** shows 1,000 batches in 1,166 s and "Epoch 1 of 25". 1,000 batches of 100 are
  Tiny-ImageNet's 100,000 images (0.94795 of them is a whole number, of CIFAR-10's 50,000 it is
  not), 25 epochs are CIFAR-10's, and 94.8 % is no first epoch's. Perhaps a training that goes on;
  nothing here rests on it.
- **"Normalised"** (3.3) does not tell by what: here by mean and standard deviation of the training
  images.
- **"Validation set"** (4.2): the official test sets of MNIST and CIFAR-10, for no other images are
  told to be set aside; of Tiny-ImageNet the official validation images, for its test labels were
  never published. Here these images are the test split. Our curves of validation accuracy are of
  training images that are held out, so that we train on a few percent fewer.
- **"Closely followed by ResNet 50"** (4.2): by 0.0 and 0.6 points on MNIST and CIFAR-10. On
  Tiny-ImageNet table 1 has 7.6, so the claim is not taken for it.
- **Figure 3's** caption says CIFAR-10; it is cited and placed for MNIST (4.2.1).
- **"Class 1 (aeroplane)"** (4.2.2): section 3.2 counts from 0, its class 1 is the automobile. The
  number fits "often misclassified as 9 (truck)", the name "aeroplane and trucks are both vehicles".
  Only what is said of cat and dog, whose numbers fit, is judged.
- **Figure 5** is cited for Tiny-ImageNet (4.3); figure 7 is meant. It has no times, so that nothing
  is claimed of the speed on Tiny-ImageNet.
- **"Yorkshire retriever"** (4.3): a terrier.
- **VGG-16 "perhaps overfits more"** (5), since its training accuracy is the highest and its
  validation accuracy the lowest: read as the largest difference of the two.
"""

from __future__ import annotations

from dataclasses import dataclass

PAPER = (
    "Deeper Networks for Image Classification, coursework of ECS 795P, Deep Learning and Computer "
    "Vision (paper 001)"
)

MNIST, CIFAR, TINY = "mnist", "cifar10", "tiny-imagenet"
VGG, INCEPTION, RESNET = "vgg16", "inception_v3", "resnet50"

DATA = {MNIST: "MNIST", CIFAR: "CIFAR-10", TINY: "Tiny-ImageNet"}
"""What the paper calls them."""


@dataclass(frozen=True)
class PaperNetwork:
    """One of the three networks.

    Attributes:
        title: what the paper calls it.
        backbone: what it is here.
        side: of its images in pixels (section 3.3).
    """

    title: str
    backbone: str
    side: int


NETWORKS = {
    VGG: PaperNetwork("VGG-16", "torchvision:vgg16+fc1000", 224),
    INCEPTION: PaperNetwork("Inception-v3", "torchvision:inception_v3+aux+fc1000", 299),
    RESNET: PaperNetwork("ResNet-50", "torchvision:resnet50+fc1000", 224),
}
"""In the order of table 1."""

TABLE_1: dict[tuple[str, str], tuple[float, float]] = {
    (MNIST, VGG): (0.9916, 1.0000),
    (MNIST, INCEPTION): (0.9923, 0.9999),
    (MNIST, RESNET): (0.9923, 0.9999),
    (CIFAR, VGG): (0.7878, 0.9810),
    (CIFAR, INCEPTION): (0.8141, 0.9881),
    (CIFAR, RESNET): (0.8081, 0.9899),
    (TINY, VGG): (0.2458, 0.4829),
    (TINY, INCEPTION): (0.3669, 0.6201),
    (TINY, RESNET): (0.2906, 0.5557),
}
"""Top-1 and top-5 accuracy."""

EPOCHS = {MNIST: 6.0, CIFAR: 25.0, TINY: 30.0}
"""Sections 3.2 a, b, c."""

LEARNING_RATE = 0.0002
BATCH = 100

AUXILIARY_PARAMETERS = 3_326_696
"""Weights of Inception-v3's auxiliary classifier, which only training uses."""
