//! Makes one attempt of the client's view and the host's, where they surely are the same.

use super::draft::Draft;
use crate::model::{Facts, Side, Span};

/// How far apart the two machines may have logged the beginning. Wider would join strangers:
/// the offset of the clocks is not known here.
const WINDOW: Span = Span::seconds(5);

/// Joins a client's draft to the host's when the name that the client's user typed is that
/// host's, both began within [`WINDOW`], and no other pair is possible for either.
pub(super) fn views(drafts: Vec<Draft>, facts: &Facts) -> Vec<Draft> {
    let (clients, mut hosts): (Vec<Draft>, Vec<Draft>) =
        drafts.into_iter().partition(|draft| draft.side == Side::Client);
    let rivals = |host: &Draft| clients.iter().filter(|client| fits(client, host)).count();
    let mut unpaired = Vec::new();
    let mut pairs = Vec::new();
    for client in &clients {
        let mut fitting = hosts.iter().enumerate().filter(|(_, host)| fits(client, host));
        match (fitting.next(), fitting.next()) {
            (Some((number, host)), None) if rivals(host) == 1 => pairs.push((number, client)),
            _ => unpaired.push(client.clone()),
        }
    }
    for (number, client) in pairs {
        if let Some(host) = hosts.get_mut(number) {
            merge(host, client, facts);
        }
    }
    hosts.extend(unpaired);
    hosts
}

fn fits(client: &Draft, host: &Draft) -> bool {
    let named = client.target.as_deref().is_some_and(|target| same_host(target, &host.machine));
    named && client.started.since(host.started).abs() <= WINDOW
}

/// Compares host names without case and domain suffix. An address names no host.
fn same_host(left: &str, right: &str) -> bool {
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    left.parse::<std::net::IpAddr>().is_err() && short(left) == short(right)
}

/// The host's view leads: it knows how far the attempt came. The client adds its name, its
/// records, and what only it can know.
fn merge(host: &mut Draft, client: &Draft, facts: &Facts) {
    for joined in &client.signals {
        if let Some(signal) = facts.signals.get(joined.signal) {
            let ended = host.ended;
            host.join(joined.signal, signal, joined.by);
            host.ended = ended || signal.effect.ends;
        }
    }
    if host.client_name.is_none() {
        host.client_name = Some(client.machine.clone());
    }
}
