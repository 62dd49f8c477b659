//! `rdpwhy collect`: the script that exports the logs that are needed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::{Console, Exit, Failure, knowledge, output};
use crate::handbook::logs;
use crate::model::channel;
use crate::rules::RuleSet;

/// Prints a PowerShell script that exports the logs that rdpwhy reads
///
/// Run it in an elevated PowerShell on the machine that is connected to, on the client, on a
/// gateway, broker or domain controller: logs that a machine does not have are passed over. Beside
/// the logs it puts what rdpwhy reads of the machine's settings: registry keys of Remote Desktop,
/// CredSSP and the firewall, lists of certificates (no private keys), updates and listening ports,
/// and `systeminfo`. It changes nothing on the machine; it makes one folder and one zip file.
#[derive(Debug, Args)]
pub(super) struct CollectArgs {
    /// Only the logs that this cause looks at; may be given several times
    #[arg(long = "for", value_name = "CAUSE", help_heading = "Input")]
    causes: Vec<String>,
    /// Only the records of so many days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=3650), help_heading = "Input")]
    days: Option<u16>,
    /// Use the rules of a folder over the built-in ones of the same id
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    rules: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &CollectArgs, console: &Console) -> Result<Exit, Failure> {
    let rules = knowledge::rules(args.rules.as_deref(), console)?;
    let channels = channels(rules, &args.causes)?;
    if let Some(bad) = channels.iter().find(|channel| !is_plain(channel)) {
        let message = format!("`{}` is no name of a channel", bad.escape_debug());
        return Err(Failure::usage(message).hint("a rule of yours names it"));
    }
    let script = script(&channels, args.days);
    output::to_stdout(console.stdout_color(), |out| Ok(out.write_all(script.as_bytes())?))?;
    Ok(Exit::Done)
}

/// The channels that the causes look at, or all that any rule reads; in order.
fn channels<'r>(rules: &'r RuleSet, causes: &[String]) -> Result<BTreeSet<&'r str>, Failure> {
    if causes.is_empty() {
        let needed = rules.causes.iter().flat_map(|cause| &cause.needs).map(|channel| &**channel);
        let read = rules.signals.channels().map(|(channel, _)| channel);
        return Ok(needed.chain(read).collect());
    }
    let mut channels = BTreeSet::new();
    for id in causes {
        let logs = logs(rules, knowledge::cause(rules, id)?);
        channels.extend(logs.needed.into_iter().chain(logs.helpful));
    }
    Ok(channels)
}

/// Whether the name holds nothing that PowerShell could take for the end of a quoted text:
/// names come from rules, and a rule must not bring code into a script that runs elevated.
fn is_plain(channel: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | ' ');
    !channel.is_empty() && channel.chars().all(allowed) && !channel.starts_with('-')
}

fn script(channels: &BTreeSet<&str>, days: Option<u16>) -> String {
    let mut logs = String::new();
    for channel in channels {
        let file = channel::short(channel).replace(['/', ' '], "-");
        // Writing to a String cannot fail.
        let _ = writeln!(logs, "    '{channel}' = '{file}.evtx'");
    }
    let query = days.map_or_else(String::new, |days| {
        let milliseconds = u64::from(days) * 86_400_000;
        format!(" '/q:*[System[TimeCreated[timediff(@SystemTime) <= {milliseconds}]]]'")
    });
    TEMPLATE.replace("{logs}", &logs).replace("{query}", &query)
}

const TEMPLATE: &str = r#"# Exports the event logs that rdpwhy reads. Made by `rdpwhy collect`.
# Changes nothing on this machine: it writes one folder and one zip file, named below.
# Run it in an elevated PowerShell; without elevation the Security log is left out.
param([string]$Out = (Join-Path $env:TEMP "rdpwhy-$env:COMPUTERNAME-$(Get-Date -Format yyyyMMdd-HHmmss)"))

$logs = [ordered]@{
{logs}}

New-Item -ItemType Directory -Path $Out -ErrorAction Stop | Out-Null
foreach ($channel in $logs.Keys) {
    & wevtutil.exe gl $channel *> $null
    if ($LASTEXITCODE -ne 0) { Write-Output "not here   $channel"; continue }
    $file = Join-Path $Out $logs[$channel]
    & wevtutil.exe epl $channel $file{query} *> $null
    if ($LASTEXITCODE -eq 0) { Write-Output "exported   $channel" }
    else { Write-Warning "could not export $channel (elevation is needed for most logs)" }
}

# Settings beside the logs. Each is optional: what cannot be had is left out.
$keys = @(
    'HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName',
    'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server',
    'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services',
    'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\CredSSP',
    'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy',
    'HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall'
)
$part = Join-Path $Out 'part.tmp'
$registry = Join-Path $Out 'registry.reg'
foreach ($key in $keys) {
    & reg.exe export $key $part /y *> $null
    if ($LASTEXITCODE -ne 0) { continue }
    Get-Content -LiteralPath $part | Add-Content -LiteralPath $registry -Encoding Unicode
    Remove-Item -LiteralPath $part
}
$listings = [ordered]@{
    'certificates-rdp.txt' = { & certutil.exe -store 'Remote Desktop' }
    'certificates-my.txt'  = { & certutil.exe -store My }
    'hotfixes.json'        = { Get-HotFix | Select-Object CSName, HotFixID | ConvertTo-Json }
    'netstat.txt'          = { & netstat.exe -ano }
    'systeminfo.txt'       = { & systeminfo.exe }
}
foreach ($name in $listings.Keys) {
    try { & $listings[$name] 2> $null | Out-File -FilePath (Join-Path $Out $name) -Encoding utf8 }
    catch { Write-Warning "could not list $name" }
}
Compress-Archive -Path (Join-Path $Out '*') -DestinationPath "$Out.zip"
Write-Output "Bring this file: $Out.zip"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    /// The registry export that the script puts together is one that is read, though it has the
    /// first line of several; so are the listings.
    #[test]
    fn what_the_script_gathers_is_read() {
        for key in [
            r"Control\Terminal Server'",
            r"Policies\Microsoft\Windows NT\Terminal Services'",
            r"Policies\System\CredSSP'",
            r"Parameters\FirewallPolicy'",
            r"Microsoft\WindowsFirewall'",
            r"ComputerName\ComputerName'",
            "certutil.exe -store",
            "HotFixID | ConvertTo-Json",
            "netstat.exe -ano",
            "systeminfo.exe",
        ] {
            assert!(TEMPLATE.contains(key), "{key}");
        }
    }

    #[test]
    fn names_cannot_bring_code_into_the_script() {
        assert!(is_plain("Microsoft-Windows-TerminalServices-RDPClient/Operational"));
        assert!(is_plain("Directory Service"));
        for bad in ["", "x'; rm", "x\u{2019}", "x\ny", "$(x)", "x\"", "/q:`x", "-x"] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }
}
