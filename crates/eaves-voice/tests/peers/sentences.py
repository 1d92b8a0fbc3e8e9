"""Sentences of the public English intents, and what the reference makes of them.

Writes one JSON document: the data, what is known around, the lists of a small household, and for a sample of the
sentences of each template, the intent and slots that the reference library recognises.
"""

import json
import random
import sys

from hassil import Intents, recognize_best
from hassil.intents import TextSlotList
from hassil.parse_expression import parse_sentence
from hassil.sample import sample_sentence
from home_assistant_intents import get_intents

PER_TEMPLATE = 1
random.seed(7)
data = get_intents("en")

names = [
    ("bedroom lamp", "light", "bedroom"),
    ("kitchen light", "light", "kitchen"),
    ("ceiling fan", "fan", "living room"),
    ("front door", "lock", "hall"),
    ("garage door", "cover", "garage"),
    ("left curtain", "cover", "bedroom"),
    ("party", "scene", None),
    ("good night", "script", None),
    ("tv", "media_player", "living room"),
    ("rover", "vacuum", "hall"),
    ("thermostat", "climate", "hall"),
    ("shopping", "todo", None),
    ("outside temperature", "sensor", None),
    ("Alice", "person", None),
    ("home forecast", "weather", None),
    ("mower", "lawn_mower", None),
    ("coffee machine", "switch", "kitchen"),
    ("water valve", "valve", None),
    ("smoke", "binary_sensor", None),
]
areas = ["kitchen", "living room", "bedroom", "garage", "hall"]
floors = ["ground floor", "first floor"]


def values(items):
    return {"values": [{"in": text, "out": out, "context": context} for text, out, context in items]}


lists = {
    "name": values([(name, name, {"domain": domain}) for name, domain, _ in names]),
    "area": values([(area, area, {}) for area in areas]),
    "floor": values([(floor, floor, {}) for floor in floors]),
}
data["lists"].update(lists)
around = {"area": "kitchen"}
intents = Intents.from_dict(data)
fillers = ["milk", "the blue danube", "dinner is ready", "pizza"]


def fill(sentence):
    """Wildcards come out as their names in braces."""
    for slot_list in data["lists"]:
        while "{" + slot_list + "}" in sentence:
            sentence = sentence.replace("{" + slot_list + "}", random.choice(fillers), 1)
    return sentence


def recognised(text):
    found = recognize_best(text, intents, intent_context=dict(around), language="en", best_slot_name="name")
    if found is None:
        return None
    slots = {entity.name: entity.value for entity in found.entities_list}
    return {"intent": found.intent.name, "slots": slots}


def names_for(block):
    """The names that the block is about; all when it does not say, or none of this household is."""
    wanted = block.get("requires_context", {}).get("domain")
    wanted = wanted.get("value") if isinstance(wanted, dict) else wanted
    wanted = wanted if isinstance(wanted, list) else [wanted]
    every = intents.slot_lists["name"].values
    some = [value for value in every if value.context["domain"] in wanted]
    return TextSlotList(name="name", values=some or every)


def samples(template, block):
    expression = parse_sentence(template)
    out = []
    seen = 0
    # A template may stand for millions of sentences: some of the first hundred.
    slot_lists = {**intents.slot_lists, "name": names_for(block)}
    for text in sample_sentence(
        expression, slot_lists=slot_lists, expansion_rules=intents.expansion_rules, language="en"
    ):
        seen += 1
        if len(out) < PER_TEMPLATE:
            out.append(text)
        elif random.random() < PER_TEMPLATE / seen:
            out[random.randrange(PER_TEMPLATE)] = text
        if seen >= 100:
            break
    return out


cases = []
for intent in data["intents"].values():
    for block in intent["data"]:
        for template in block["sentences"]:
            for text in samples(template, block):
                text = fill(text)
                cases.append({"text": text, "template": template, "expected": recognised(text)})

other = ["what a nice day", "garage door", "kitchen", "turn", "the", "one hundred", "please", "I would like to go home"]
cases += [{"text": text, "template": None, "expected": recognised(text)} for text in other]
json.dump({"data": data, "around": around, "cases": cases}, sys.stdout)
