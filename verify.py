#!/usr/bin/env python3
"""Recounts a vote from its public recount file, decides again, and checks every hash.

    python3 verify.py FILE [FILE ...] [--receipt RECEIPT]

Needs Python 3.9 or newer and nothing else. Exit 0: all agrees; the result's sentences are printed. Exit 1: the first
discrepancy is printed with its place. --receipt (a receipt, or a pseudonym of the roll) shows how that vote counted. Of
a motion of several ballots give all files. Format: docs/recount.md. Areas are whole 0.01 square metres, never rounded.
"""

import argparse
import decimal
import hashlib
import itertools
import json
import pathlib
import re
import sys

SECTIONS = ("ballot", "roll", "items", "votes", "declared", "result")
PLAIN = ("for", "against", "abstain", "invalid")
GROUPS = {"eligible": "应参加", "present": "到会", "participating": "参与表决", "cast": "投票", "invalid": "无效"}
GROUPS |= {"for_and_against": "同意和反对合计", "for": "同意", "against": "反对", "abstain": "弃权"}
# From the worst to the best: of several that must all pass, the worst is the outcome.
SAID = {"not_quorate": "未达到法定参与数，本次表决无效", "rejected": "表决未通过", "passed": "表决通过"}
FORMS = {(False, False): "须超过{}的{}", (False, True): "须占{}的{}以上"}  # (below, inclusive)
FORMS |= {(True, False): "须不足{}的{}", (True, True): "须不超过{}的{}"}


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
    return "[\n" + ",\n".join(map(canonical, value)) + "\n]" if isinstance(value, list) else canonical(value)


def read(path):
    """Return the document once its layout, its line checks and its hashes hold."""
    try:
        text = pathlib.Path(path).read_bytes().decode()
        document = json.loads(text, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise Discrepancy(f"file: not readable: {error}") from None
    sections = isinstance(document, dict) and tuple(document)
    need(sections == ("format", *SECTIONS, "hashes", "hash"), "file", "not the sections of a recount file")
    need(document["format"] == "wuyi-recount-1", "format", "not known")
    again = "{\n" + ",\n".join(f'"{name}": {laid_out(value)}' for name, value in document.items()) + "\n}\n"
    for place, pair in enumerate(zip([*text.split("\n"), None], [*again.split("\n"), None]), 1):
        need(pair[0] == pair[1], f"line {place}", "not written as a recount file is")
    for name in ("roll", "items", "votes"):
        before = ""
        for number, row in enumerate(document[name]):
            before = hashlib.sha256((before + canonical(row[:-1])).encode()).hexdigest()[:16]
            need(row[-1] == before, f"{name}[{number}]", "was changed: its check does not match")
    for name in SECTIONS:
        need(document["hashes"].get(name) == sha(document[name]), name, "was changed: its hash does not match")
    need(document["hash"] == sha(document["hashes"]), "hash", "does not match the hashes of the sections")
    result = dict(document["result"])
    need(result.pop("hash", None) == sha(result), "result.hash", "does not match the result")
    return document


def marks(method, choice, keys, place):
    """Return what a choice adds: pairs of option and amount."""
    value = json.loads(choice) if choice[:1] in ("[", "{") else [choice]
    for key in value:
        need(key in keys and (key not in PLAIN or value == [choice]), place, f"{key!r} is not an option")
    pairs = [(key, 1) for key in value][: 1 if method == "ranking" else None]
    return list(value.items()) if isinstance(value, dict) else pairs


def count(document):
    """Return {item: (counts by option, participating, invalid, rankings)}; sums are [votes, heads, area]."""
    roll = {row[0]: (row[1], hundredths(row[2])) for row in document["roll"]}
    need(len(roll) == len(document["roll"]), "roll", "somebody stands on it twice")
    need(sha([row[:-1] for row in document["roll"]]) == document["ballot"]["roll_hash"], "roll", "not the frozen roll")
    secret, weights = document["ballot"]["kind"] == "secret", set(roll.values())
    alike = next(iter(weights)) if len(weights) == 1 else (0, 0)
    counted, seen = {}, set()
    for row in document["items"]:
        keys = [key for key, _label in row[4]] + ["invalid"]
        counted[row[0]] = (row[2], keys, {key: [0, 0, 0] for key in [*keys, "*"]}, [])  # "*": all who took part
    for number, (item, voter, choice, receipt, _check) in enumerate(document["votes"]):
        place = f"votes[{number}]"
        need(item in counted, place, "names no item")
        need(secret or voter in roll, place, "names nobody on the roll")
        need((item, receipt) not in seen and (secret or (item, voter) not in seen), place, "stands there twice")
        seen |= {(item, receipt), (item, voter)}
        method, keys, sums, rankings = counted[item]
        heads, size = alike if secret else roll[voter]
        for key, amount in marks(method, choice, keys, place) + [("*", 1)] * (choice != "invalid"):
            sums[key] = [a + amount * b for a, b in zip(sums[key], (1, heads, size))]
        if method == "ranking" and choice[:1] == "[":
            rankings.append((json.loads(choice), heads))
    for item, declared in document["declared"].items():
        need(secret and len(weights) > 1, "declared", "sums are declared where they can be counted")
        for key, (heads, size) in declared.items():
            counted[item][2][key][1:] = [heads, hundredths(size)]
    return {item: (one[2], one[2].pop("*"), one[2].pop("invalid"), one[3]) for item, one in counted.items()}


def chinese(n):
    """Return 1 to 99 in Chinese numerals, larger numbers in digits."""
    (tens, ones), digits = divmod(n, 10), ["", *"一二三四五六七八九"]
    return str(n) if n > 99 else ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + digits[ones]


def reckon(threshold, groups, counts):
    """Return one threshold as it stands in the result, and its clause of the sentence."""
    measure, of, counts = threshold["measure"], threshold.get("of"), threshold.get("counts", counts)
    shown = area if measure == "area" else int
    reached, below = groups[counts][measure], threshold.get("below", False)
    name, unit = ("专有部分面积", "平方米") if measure == "area" else ("人数", "人")
    demand = f"{GROUPS[counts]}{name}"
    if threshold.get("at_least") is not None:
        exact = int(decimal.Decimal(str(threshold["at_least"])) * 100)
        bound, demand = exact if measure == "area" else -(-exact // 100), demand + "须达到规定数"
    else:
        inclusive, (over, under) = threshold["inclusive"], map(int, threshold["fraction"].split("/"))
        product, whose = groups[of][measure] * over, f"{GROUPS[of]}{name}"
        share = "一半" if over * 2 == under else f"{chinese(under)}分之{chinese(over)}"
        # At least and at most the share: rounded up and down; more and less than it: one beyond.
        bound = -(-product // under) if inclusive != below else product // under
        bound += (not inclusive) * (-1 if below else 1)
        form = "须为{}的全部" if over == under and not below else FORMS[below, inclusive]
        demand += form.format(whose, share)
    needed, short = max(bound, 0), max(0, reached - bound if below else bound - reached)
    limit = f"{'至多' if below else '至少'}{shown(needed)}{unit}"
    clause = f"{demand}，{limit}，实际{shown(reached)}{unit}，{'不符合' if short else '符合'}"
    return {"measure": measure, "needed": shown(needed), "reached": shown(reached), "met": not short}, clause


def decide(rule, held, chosen):
    """Return the outcome, what every threshold needed and reached, and the sentence, `chosen` being in favour."""
    groups = {group: {"heads": n[1], "area": n[2]} for group, n in {**held, "for": chosen}.items() if n}
    bases = {"present": groups["participating"], "invalid": {"heads": 0, "area": 0}, **groups}
    for base, (a, b) in {"cast": ("participating", "invalid"), "for_and_against": ("for", "against")}.items():
        bases[base] = {measure: bases[a][measure] + bases[b][measure] for measure in bases[a]}
    quorum = [reckon(t, bases, "participating") for t in rule["quorum"]]
    passing = [reckon(t, bases, "for") for t in rule["pass"]]
    told, clauses = zip(*quorum, *passing)
    met = [one["met"] for one in told]
    agreed = groups["participating"]["heads"] and all(met)
    outcome = "not_quorate" if not all(met[: len(quorum)]) else "passed" if agreed else "rejected"
    areas = any(one["measure"] == "area" for one in told)
    facts = [f"{GROUPS[key]}{n['heads']}人" + f"、{area(n['area'])}平方米" * areas for key, n in groups.items()]
    cited = re.sub("^民法典", "《民法典》", rule["article"])
    sentence = f"{'，'.join(facts)}。{'；'.join(clauses)}。依据{cited}，{SAID[outcome]}。"
    return {"outcome": outcome, "told": told, "sentence": sentence}


def schulze_first(keys, rankings):
    """Return the options nobody beats on the strongest paths (winning votes)."""
    prefer = {(a, b): 0 for a in keys for b in keys}
    for ranking, heads in rankings:
        for place, a in enumerate(ranking):
            for b in ranking[place + 1 :] + [key for key in keys if key not in ranking]:
                prefer[a, b] += heads
    path = {(a, b): prefer[a, b] if prefer[a, b] > prefer[b, a] else 0 for a in keys for b in keys}
    for middle, a, b in itertools.permutations(keys, 3):
        path[a, b] = max(path[a, b], min(path[a, middle], path[middle, b]))
    return [a for a in keys if rankings and all(path[a, b] >= path[b, a] for b in keys)]


def decide_item(document, row, found, told):
    """Return the outcome, the winners and the sentence of one item, under all of the ballot's rules."""
    rules = [document["ballot"]["rule"], *document["ballot"]["more_rules"]]
    decisions = [one["decision"] for one in (told, *told.get("also", []))]
    need(len(decisions) == len(rules), row[1], "not decided by every rule")
    made = [decide_by(rule, document, row, found, decision) for rule, decision in zip(rules, decisions)]
    if len(made) == 1:
        return made[0]
    winners = [key for key in made[0][1] if all(key in one[1] for one in made)]
    outcome = min([one[0] for one in made] + ["rejected"] * bool(made[0][1] and not winners), key=list(SAID).index)
    numbered = "".join(f"（{place}）{one[2]}" for place, one in enumerate(made, 1))
    sentence = f"须同时符合{len(rules)}项规则：{numbered}总的结论：{SAID[outcome]}。"
    return outcome, winners if outcome == "passed" else [], sentence if all(one[2] for one in made) else None


def decide_by(rule, document, row, found, decision):
    """Return the outcome, the winners and the sentence (None where only votes decide the order) under one rule."""
    _item, _title, method, form, options, recused, present, _check = row
    sums, part, invalid, rankings = found
    frozen = document["result"]["roll"]
    roll = [0, sum(r[1] for r in document["roll"]), sum(hundredths(r[2]) for r in document["roll"])]
    need([frozen["heads"], frozen["area"]] == [roll[1], area(roll[2])], "result.roll", "not the roll's sums")
    if rule["invalid"] == "in_base":
        part, invalid = [a + b for a, b in zip(part, invalid)], [0, 0, 0]
    more, consents = (
        sums["for"][1] - sums["against"][1] if method == "for_against" else 0,
        rule["silence"] == "consents",
    )
    if method == "for_against" and (consents or (rule["silence"] == "follows_majority" and more)):
        silent = [0] + [roll[n] - part[n] - invalid[n] - (recused[0], hundredths(recused[1]))[n - 1] for n in (1, 2)]
        side = "for" if consents or more > 0 else "against"
        sums = {**sums, side: [a + b for a, b in zip(sums[side], silent)]}
        part, present = [a + b for a, b in zip(part, silent)], None
    here = present and [0, present[0], hundredths(present[1])]
    held = {"eligible": roll, "present": here, "participating": part, "for": part, "against": sums["against"]}
    held.update(abstain=sums["abstain"], invalid=invalid if invalid[0] else None)
    if method == "for_against":
        made = decide(rule, held, sums["for"])
        for told, again in zip(decision["quorum"] + decision["pass"], made["told"]):
            need(again.items() <= told.items(), f"{row[1]}: {again['measure']}", f"reckoned again: {again}")
        return made["outcome"], [], made["sentence"]
    own = {key: sums[key][1] for key, _label in options if key not in PLAIN}
    first = [key for key in own if own[key] and own[key] == max(own.values())]
    whole = decide(rule, held, part)
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
    made = {key: decide(rule, held, sums[key]) for key in own}
    passed = [key for key in own if made[key]["outcome"] == "passed" and (method != "one_of" or first == [key])]
    quorate = made[(passed or first or list(own))[0]]["outcome"] != "not_quorate"
    return "passed" if passed else "rejected" if quorate else "not_quorate", passed, None


def verify(document, receipt):
    """Return what the vote decided, as lines; raise Discrepancy at the first thing that does not agree."""
    counted, lines = count(document), []
    same = all(document["result"][name] == document["ballot"][name] for name in ("rule", "more_rules"))
    need(same, "result.rule", "not the ballot's rules")
    need(len(document["items"]) == len(document["result"]["items"]), "result.items", "not the items of the vote")
    for number, (row, told) in enumerate(zip(document["items"], document["result"]["items"])):
        place, found = f"result.items[{number}]", counted[row[0]]
        need(told["id"] == row[0] and told["title"] == row[1], place, "is another item")
        counts = {**told["counts"], "*": told["participating"]}
        for key, sums in [*found[0].items(), ("invalid", found[2]), ("*", found[1])]:
            recount = {"heads": sums[1], "area": area(sums[2]), "votes": sums[0]}
            said = counts.get(key, None if sums[0] else recount)
            need(said == recount, f"{place}.counts.{key}", f"recount {recount}")
        need(document["result"]["tally"].get(row[0]) == told["counts"], f"result.tally.{row[0]}", "not the counts")
        for name, said in zip(("outcome", "winners", "sentence"), decide_item(document, row, found, told)):
            need(said is None or told[name] == said, f"{place}.{name}", f"decided again: {said}")
        lines.append(f"{row[1]}：{told['sentence']}")
    recounted = f"{len(document['votes'])} votes recounted, {len(document['roll'])} on the roll"
    lines.append(f"{recounted}; result {document['result']['hash']}")
    mine = {row[0]: hashlib.sha256(f"{receipt}:{row[0]}".encode()).hexdigest()[:32] for row in document["items"]}
    own = [row for row in document["votes"] if receipt and (row[1] == receipt or row[3] == mine[row[0]])]
    return lines + [f"receipt: item {row[0]} was counted as {row[2]}" for row in own]


def conclude(documents):
    """Return what a motion of several ballots came to, once the files of all of them are here."""
    files, motion = {document["ballot"]["id"]: document for document in documents}, documents[0]["ballot"]["motion"]
    if not motion or not files.keys() >= set(motion["ballots"]):
        return [f"only with ballots {', '.join(motion['ballots'])}: give all their files"] if motion else []
    items = [item for ballot in motion["ballots"] for item in files[ballot]["result"]["items"]]
    outcome = min((item["outcome"] for item in items), key=list(SAID).index)
    return [f"{motion['title']}：{len(motion['ballots'])}项表决须全部通过。总的结论：{SAID[outcome]}。"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", metavar="FILE", nargs="+")
    parser.add_argument("--receipt", default="")
    given = parser.parse_args()
    try:
        documents = [read(path) for path in given.paths]
        print("\n".join([line for one in documents for line in verify(one, given.receipt)] + conclude(documents)))
    except Exception as error:  # a malformed file must never look like anything but a discrepancy
        malformed = "" if isinstance(error, (Discrepancy, OSError)) else f"file: malformed: {type(error).__name__}: "
        sys.exit(f"DISCREPANCY {malformed}{error}")


if __name__ == "__main__":
    main()
