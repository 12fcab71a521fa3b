"""What 100,000 labels are: kind, reason, place, key and elements of each."""

from dice import Dice
from labels import any_label
from protocol.codes import Classifier

classifier = Classifier()
dice = Dice(20_261_122)
for _ in range(100_000):
    symbology, data = any_label(dice)
    code = classifier.code(symbology, data)
    for one in (code,) + code.readings:
        elements = b"|".join([ai + value for ai, value in one.elements])
        label = symbology + b"|" + data + b"|" + elements
        print(label.hex(), one.kind, one.reason, one.at, one.key.hex())
