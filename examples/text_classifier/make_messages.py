#!/usr/bin/env python3
"""Writes messages.csv, what the text classifier learns from: messages to a shop, and what each is about.

Every message is composed from the sentences and words below, all written for this project. The same
seed gives the same bytes.

In the sentences, [x|y|] is one of the alternatives, each as likely; they may nest.
"""
import argparse
import csv
import io
import pathlib
import random
import re

THING = "[lamp|tent|kettle|bicycle bell|blue jacket|pair of boots|rucksack|desk|garden chair|teapot|rain coat|camera]"
DAY = "[Monday|Tuesday|Wednesday|Thursday|Friday|Saturday]"

# Some words of each topic occur in the others too: one word does not give the topic away.
TOPICS = {
    "delivery": [
        f"[Where|When] [is|will I see] my {THING}? [It|The parcel] should have [come|arrived] on {DAY}.",
        f"The [courier|driver] [left|dropped] the parcel [at the wrong door|with a neighbour|in the rain].",
        f"[Tracking|The tracking page] [says|has said] \"[on its way|out for delivery|waiting at the depot]\" since {DAY}.",
        f"Can you [send|ship] the {THING} to [another address|my office|a parcel shop] instead?",
        f"I was [at home|in] all [day|{DAY}], and [no driver came|nobody rang|the courier never came].",
        f"How long does shipping [to the islands|abroad|to Norway] take for a {THING}?",
        "The parcel has been at the depot for [four days|a week|two weeks].",
    ],
    "payment": [
        f"[I was|My card was] charged [twice|two times] for [one|the same] {THING}.",
        f"[Why was|Was] my [card|credit card] declined? [There is money on it|It works everywhere else].",
        f"The [invoice|bill] for the {THING} [shows|has] the wrong [amount|total|tax].",
        f"Can I pay [by bank transfer|in three instalments|with a gift card|on {DAY}, when my wages come]?",
        f"The [voucher|discount code] took nothing off the [price|total|bill].",
        f"Please send [an invoice|a receipt] for my [last|latest] order, [with tax|for my accountant].",
        f"The price [was|said] \"[half off|ten percent off]\", [but|and yet] I paid [in full|the whole amount].",
    ],
    "returns": [
        f"The {THING} [is broken|has a crack|came with a scratch|does not work]. [I want|Please send] a [replacement|new one].",
        f"I would like to [return|send back] the {THING}, it [is too small|does not fit|is not what I wanted].",
        f"[Which|What] label goes on [the box|a parcel] that I [return|send back]?",
        f"When do I get [a refund|my money back] for the {THING} that I [returned|sent back] on {DAY}?",
        f"The [handle|zip|lid|strap] [broke|tore|came off] after [one day|a week|two uses].",
        f"You sent [the wrong colour|the wrong size|a {THING} that I never ordered]. [Can I swap it|I want to exchange it].",
        f"Is a [broken|faulty] {THING} still [under guarantee|covered by the guarantee] after a year?",
    ],
    "account": [
        "I [forgot|have lost|cannot remember] my password, and the reset [mail|link] [never comes|does not work].",
        "[How do I|Can you] [change|update] the [mail address|phone number|name] [in|of] my [account|profile]?",
        "I cannot [log in|sign in]: [the page says|it says] \"[unknown user|wrong password|account locked]\".",
        "Please [delete|close] my account and [all my data|everything you know about me].",
        "[Somebody|Someone] else [has logged in|signed in] [with my name|to my account] on " + DAY + ".",
        "[Stop|Please stop] sending me the newsletter, I [unsubscribed|signed off] [twice|two times|a week ago].",
        "The [app|site] [logs|signs] me out [every day|all the time], [and the code by text message comes late|why].",
    ],
}
HELLO = ["Hello,\n", "Hi,\n", "Dear all,\n", "Good morning. ", "", "", ""]
# What anyone may add, whatever the message is about.
MORE = [
    " Thank you, and have a good day.", " It is [urgent|not urgent].", " [Please|Could you] [answer|call] before {DAY}.",
    "\nI have [bought|ordered] from you for years.", " My order was a {THING}, by the way.", "\n\nGreetings, a customer",
    " I [wrote|called] on {DAY}, and \"[we look into it|please wait]\" was all I heard.", "", "", "", "",
]


def expand(text, rng):
    text = text.replace("{DAY}", DAY).replace("{THING}", THING)
    while True:
        # The innermost brackets first.
        text, count = re.subn(r"\[([^\[\]]*)\]", lambda found: rng.choice(found[1].split("|")), text)
        if not count:
            return text


def make(seed, rows):
    rng = random.Random(seed)
    seen, table = set(), []
    while len(table) < rows:
        topic = rng.choice(sorted(TOPICS))
        text = expand(rng.choice(HELLO) + rng.choice(TOPICS[topic]) + rng.choice(MORE), rng)
        if text not in seen:
            seen.add(text)
            table.append((text, topic))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("text", "topic"))
    writer.writerows(table)
    return out.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).with_name("messages.csv"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=500)
    arguments = parser.parse_args()
    arguments.path.write_text(make(arguments.seed, arguments.rows), newline="\n")


if __name__ == "__main__":
    main()
