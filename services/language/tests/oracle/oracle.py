# What is right, by Python's standard library alone. Each name used in a check gives (holds, expected).
import re
from collections import Counter


def result(right):
    """The bare result, and the text that begins with it."""
    right = str(right)
    return (lambda answer: answer["result"] == right and answer["text"].split()[0] == right), right


def whole(right):
    return (lambda answer: answer["text"] == right == answer["result"]), right


def words(text):
    return result(sum(any(c.isalnum() for c in word) for word in text.split()))


def characters(text):
    holds, right = result(len(text))
    dense = len("".join(text.split()))
    said = f"({dense} without spaces)"
    return (lambda answer: holds(answer) and (said in answer["text"]) == (dense != len(text))), (right, dense)


def letters(text):
    return result(sum(c.isalpha() for c in text))


def vowels(text):
    return result(len(re.findall("[aeiou]", text, re.IGNORECASE)))


def consonants(text):
    return result(len(re.findall("[b-df-hj-np-tv-z]", text, re.IGNORECASE)))


def digits(text):
    return result(len(re.findall("[0-9]", text)))


def spaces(text):
    return result(text.count(" "))


def sentences(text):
    return result(len(re.findall(r"[.?!]+(?=\s|$)", text)))


def times(letter, text):
    right = text.lower().count(letter.lower())
    said = "once" if right == 1 else f"{right} times"
    holds = lambda answer: answer["result"] == str(right) and f"appears {said} in" in answer["text"]
    return holds, right


def ordered(items, joint):
    return whole(joint.join(sorted(items, key=lambda item: (item.lower(), item))))


def bare(text):
    return [c for c in text.lower() if c.isalnum()]


def palindrome(text):
    right = bare(text) == bare(text)[::-1]
    return (lambda answer: answer["text"].startswith("Yes, " if right else "No, ")), right


def anagrams(one, other):
    right = Counter(bare(one)) == Counter(bare(other)) and one.lower() != other.lower()
    return (lambda answer: answer["text"].startswith("Yes, " if right else "No, ")), right
