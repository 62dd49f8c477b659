//! Mistakes in what a cause asks for.

use super::*;

#[test]
fn mistakes_of_evidence() {
    for (from, to, place, message) in [
        (
            "weight: 12",
            "weight: -12",
            (16, 15),
            "what speaks for a cause has a positive weight, not \
         -12",
        ),
        ("weight: -15", "weight: 15", (21, 15), "what contradicts has a negative weight, not 15"),
        ("weight: 12", "weight: 120", (16, 15), "weight 120 is beyond ±100 decibans"),
        (
            "      weight: 12\n",
            "",
            (15, 7),
            "field `weight` is missing: log-odds in decibans, 10 for \
         ten to one",
        ),
        (
            "scope: machine",
            "scope: machine\nprior: -1000",
            (1, 5),
            "prior -1000 is beyond ±100 \
         decibans",
        ),
        (
            "within: 1s",
            "within: soon",
            (13, 15),
            "`soon` is no time span; write a number and a unit: \
         500ms, 1.5s, 2m, 12h, 3d",
        ),
        ("      within: 1s\n", "", (12, 13), "`near` needs `within`: how near, such as `1s`"),
        (
            "      group: schannel\n",
            "      within: 1s\n",
            (17, 15),
            "`within` needs `near`, `after` \
         or `before`: within what",
        ),
        (
            "      group: schannel\n",
            "      any: [tls-passed]\n",
            (15, 7),
            "an item names its signals by exactly one of `signal`, `any` and `sequence`",
        ),
        (
            "    - signal: key-unreadable-burst\n",
            "    - sequence: [key-unreadable, tls-passed]\n",
            (15, 7),
            "`sequence` needs `within`: the time from its first to its last signal",
        ),
        (
            "      group: schannel\n",
            "      at-most: 0\n",
            (15, 7),
            "`at-most: 0` is absence: put the item under `absent`",
        ),
        (
            "      group: schannel\n",
            "      share: { of: attempt-failed, at-least: 80 }\n",
            (17, 14),
            "a share lies between 0 and 1",
        ),
        (
            "      group: schannel\n",
            "      without: { within: 1s }\n",
            (17, 16),
            "`without` names its signals by either `signal` or `any`",
        ),
        (
            "      group: schannel\n",
            "      at-least: 9\n      evenly: 80\n",
            (18, 15),
            "a part lies between 0 and 1",
        ),
        (
            "      group: schannel\n",
            "      evenly: 0.8\n",
            (17, 15),
            "`evenly` needs `at-least: 5` or more",
        ),
        (
            "      group: schannel\n",
            "      latest: { not: [tls-passed] }\n",
            (17, 15),
            "what comes `latest` or `next` names its signals by either `signal` or `any`",
        ),
        (
            "      weight: 6\n",
            "      weight: 6\n      next: { signal: tls-passed }\n",
            (24, 7),
            "what is absent has no number and no neighbor: only `at`, `after`, `before` and \
             `during` place it",
        ),
        (
            "      weight: 6\n",
            "      weight: 6\n      at-least: 2\n",
            (24, 7),
            "what is absent has no number and no neighbor: only `at`, `after`, `before` and \
             `during` place it",
        ),
        (
            "any: [key-unreadable]",
            "any: [{ signal: key-unreadable, weight: 3 }]",
            (9, 45),
            "a condition holds or not: it has no `weight`",
        ),
        (
            "until:",
            "excludes: [{ signal: tls-passed }]\nuntil:",
            (26, 12),
            "field `because` is missing: why this rules the cause out",
        ),
        (
            "      weight: 12\n",
            "      weight: 12\n      instead: version-mismatch\n",
            (17, 16),
            "only what contradicts shows another cause `instead`",
        ),
        (
            "      weight: -15\n",
            "      weight: -15\n      tells-from: version-mismatch\n",
            (22, 19),
            "only what speaks for its cause `tells-from` another",
        ),
        (
            "      weight: -15\n",
            "      weight: -9\n      instead: version-mismatch\n",
            (22, 16),
            "what shows another cause `instead` weighs -10 or less",
        ),
        (
            "      weight: -15\n",
            "      weight: -15\n      instead: socket-closed\n",
            (1, 5),
            "`socket-closed` is shown `instead`, and is not under `not-to-be-confused-with`",
        ),
        (
            "      group: schannel\n",
            "      at-least: 0\n",
            (15, 7),
            "`at-least: 0` holds always: ask \
         for at least 1",
        ),
    ] {
        only_mistake(from, to, "rules/causes/tls/key-damaged.yml", place, message);
    }
}
