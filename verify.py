#!/usr/bin/env python3
"""Recounts a vote from its public recount file, decides again, and checks every hash.

    python3 verify.py FILE [--receipt RECEIPT]

Needs Python 3.9 or newer and nothing else. Exit 0: everything agrees; the sentences of the result are printed. Exit 1:
the first discrepancy is printed with its place. --receipt (what the voter was given) shows how that vote counted.
The format stands in docs/recount.md. Areas are whole numbers of 0.01 square metres; nothing is ever rounded.
"""

import argparse
import hashlib
import json
import pathlib
import re
import sys

SECTIONS = ("ballot", "roll", "items", "votes", "declared", "result")
NAMES = ("format", *SECTIONS, "hashes", "hash")
PLAIN = ("for", "against", "abstain", "invalid")
GROUPS = {
    "eligible": "应参加", "present": "到会", "participating": "参与表决", "cast": "投票",
    "for_and_against": "同意和反对合计", "for": "同意", "against": "反对", "abstain": "弃权", "invalid": "无效",
}  # fmt: skip
SAID = {"passed": "表决通过", "rejected": "表决未通过", "not_quorate": "未达到法定参与数，本次表决无效"}


class Discrepancy(Exception):
    """Something in the file does not agree; the text says where."""


def need(true, place, problem):
    if not true:
        raise Discrepancy(f"{place}: {problem}")


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha(value):
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def hundredths(text):
    need(isinstance(text, str) and re.fullmatch(r"[0-9]{1,15}\.[0-9]{2}", text), "area", f"{text!r} is not an area")
    return int(text.replace(".", ""))


def area(number):
    return f"{number // 100}.{number % 100:02d}"


def laid_out(value):
    """Return a section as it stands in the file: a list has one record on a line."""
    return "[\n" + ",\n".join(map(canonical, value)) + "\n]" if isinstance(value, list) else canonical(value)


def read(path):
    """Return the document once its layout, its line checks and its hashes hold."""
    try:
        text = pathlib.Path(path).read_bytes().decode()
        document = json.loads(text, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise Discrepancy(f"file: not readable: {error}") from None
    need(isinstance(document, dict) and tuple(document) == NAMES, "file", "not the sections of a recount file")
    need(document["format"] == "wuyi-recount-1", "format", "not known")
    again = "{\n" + ",\n".join(f'"{name}": {laid_out(value)}' for name, value in document.items()) + "\n}\n"
    for place, pair in enumerate(zip([*text.split("\n"), None], [*again.split("\n"), None]), 1):
        need(pair[0] == pair[1], f"line {place}", "not written as a recount file is")
    for name in ("roll", "items", "votes"):
        before = ""
        for number, row in enumerate(document[name]):
            place = f"{name}[{number}]"
            need(isinstance(row, list) and row, place, "not a record")
            before = hashlib.sha256((before + canonical(row[:-1])).encode()).hexdigest()[:16]
            need(row[-1] == before, place, "was changed: its check does not match")
    for name in SECTIONS:
        need(document["hashes"].get(name) == sha(document[name]), name, "was changed: its hash does not match")
    need(document["hash"] == sha(document["hashes"]), "hash", "does not match the hashes of the sections")
    result = dict(document["result"])
    need(result.pop("hash", None) == sha(result), "result.hash", "does not match the result")
    return document


def marks(method, choice, keys, place):
    """Return what a choice adds: pairs of option and amount."""
    if choice[:1] not in ("[", "{"):
        need(choice in keys, place, f"{choice!r} is not an option")
        return [(choice, 1)]
    value = json.loads(choice)
    for key in value:
        need(key in keys and key not in PLAIN, place, f"{key!r} is not an option")
    return (
        list(value.items())
        if isinstance(value, dict)
        else [(key, 1) for key in value][: 1 if method == "ranking" else None]
    )


def count(document):
    """Return {item: (counts by option, participating, invalid, rankings)}; sums are [votes, heads, area]."""
    roll = {row[0]: (row[1], hundredths(row[2])) for row in document["roll"]}
    need(len(roll) == len(document["roll"]), "roll", "somebody stands on it twice")
    need(sha([row[:-1] for row in document["roll"]]) == document["ballot"]["roll_hash"], "roll", "not the frozen roll")
    secret, weights = document["ballot"]["kind"] == "secret", set(roll.values())
    alike = next(iter(weights)) if len(weights) == 1 else (0, 0)
    counted = {}
    for row in document["items"]:
        keys = [key for key, _label in row[4]] + ["invalid"]
        counted[row[0]] = (row[2], keys, {key: [0, 0, 0] for key in keys}, [0, 0, 0], [])
    seen = set()
    for number, (item, voter, choice, receipt, _check) in enumerate(document["votes"]):
        place = f"votes[{number}]"
        need(item in counted, place, "names no item")
        need(secret or voter in roll, place, "names nobody on the roll")
        need((item, receipt) not in seen and (secret or (item, voter) not in seen), place, "stands there twice")
        seen |= {(item, receipt), (item, voter)}
        method, keys, sums, everybody, rankings = counted[item]
        heads, size = alike if secret else roll[voter]
        for key, amount in marks(method, choice, keys, place):
            sums[key] = [a + amount * b for a, b in zip(sums[key], (1, heads, size))]
        if choice != "invalid":
            everybody[:] = [a + b for a, b in zip(everybody, (1, heads, size))]
        if method == "ranking" and choice[:1] == "[":
            rankings.append((json.loads(choice), heads))
    for item, declared in document["declared"].items():
        need(secret and len(weights) > 1, "declared", "sums are declared where they can be counted")
        _method, _keys, sums, everybody, _rankings = counted[item]
        for key, (heads, size) in declared.items():
            (everybody if key == "*" else sums[key])[1:] = [heads, hundredths(size)]
    return {item: (found[2], found[3], found[2].pop("invalid"), found[4]) for item, found in counted.items()}


def chinese(n):
    """Return 1 to 99 in Chinese numerals, larger numbers in digits."""
    (tens, ones), digits = divmod(n, 10), ["", *"一二三四五六七八九"]
    return str(n) if n > 99 else ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + digits[ones]


def reckon(threshold, groups, counts):
    """Return one threshold as it stands in the result, and its clause of the sentence."""
    measure, of, counts = threshold["measure"], threshold.get("of"), threshold.get("counts", counts)

    def amount(group):
        parts = {"cast": ("participating", "invalid"), "for_and_against": ("for", "against")}.get(group, (group,))
        parts = ["participating" if part == "present" and "present" not in groups else part for part in parts]
        return sum(groups[part][measure] for part in parts if part in groups)

    shown = area if measure == "area" else int
    reached, below = amount(counts), threshold.get("below", False)
    name, unit = ("专有部分面积", "平方米") if measure == "area" else ("人数", "人")
    demand = f"{GROUPS[counts]}{name}"
    if threshold.get("at_least") is not None:
        whole, _dot, part = str(threshold["at_least"]).partition(".")
        exact = int(whole) * 100 + int((part + "00")[:2])
        needed, demand = exact if measure == "area" else -(-exact // 100), demand + "须达到规定数"
        short = max(0, needed - reached)
    else:
        inclusive, (over, under) = threshold["inclusive"], map(int, threshold["fraction"].split("/"))
        product, whose = amount(of) * over, f"{GROUPS[of]}{name}"
        bound = "一半" if over * 2 == under else f"{chinese(under)}分之{chinese(over)}"
        if below:
            most = product // under if inclusive else -(-product // under) - 1
            needed, short = max(most, 0), max(0, reached - most)
            demand += f"须{'不超过' if inclusive else '不足'}{whose}的{bound}"
        else:
            needed = -(-product // under) if inclusive else product // under + 1
            short = max(0, needed - reached)
            everyone = f"须为{whose}的全部" if over == under else f"须占{whose}的{bound}以上"
            demand += everyone if inclusive or over == under else f"须超过{whose}的{bound}"
    limit = f"{'至多' if below else '至少'}{shown(needed)}{unit}"
    clause = f"{demand}，{limit}，实际{shown(reached)}{unit}，{'不符合' if short else '符合'}"
    return {"measure": measure, "needed": shown(needed), "reached": shown(reached), "met": not short}, clause


def decide(rule, groups):
    """Return the outcome, what every threshold needed and reached, and the sentence, for numbers by group."""
    quorum = [reckon(t, groups, "participating") for t in rule["quorum"]]
    passing = [reckon(t, groups, "for") for t in rule["pass"]]
    outcome = "rejected"
    if not all(told["met"] for told, _clause in quorum):
        outcome = "not_quorate"
    elif groups["participating"]["heads"] and all(told["met"] for told, _clause in passing):
        outcome = "passed"
    areas = any(t["measure"] == "area" for t in rule["quorum"] + rule["pass"])
    size = {group: f"、{area(held['area'])}平方米" if areas else "" for group, held in groups.items()}
    facts = [f"{GROUPS[group]}{held['heads']}人{size[group]}" for group, held in groups.items()]
    cited = re.sub("^民法典", "《民法典》", rule["article"])
    clauses = "；".join(clause for _told, clause in quorum + passing)
    sentence = f"{'，'.join(facts)}。{clauses}。依据{cited}，{SAID[outcome]}。"
    return {"outcome": outcome, "told": [told for told, _clause in quorum + passing], "sentence": sentence}


def schulze_first(keys, rankings):
    """Return the options nobody beats on the strongest paths (winning votes)."""
    prefer = {(a, b): 0 for a in keys for b in keys}
    for ranking, heads in rankings:
        for place, a in enumerate(ranking):
            for b in ranking[place + 1 :] + [key for key in keys if key not in ranking]:
                prefer[a, b] += heads
    path = {(a, b): prefer[a, b] if prefer[a, b] > prefer[b, a] else 0 for a in keys for b in keys}
    for middle in keys:
        for a in keys:
            for b in keys:
                if len({a, b, middle}) == 3:
                    path[a, b] = max(path[a, b], min(path[a, middle], path[middle, b]))
    return [a for a in keys if rankings and all(path[a, b] >= path[b, a] for b in keys)]


def decide_item(document, row, found, decision):
    """Return the outcome, the winners and the sentence (None where only votes decide the order) of one item."""
    _item, _title, method, form, options, recused, present, _check = row
    sums, part, invalid, rankings = found
    rule, frozen = document["ballot"]["rule"], document["result"]["roll"]
    roll = [0, sum(r[1] for r in document["roll"]), sum(hundredths(r[2]) for r in document["roll"])]
    need([frozen["heads"], frozen["area"]] == [roll[1], area(roll[2])], "result.roll", "not the roll's sums")
    if rule["invalid"] == "in_base":
        part, invalid = [a + b for a, b in zip(part, invalid)], [0, 0, 0]
    if rule["silence"] == "follows_majority" and method == "for_against" and sums["for"][1] != sums["against"][1]:
        silent = [0] + [roll[n] - part[n] - invalid[n] - (recused[0], hundredths(recused[1]))[n - 1] for n in (1, 2)]
        side = "for" if sums["for"][1] > sums["against"][1] else "against"
        sums = {**sums, side: [a + b for a, b in zip(sums[side], silent)]}
        part, present = [a + b for a, b in zip(part, silent)], None

    def by_rule(chosen):
        here = present and [0, present[0], hundredths(present[1])]
        held = {"eligible": roll, "present": here, "participating": part, "for": chosen, "against": sums["against"]}
        held.update(abstain=sums["abstain"], invalid=invalid if invalid[0] else None)
        return decide(rule, {group: {"heads": n[1], "area": n[2]} for group, n in held.items() if n})

    if method == "for_against":
        made = by_rule(sums["for"])
        for told, again in zip(decision["quorum"] + decision["pass"], made["told"]):
            need(again.items() <= told.items(), f"{row[1]}: {again['measure']}", f"reckoned again: {again}")
        return made["outcome"], [], made["sentence"]
    own = {key: sums[key][1] for key, _label in options if key not in PLAIN}
    first = [key for key in own if own[key] and own[key] == max(own.values())]
    whole = by_rule(part)
    if method in ("ranking", "score", "budget", "election") and whole["outcome"] == "not_quorate":
        return "not_quorate", [], whole["sentence"]
    if method in ("ranking", "score", "budget"):
        first = schulze_first(list(own), rankings) if method == "ranking" else first
        return ("passed", first, None) if len(first) == 1 else ("rejected", [], None)
    if method == "election":
        asks = zip(rule["pass"], whole["told"][len(rule["quorum"]) :])
        needed = max([1] + [t["needed"] for asked, t in asks if asked["measure"] == "heads" and not asked.get("below")])
        able, seats = sorted((key for key in own if own[key] >= needed), key=lambda key: -own[key]), form["seats"]
        if len(able) > seats and own[able[seats - 1]] == own[able[seats]]:
            able = [key for key in able if own[key] > own[able[seats]]]
        return "passed" if len(able[:seats]) == seats else "rejected", able[:seats], None
    made = {key: by_rule(sums[key]) for key in own}
    passed = [key for key in own if made[key]["outcome"] == "passed" and (method != "one_of" or first == [key])]
    quorate = made[(passed or first or list(own))[0]]["outcome"] != "not_quorate"
    return "passed" if passed else "rejected" if quorate else "not_quorate", passed, None


def verify(path, receipt=""):
    """Return what the vote decided, as lines; raise Discrepancy at the first thing that does not agree."""
    document, lines = read(path), []
    counted = count(document)
    need(document["result"]["rule"] == document["ballot"]["rule"], "result.rule", "not the ballot's rule")
    need(len(document["items"]) == len(document["result"]["items"]), "result.items", "not the items of the vote")
    for number, (row, told) in enumerate(zip(document["items"], document["result"]["items"])):
        place, found = f"result.items[{number}]", counted[row[0]]
        need(told["id"] == row[0] and told["title"] == row[1], place, "is another item")
        for key, sums in [*found[0].items(), ("invalid", found[2])]:
            recount = {"heads": sums[1], "area": area(sums[2]), "votes": sums[0]}
            said = told["counts"].get(key, None if sums[0] else recount)
            need(said == recount, f"{place}.counts.{key}", f"recount {recount}")
        part = {"heads": found[1][1], "area": area(found[1][2]), "votes": found[1][0]}
        need(told["participating"] == part, f"{place}.participating", f"recount {part}")
        need(document["result"]["tally"].get(row[0]) == told["counts"], f"result.tally.{row[0]}", "not the counts")
        outcome, winners, said = decide_item(document, row, found, told["decision"])
        need(told["outcome"] == outcome, f"{place}.outcome", f"decided again: {outcome}")
        need(told["winners"] == winners, f"{place}.winners", f"decided again: {winners}")
        need(said is None or told["sentence"] == said, f"{place}.sentence", f"decided again: {said}")
        lines.append(f"{row[1]}：{told['sentence']}")
    recounted = f"{len(document['votes'])} votes recounted, {len(document['roll'])} on the roll"
    lines.append(f"{recounted}; result {document['result']['hash']}")
    mine = {row[0]: hashlib.sha256(f"{receipt}:{row[0]}".encode()).hexdigest()[:32] for row in document["items"]}
    votes = document["votes"] if receipt else []
    return lines + [f"receipt: item {row[0]} was counted as {row[2]}" for row in votes if row[3] == mine[row[0]]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", metavar="FILE")
    parser.add_argument("--receipt", default="")
    try:
        print("\n".join(verify(**vars(parser.parse_args()))))
    except (Discrepancy, OSError) as error:
        sys.exit(f"DISCREPANCY {error}")
    except Exception as error:  # a malformed file must never look like anything but a discrepancy
        sys.exit(f"DISCREPANCY file: malformed ({type(error).__name__}: {error})")


if __name__ == "__main__":
    main()
