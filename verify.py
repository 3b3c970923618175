#!/usr/bin/env python3
"""Recounts a vote from its public recount file, decides again, and checks every hash.

    python3 verify.py FILE [FILE ...] [--receipt RECEIPT]
Needs nothing but Python 3.9. Exit 0: all agrees, the sentences of the result are printed. Exit 1: the first discrepancy
is printed with its place. --receipt (or a pseudonym) shows how that vote counted. Of a motion of several ballots give
all files. Format: docs/recount.md. Areas are whole 0.01 square metres, never rounded.
"""

import argparse, decimal, functools, hashlib, json, pathlib, re, sys  # noqa: E401, I001 - the file is to be short

SECTIONS = ("ballot", "roll", "items", "votes", "declared", "result")
PLAIN = ("for", "against", "abstain", "invalid")
GROUPS = {"eligible": "应参加", "present": "到会", "participating": "参与表决", "cast": "投票", "invalid": "无效"}
GROUPS |= {"for_and_against": "同意和反对合计", "for": "同意", "against": "反对", "abstain": "弃权"}
canonical = functools.partial(json.dumps, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
UNSAID = "?"  # stands for the words of an election, which are not written again
# From the worst to the best: of several that must all pass, the worst is the outcome.
SAID = {"not_quorate": "未达到法定参与数，本次表决无效", "rejected": "表决未通过", "passed": "表决通过"}
FORMS = ("须超过{}的{}", "须占{}的{}以上", "须不足{}的{}", "须不超过{}的{}")  # more than, at least, less than, at most


def need(true, place, problem):
    return true or sys.exit(f"DISCREPANCY {place}: {problem}")


def sha(value):
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def hundredths(text):
    return int("".join(re.fullmatch(r"([0-9]{1,15})\.([0-9]{2})", text).groups()))


def area(number):
    return f"{number // 100}.{number % 100:02d}"


def add(left, right, times=1):
    return [a + times * b for a, b in zip(left, right)]


def chinese(n):
    (tens, ones), digits = divmod(n, 10), ["", *"一二三四五六七八九"]
    return str(n) if n > 99 else ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + digits[ones]


def agree(said, again, place):
    """Compare what stands in the file with what was found again; name the first place that differs."""
    if isinstance(said, dict) and isinstance(again, dict):
        for key in {**again, **said}:
            need(key in said and key in again, f"{place}.{key}", "stands on one side only")
            agree(said[key], again[key], f"{place}.{key}")
    elif isinstance(said, list) and isinstance(again, (list, tuple)) and len(said) == len(again):
        for number, (one, other) in enumerate(zip(said, again)):
            agree(one, other, f"{place}[{number}]")
    elif not (place.endswith(".sentence") and UNSAID in str(again)):
        need(canonical(said) == canonical(again), place, f"found again: {canonical(again)}")


def read(path):
    """Return the document once its layout, its line checks and its hashes hold."""
    document = json.loads(text := pathlib.Path(path).read_bytes().decode(), parse_float=str, parse_constant=str)
    sections = tuple(document) if document["format"] == "wuyi-recount-1" else ()
    need(sections == ("format", *SECTIONS, "hashes", "hash"), "file", "not a recount file of this format")
    again = []
    for name, value in document.items():
        rows = "[\n" + ",\n".join(map(canonical, value)) + "\n]" if isinstance(value, list) else canonical(value)
        again += f'"{name}": {rows}{"," * (name != "hash")}'.split("\n")
    for place, pair in enumerate(zip([*text.split("\n"), None], ["{", *again, "}", "", None]), 1):
        need(pair[0] == pair[1], f"line {place}", "not written as a recount file is")
    for name in ("roll", "items", "votes"):
        before = ""
        for number, row in enumerate(document[name]):
            before = hashlib.sha256((before + canonical(row[:-1])).encode()).hexdigest()[:16]
            need(row[-1] == before, f"{name}[{number}]", "was changed: its check does not match")
    for name in SECTIONS:
        need(document["hashes"].get(name) == sha(document[name]), name, "was changed: its hash does not match")
    need(document["hash"] == sha(document["hashes"]), "hash", "does not match the hashes of the sections")
    result = {key: value for key, value in document["result"].items() if key != "hash"}
    need(document["result"].get("hash") == sha(result), "result.hash", "does not match the result")
    return document


def count(document, roll):
    """Return {item: (counts by option, participating, invalid, rankings)}; sums are [votes, heads, area]."""
    need(len(roll) == len(document["roll"]), "roll", "somebody stands on it twice")
    need(sha([row[:-1] for row in document["roll"]]) == document["ballot"]["roll_hash"], "roll", "not the frozen roll")
    secret, weights = document["ballot"]["kind"] == "secret", set(roll.values())
    alike, counted, seen = next(iter(weights)) if len(weights) == 1 else (0, 0), {}, set()
    for row in document["items"]:
        keys = [key for key, _label in row[4]] + ["invalid"]
        counted[row[0]] = (row[2:4], keys, {key: [0, 0, 0] for key in [*keys, "*"]}, [])  # "*": all who took part
    for number, (item, voter, choice, receipt, _check) in enumerate(document["votes"]):
        place = f"votes[{number}]"
        need(item in counted and (voter == "" if secret else voter in roll), place, "names no item, or nobody there")
        need((item, receipt) not in seen and (secret or (item, voter) not in seen), place, "stands there twice")
        seen |= {(item, receipt), (item, voter)}
        ((method, form), keys, sums, rankings), weight = counted[item], (1, *(alike if secret else roll[voter]))
        value = json.loads(choice) if choice[:1] in ("[", "{") else [choice]
        need(all(key in keys and (key not in PLAIN or value == [choice]) for key in value), place, "is not an option")
        marks = [*value.values()] if isinstance(value, dict) else [len(value)]  # points of each option, or how many
        high, points = form.get("cap", form.get("max", 1)), form.get("points", sum(marks))
        fits = isinstance(value, dict) == (method in ("score", "budget")) and len({*value}) == len(value)
        fits = fits and all(type(n) is int and form.get("min", 0) <= n <= high for n in marks) and sum(marks) <= points
        need(fits or choice in PLAIN, place, "breaks the form of its item")
        if method == "ranking" and choice[:1] == "[":
            rankings.append((value, weight[1]))
            value = value[:1]
        for key in value:
            sums[key] = add(sums[key], weight, value[key] if isinstance(value, dict) else 1)
        sums["*"] = add(sums["*"], weight, choice != "invalid")
    for item, declared in document["declared"].items():
        need(secret and len(weights) > 1, "declared", "sums are declared where they can be counted")
        for key, (heads, size) in declared.items():
            counted[item][2][key][1:] = [heads, hundredths(size)]
    return {item: (one[2], one[2].pop("*"), one[2].pop("invalid"), one[3]) for item, one in counted.items()}


def reckon(threshold, groups, counts):
    """Return one threshold as it stands in the result, and its clause of the sentence."""
    measure, of, counts = threshold["measure"], threshold.get("of"), threshold.get("counts", counts)
    reached, below, inclusive = groups[counts][measure], threshold.get("below", False), threshold.get("inclusive")
    shown, name, unit = (area, "专有部分面积", "平方米") if measure == "area" else (int, "人数", "人")
    demand, more = f"{GROUPS[counts]}{name}", {} if counts in ("participating", "for") else {"counts": counts}
    if threshold.get("at_least") is not None:
        exact = int(decimal.Decimal(str(threshold["at_least"])) * 100)
        bound, demand = exact if measure == "area" else -(-exact // 100), demand + "须达到规定数"
        of, base, fraction, inclusive, more = None, None, None, True, {**more, "at_least": shown(bound)}
    else:
        base, (over, under) = groups[of][measure], map(int, threshold["fraction"].split("/"))
        share = "一半" if over * 2 == under else f"{chinese(under)}分之{chinese(over)}"
        bound = -(-base * over // under) if inclusive != below else base * over // under  # rounded up, or down
        bound += (not inclusive) * (-1 if below else 1)  # more or less than the share: one beyond
        form = "须为{}的全部" if over == under and not below else FORMS[2 * below + inclusive]
        demand += form.format(f"{GROUPS[of]}{name}", share)
        base, fraction, more = shown(base), f"{over}/{under}", {**more, **({"below": True} if below else {})}
    needed, short = max(bound, 0), max(0, reached - bound if below else bound - reached)
    demand += f"，{'至多' if below else '至少'}{shown(needed)}{unit}，实际{shown(reached)}{unit}"
    clause = f"{demand}，{'不符合' if short else '符合'}"
    made = {"measure": measure, "of": of, "base": base, "fraction": fraction, "inclusive": inclusive, **more}
    made.update(needed=shown(needed), reached=shown(reached), shortfall=shown(short), met=not short)
    return made, clause


def decide(rule, held, chosen):
    """Return the decision as it stands in the result, `chosen` being in favour."""
    groups = {group: {"heads": n[1], "area": n[2]} for group, n in {**held, "for": chosen}.items() if n}
    bases = {"present": groups["participating"], "invalid": {"heads": 0, "area": 0}, **groups}
    for base, (a, b) in {"cast": ("participating", "invalid"), "for_and_against": ("for", "against")}.items():
        bases[base] = {measure: bases[a][measure] + bases[b][measure] for measure in bases[a]}
    asked = [(t, "participating") for t in rule["quorum"]] + [(t, "for") for t in rule["pass"]]
    told, clauses = zip(*[reckon(t, bases, counts) for t, counts in asked])
    quorum, passing = told[: len(rule["quorum"])], told[len(rule["quorum"]) :]
    agreed = groups["participating"]["heads"] and all(one["met"] for one in passing)
    outcome = "not_quorate" if not all(t["met"] for t in quorum) else "passed" if agreed else "rejected"
    areas = any(one["measure"] == "area" for one in told)
    facts = [f"{GROUPS[key]}{n['heads']}人" + f"、{area(n['area'])}平方米" * areas for key, n in groups.items()]
    cited = re.sub("^民法典", "《民法典》", rule["article"])
    sentence = f"{'，'.join(facts)}。{'；'.join(clauses)}。依据{cited}，{SAID[outcome]}。"
    return {"outcome": outcome, "quorum": quorum, "pass": passing, "basis": rule["article"], "sentence": sentence}


def schulze_first(keys, rankings):
    """Return the options nobody beats on the strongest paths (winning votes)."""
    prefer = {(a, b): 0 for a in keys for b in keys}
    for ranking, heads in rankings:
        for place, a in enumerate(ranking):
            for b in ranking[place + 1 :] + [key for key in keys if key not in ranking]:
                prefer[a, b] += heads
    path = {(a, b): prefer[a, b] if prefer[a, b] > prefer[b, a] else 0 for a in keys for b in keys}
    for middle, a, b in ((middle, a, b) for middle in keys for a in keys for b in keys):
        path[a, b] = max(path[a, b], min(path[a, middle], path[middle, b]))
    return [a for a in keys if rankings and all(path[a, b] >= path[b, a] for b in keys)]


def decide_by(rule, roll, row, found, in_base, silence):
    """Return how an item comes out by one rule, with the invalid in its base or not, with the silent counted or not."""
    _item, _title, method, form, options, recused, present, _check = row
    sums, valid, invalid, rankings = found
    part, void = (add(valid, invalid), None) if in_base else (valid, invalid if invalid[0] else None)
    consents, more = silence == "consents", silence != "none" and sums["for"][1] - sums["against"][1]
    if consents or more:
        silent = add(add(roll, add(valid, invalid), -1), (0, recused[0], hundredths(recused[1])), -1)
        silent, side = [0, *silent[1:]], "for" if consents or more > 0 else "against"
        sums, part, present = {**sums, side: add(sums[side], silent)}, add(part, silent), None
    here = present and [0, present[0], hundredths(present[1])]
    held = {"eligible": roll, "present": here, "participating": part, "for": part, "against": sums["against"]}
    held.update(abstain=sums["abstain"], invalid=void)
    labels, own = dict(options), {key: sums[key][1] for key, _label in options if key not in PLAIN}
    first, more = [key for key in own if own[key] and own[key] == max(own.values())], {}
    made = decide(rule, held, sums["for"] if method == "for_against" else valid)
    outcome, winners, words = made["outcome"], [], made["sentence"]
    if method in ("one_of", "approval"):
        by_option = {key: decide(rule, held, sums[key]) for key in own}
        able = own if method == "approval" else first[: len(first) == 1]
        winners = [key for key in able if by_option[key]["outcome"] == "passed"]
        made = by_option[(winners or first or list(own))[0]]
        outcome = "passed" if winners else "rejected" if made["outcome"] != "not_quorate" else "not_quorate"
        tie = outcome == "rejected" and len(first) > 1 and method == "one_of"
        leading = "、".join(f"“{labels[key]}”" for key in winners or first)
        words = leading and f"{leading}{'得票相同，无一项通过' if tie else '得票最多'}。"
        words, more = words + made["sentence"], {"by_option": by_option}
    elif method == "election" and outcome != "not_quorate":
        made, words = decide(rule, held, [0, 0, 0]), UNSAID
        needed = [t["needed"] for t in made["pass"] if t["measure"] == "heads" and "below" not in t]
        ranked, seats, tied = sorted(own, key=lambda key: -own[key]), form["seats"], []
        able = [key for key in ranked if own[key] >= max([1, *needed])]
        if len(able) > seats and own[able[seats - 1]] == own[able[seats]]:
            tied = [key for key in able if own[key] == own[able[seats]]]
        winners = [key for key in able[:seats] if key not in tied]
        rest, free = [key for key in ranked if key not in winners and own[key]], seats - len(winners)
        runoff = tied or [key for key in rest if free and own[key] >= own[rest[min(2 * free, len(rest)) - 1]]]
        outcome, more = "rejected" if free else "passed", {"runoff": runoff, "tied": tied, "open_seats": free}
    elif method != "for_against" and outcome != "not_quorate":
        first = schulze_first(list(own), rankings) if method == "ranking" else first
        outcome, winners = ("passed", first) if len(first) == 1 else ("rejected", [])
        leading = "、".join(f"“{labels[key]}”" for key in first)
        words = f"{leading}{'列第一，当选方案' if winners else '并列，未能决出' if first else '没有有效选择'}。"
    return {"outcome": outcome, "winners": winners, "decision": {**made, "outcome": outcome}, "sentence": words, **more}


def decide_item(rules, roll, row, found):
    """Return what stands in the result of one item: by every rule, and where another convention matters."""

    def by_all(made):
        winners = [key for key in made[0]["winners"] if all(key in one["winners"] for one in made)]
        apart = ["rejected"] * bool(made[0]["winners"] and not winners)
        outcome = min([one["outcome"] for one in made] + apart, key=list(SAID).index)
        return {"outcome": outcome, "winners": winners if outcome == "passed" else []}

    made = []
    for rule in rules:
        base, silence = rule["invalid"] == "in_base", rule["silence"] if row[2] == "for_against" else "none"
        ways = {"invalid_out" if base else "invalid_in_base": (not base, silence)} if found[2][0] else {}
        ways.update({"silence_excluded": (base, "none")} if silence != "none" else {})
        one = decide_by(rule, roll, row, found, base, silence)
        said = {name: [*decide_by(rule, roll, row, found, *way).items()][:2] for name, way in ways.items()}
        one["differs_if"] = [{"convention": name, **dict(o)} for name, o in said.items() if o != [*one.items()][:2]]
        made.append(one)
    if len(made) == 1:
        return made[0]
    whole, differs = by_all(made), []
    for name in dict.fromkeys(other["convention"] for one in made for other in one["differs_if"]):
        other = by_all([next((o for o in one["differs_if"] if o["convention"] == name), one) for one in made])
        differs += [{"convention": name, **other}] if other != whole else []
    words = "".join(f"（{place}）{one['sentence']}" for place, one in enumerate(made, 1))
    words = f"须同时符合{len(rules)}项规则：{words}总的结论：{SAID[whole['outcome']]}。"
    also = [{"rule": rule, **one} for rule, one in zip(rules[1:], made[1:])]
    return {**made[0], **whole, "sentence": words, "differs_if": differs, "also": also}


def verify(document, receipt):
    """Return what the vote decided, as lines; stop at the first thing that does not agree."""
    ballot, said, items = document["ballot"], document["result"], []
    roll = {row[0]: (row[1], hundredths(row[2])) for row in document["roll"]}
    counted, sums = count(document, roll), [0, *(sum(weight[n] for weight in roll.values()) for n in (0, 1))]
    for row, found in zip(document["items"], counted.values()):
        counts = {**found[0], "participating": found[1], "invalid": found[2]}
        told = {key: {"heads": n[1], "area": area(n[2]), "votes": n[0]} for key, n in counts.items()}
        item = {"id": row[0], "title": row[1], "method": row[2], "participating": told.pop("participating")}
        item.update(invalid=told["invalid"], options=[{"id": key, "label": label} for key, label in row[4]])
        item["counts"] = {key: n for key, n in told.items() if key != "invalid" or n["votes"]}
        item["recused"], item["present"] = [n and {"heads": n[0], "area": n[1]} for n in row[5:7]]
        items.append({**item, **decide_item([ballot["rule"], *ballot["more_rules"]], sums, row, found)})
    turnout = {**said["turnout"], "eligible": sums[1], "eligible_area": area(sums[2])}
    if ballot["kind"] == "named":
        voted = [roll[voter] for voter in {row[1] for row in document["votes"]}]
        turnout.update(cast=sum(v[0] for v in voted), area=area(sum(v[1] for v in voted)), voters=len(voted))
    again = {**said, **{name: ballot[name] for name in ("title", "community", "kind", "rule", "more_rules")}}
    again.update(ballot=ballot["id"], turnout=turnout, items=items, tally={one["id"]: one["counts"] for one in items})
    again["roll"] = {"voters": len(roll), "heads": sums[1], "area": area(sums[2]), "hash": ballot["roll_hash"]}
    again["outcome"] = items[0]["outcome"] if len({item["outcome"] for item in items}) == 1 else "mixed"
    agree(said, again, "result")
    lines = [f"{item['title']}：{item['sentence']}" for item in said["items"]]
    lines.append(f"{len(document['votes'])} votes recounted, {len(roll)} on the roll; result {said['hash']}")
    mine = {row[0]: hashlib.sha256(f"{receipt}:{row[0]}".encode()).hexdigest()[:32] for row in document["items"]}
    own = [row for row in document["votes"] if receipt and (row[1] == receipt or row[3] == mine[row[0]])]
    return lines + [f"receipt: item {row[0]} was counted as {row[2]}" for row in own]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", metavar="FILE", nargs="+")
    parser.add_argument("--receipt", default="")
    given = parser.parse_args()
    try:
        files = {document["ballot"]["id"]: document for document in map(read, given.paths)}
        lines = [line for document in files.values() for line in verify(document, given.receipt.replace(" ", ""))]
        motion = next(iter(files.values()))["ballot"]["motion"]
        if motion and files.keys() >= set(motion["ballots"]):  # what several ballots came to together
            items = [item for ballot in motion["ballots"] for item in files[ballot]["result"]["items"]]
            outcome = SAID[min((item["outcome"] for item in items), key=list(SAID).index)]
            lines.append(f"{motion['title']}：{len(motion['ballots'])}项表决须全部通过。总的结论：{outcome}。")
        elif motion:
            lines.append(f"only with ballots {', '.join(motion['ballots'])}: give all their files")
        print("\n".join(lines))
    except Exception as error:  # a malformed file must never look like anything but a discrepancy
        sys.exit(f"DISCREPANCY file: not readable: {type(error).__name__}: {error}")
