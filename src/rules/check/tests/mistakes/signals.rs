//! Mistakes in signals.

use super::*;

#[test]
fn mistakes_of_signals() {
    for (from, to, place, message) in [
        (
            "EventID: 36870\n",
            "EventId: many\n",
            (10, 18),
            "an event ID is a number from 0 to 65535",
        ),
        (
            "        EventID: 36870\n",
            "",
            (11, 18),
            "the condition can hold without pinning `EventID`: every way to fulfil it needs a \
             selection with `EventID: <number>`",
        ),
        ("Version|contains", "Version|contians", (23, 9), "unknown modifier `contians`"),
        (
            "Version|contains: TLS",
            "Version|re: '('",
            (23, 21),
            "`(` is no regular expression: \
         unclosed group",
        ),
        (
            "Version|contains: TLS",
            "Version|cidr: 10/99",
            (23, 23),
            "`10/99` is no network: write \
         `10.0.0.0/8` or `fd00::/8`",
        ),
        (
            "      condition: selection\n    attempt",
            "      condition: not\n    attempt",
            (12, 18),
            "the condition ends where a selection is expected",
        ),
        (
            "  provider: Schannel\n",
            "",
            (5, 9),
            "field `provider` is missing, both here and in the \
         file's `logsource`",
        ),
        (
            "product: windows",
            "product: linux",
            (2, 12),
            "`linux` is no product here: only `windows` \
         is",
        ),
        (
            "client-address: ClientIP",
            "client-address: Data",
            (16, 23),
            "`Data` alone names no field: \
         write `Data[1]` for the first unnamed value, or `EventData.Data` for a value of that name",
        ),
        (
            "client-address: ClientIP",
            "machine: Computer",
            (16, 16),
            "`machine` is bound by itself, to \
         the record's computer",
        ),
        (
            "attempt: ends\n",
            "attempt: ends\n    proves: nla\n",
            (6, 9),
            "an attempt that passed `nla` \
         cannot have died in `tls`",
        ),
        (
            "timespan: 1m",
            "timespan: 1y",
            (33, 17),
            "`1y` is no time span; write a number and a unit: \
         500ms, 1.5s, 2m, 12h, 3d",
        ),
        ("timespan: 1m", "timespan: 0s", (33, 17), "a time span must be longer than nothing"),
        (
            "type: value_count",
            "type: event_count",
            (27, 9),
            "`event_count` counts signals and takes \
         no `field`",
        ),
        ("gte: 5", "gte: 0", (27, 9), "`gte: 0` asks for nothing: ask for at least 1"),
        ("gte: 5", "gte: 5\n        lt: 5", (27, 9), "no count meets this `condition`"),
        ("        gte: 5\n", "", (27, 9), "`condition` needs a count, such as `gte: 10`"),
        (
            "type: value_count\n      rules: [key-unreadable]",
            "type: temporal\n      rules: [key-unreadable, tls-passed]",
            (27, 9),
            "a temporal correlation takes no `condition`: each signal must come",
        ),
        (
            "[client-address]",
            "[client-adress]",
            (32, 18),
            "unknown entity or alias `client-adress`",
        ),
        (
            "[client-address]\n",
            "[who]\n      aliases: { who: {} }\n",
            (27, 9),
            "alias `who` names no entity for `key-unreadable`",
        ),
    ] {
        only_mistake(from, to, "rules/signals/schannel.yml", place, message);
    }
}
