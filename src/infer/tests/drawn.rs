//! Cases drawn up by hand: rules, signals, logs and attempts, and what is concluded from them.

use std::sync::Arc;

use super::super::*;
use crate::model::{
    AttemptKind, ChannelCoverage, Confidence, Effect, MachineCoverage, MachineRole, Outcome, Role,
    Ruling, Side, Signal, Span, Time, View, drawn,
};

const CORRELATIONS: &str = "
correlations:
  - id: a-then-b
    title: a, then b
    correlation: { type: temporal_ordered, rules: [a, b], group-by: [user], timespan: 10s }
  - id: a-with-b
    title: a and b
    correlation: { type: temporal, rules: [a, b], timespan: 10s }
  - id: few-a
    title: one or two of a
    correlation: { type: event_count, rules: [a], timespan: 10s, condition: { lte: 2 } }
  - id: same-server
    title: c of a client and d of its server
    correlation:
      type: temporal
      rules: [c, d]
      aliases: { server: { c: target, d: machine } }
      group-by: [server]
      timespan: 10s
";

/// The rules: signals `a` to `d`, each in a channel of its own name, and one cause.
pub(super) fn rules(cause: &str) -> RuleSet {
    let files: Vec<(String, String)> = ["a", "b", "c", "d"]
        .into_iter()
        .map(|id| {
            let text = format!(
                "logsource: {{ channel: {}, provider: P }}\nsignals:\n  - {{ id: {id}, title: {id}, \
                 detection: {{ s: {{ EventID: 1 }}, condition: s }} }}\n",
                id.to_uppercase()
            );
            (format!("signals/{id}.yml"), text)
        })
        .collect();
    let cause = format!(
        "id: x\ntitle: x\nstage: tls\nwhy: x\nneeds: [A]\nprior: 0\nplaybook: []\n{cause}\n"
    );
    let documents = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let others = [
        ("signals/z.yml", CORRELATIONS),
        ("causes/tls/x.yml", cause.as_str()),
        ("catalogue.yml", "causes:\n  - id: twin\n"),
    ];
    RuleSet::from_documents(documents.chain(others))
        .unwrap_or_else(|errors| panic!("{}", errors.render()))
}

/// A signal: `10 a SRV joe #0` at second 10 on SRV of user joe in attempt 0. A word that begins
/// with `>` is the target.
pub(super) fn signal(line: &str) -> Signal {
    let mut words = line.split_whitespace();
    let seconds: i64 = words.next().unwrap().parse().unwrap();
    let id = words.next().unwrap().into();
    let machine: Arc<str> = words.next().unwrap().into();
    let mut signal = Signal {
        id,
        time: Time(0) + Span::seconds(seconds),
        machine,
        records: Vec::new().into(),
        entities: Arc::default(),
        activity_id: None,
        effect: Effect::default(),
        attempt: None,
    };
    for word in words {
        match word.split_at(1) {
            ("#", number) => signal.attempt = number.parse().ok(),
            (">", target) => Arc::make_mut(&mut signal.entities).target = Some(target.into()),
            ("@", address) => {
                Arc::make_mut(&mut signal.entities).client_address = address.parse().ok();
            }
            _ => Arc::make_mut(&mut signal.entities).user = Some(word.into()),
        }
    }
    signal
}

/// Logs: `SRV A 0 100` was supplied from second 0 to 100.
pub(super) fn machines(logs: &[&str]) -> Vec<MachineCoverage> {
    let mut machines: Vec<MachineCoverage> = Vec::new();
    for log in logs {
        let words: Vec<&str> = log.split_whitespace().collect();
        let [name, channel, first, last] = words[..] else { panic!("{log}") };
        let at = |word: &str| Time(0) + Span::seconds(word.parse().unwrap());
        let channel = ChannelCoverage::whole(name.into(), channel.into(), at(first), at(last));
        match machines.iter_mut().find(|machine| *machine.name == *name) {
            Some(machine) => machine.channels.push(channel),
            None => machines.push(MachineCoverage { name: name.into(), channels: vec![channel] }),
        }
    }
    machines.sort_by(|left, right| left.name.cmp(&right.name));
    machines
}

/// Attempt `number`: PC to SRV, whose clock is five seconds behind PC's; signals are at SRV's.
pub(super) fn attempt(number: usize) -> Attempt {
    let view = |machine: &str, role, seconds| View {
        machine: machine.into(),
        role,
        offset: Span::seconds(seconds),
        confidence: Confidence::Confirmed,
        ties: Vec::new(),
    };
    Attempt {
        id: format!("{number}").into(),
        machine: "SRV".into(),
        side: Side::Host,
        views: vec![view("SRV", MachineRole::Host, 0), view("PC", MachineRole::Client, -5)],
        client_address: "10.0.0.5".parse().ok(),
        client: Some("PC".into()),
        host: Some("SRV".into()),
        user: None,
        session: None,
        connection: None,
        started: Time(0),
        ended: Time(0),
        reached: None,
        milestones: Vec::new(),
        failed_at: None,
        outcome: Outcome::Failed,
        kind: AttemptKind::Connect,
        continues: None,
        transports: Vec::new(),
        records: Vec::new(),
    }
}

/// Every channel of SRV and PC, from second 0 to 1000.
pub(super) const ALL_LOGS: [&str; 9] = [
    "SRV A 0 1000",
    "SRV B 0 1000",
    "SRV C 0 1000",
    "SRV D 0 1000",
    "PC A 0 1000",
    "PC B 0 1000",
    "PC C 0 1000",
    "PC D 0 1000",
    "OTHER A 0 1000",
];

/// Concludes; each candidate as scope, band and score, and each missing log.
pub(super) fn concluded(cause: &str, lines: &[&str], logs: &[&str]) -> Vec<String> {
    let rules = rules(cause);
    let attempts: Vec<Attempt> = (0..3).map(attempt).collect();
    let mut facts = Facts { machines: machines(logs), ..Facts::default() };
    facts.signals = lines.iter().map(|line| signal(line)).collect();
    for number in 0..attempts.len() {
        let opened = format!("0 {} SRV #{number} @10.0.0.5", drawn::ATTEMPT_OPENED);
        facts.signals.push(signal(&opened));
    }
    facts.signals.sort_by(|left, right| (left.time, &left.id).cmp(&(right.time, &right.id)));
    let (facts, inference) = infer(&rules, facts, &attempts);
    let mut told: Vec<String> = inference
        .candidates
        .iter()
        .map(|found| format!("{} {} {}", found.scope, found.confidence.name(), found.score))
        .collect();
    let spells = inference.candidates.iter().map(|found| found.episodes.len());
    told.extend(spells.filter(|spells| *spells > 0).map(|spells| format!("{spells} spells")));
    let missing = inference.candidates.iter().flat_map(|found| &found.evidence);
    let missing = missing.filter(|item| item.role == Role::Untestable);
    told.extend(missing.map(|item| item.statement.clone()));
    // The proof tree says the same, and its weights add up.
    for proof in prove(&rules, &facts, &attempts, "x") {
        let counted: i32 = proof.steps.iter().map(|step| step.counted).sum();
        assert_eq!(proof.score, proof.prior + counted, "{cause}");
        let is_told = inference.candidates.iter().any(|found| found.scope == proof.scope);
        let is_found = matches!(proof.ruling, Ruling::Found | Ruling::Suspected);
        let united = cause.contains("scope: attempt");
        assert!(united || is_told == is_found, "{cause}: {proof:?}");
    }
    told
}
