//! Recognizes commands that lower the security of a machine.
//!
//! Knows what administrators are often told to run. Misses what nobody has thought of yet: a
//! reviewer is not replaced.

use std::sync::LazyLock;

use regex::{RegexSet, RegexSetBuilder};

/// Commands, as expressions that ignore case, and what each does.
const WEAKENINGS: [(&str, &str); 18] = [
    (r"userauthentication\S*\b.{0,60}?(?:value|/d|data)\W+0\b", "turns NLA off"),
    (r"setuserauthenticationrequired\W{1,3}0\b", "turns NLA off"),
    (r"enablecredsspsupport:i:0", "turns NLA off in the client"),
    (r"allowencryptionoracle\b.{0,60}?\b2\b", "accepts unpatched CredSSP"),
    (r"securitylayer\b.{0,60}?(?:value|/d|data)\W+0\b", "lets connections do without TLS"),
    (r"minencryptionlevel\b.{0,60}?(?:value|/d|data)\W+[12]\b", "lowers the encryption level"),
    (r"netsh\s+advfirewall\s+set\s+\w+\s+state\s+off", "turns the firewall off"),
    (r"set-netfirewallprofile\b.*-enabled\W+(?:false|\$false|0)", "turns the firewall off"),
    (r"disable-netfirewallrule|remove-netfirewallrule", "takes firewall rules away"),
    (r"-remoteaddress\s+any\b", "opens a port to every address"),
    (r"(?:everyone|\*s-1-1-0|jeder|tout le monde)['\x22]?:\(?[fmrwo]", "grants rights to everyone"),
    (
        r"(?:ssl 2\.0|ssl 3\.0|tls 1\.0|tls 1\.1)\\(?:server|client).*\benabled\b\W*(?:-value|/t\s+reg_dword\s+/d|-type\s+dword\s+-value)?\W+1\b",
        "enables an outdated version of TLS",
    ),
    (r"lmcompatibilitylevel\b.{0,60}?\b[0-2]\b", "accepts the oldest NTLM responses"),
    (r"set-mppreference\b.*-disable\w+\W+(?:\$?true|1)", "turns Defender off"),
    (r"(?:limitblankpassworduse|enablelua)\b.{0,60}?\b0\b", "turns a protection of logons off"),
    (
        r"authentication level:i:0|authenticationleveloverride\b.{0,60}?\b0\b",
        "lets the client connect without checking the host's certificate",
    ),
    (r"passwordneverexpires\W+(?:\$?true|1)", "lets a password live forever"),
    (
        r"fdisableencryption\b|restrictanonymous\b.{0,60}?\b0\b|-uselogoncredential\b.{0,40}?\b1\b",
        "turns a protection off",
    ),
];

static PATTERNS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let patterns = WEAKENINGS.iter().map(|(pattern, _)| pattern);
    RegexSetBuilder::new(patterns).case_insensitive(true).build().ok()
});

/// How a command lowers security; `None` when it is not known to.
pub(super) fn weakening(command: &str) -> Option<&'static str> {
    let found = PATTERNS.as_ref()?.matches(command).into_iter().next()?;
    WEAKENINGS.get(found).map(|(_, does)| *does)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lowers_security_is_recognized_and_what_restores_it_is_not() {
        assert!(PATTERNS.is_some());
        for (command, does) in [
            (
                r"Set-ItemProperty 'HKLM:\…\RDP-Tcp' -Name UserAuthentication -Value 0",
                Some("turns NLA off"),
            ),
            (
                r#"reg add "HKLM\…\RDP-Tcp" /v UserAuthentication /t REG_DWORD /d 0 /f"#,
                Some("turns NLA off"),
            ),
            (r"Set-ItemProperty 'HKLM:\…\RDP-Tcp' -Name UserAuthentication -Value 1", None),
            ("$s.SetUserAuthenticationRequired(0)", Some("turns NLA off")),
            ("$s.SetUserAuthenticationRequired(1)", None),
            (
                "reg add …\\CredSSP\\Parameters /v AllowEncryptionOracle /t REG_DWORD /d 2",
                Some("accepts unpatched CredSSP"),
            ),
            ("reg add …\\CredSSP\\Parameters /v AllowEncryptionOracle /t REG_DWORD /d 0", None),
            ("netsh advfirewall set allprofiles state off", Some("turns the firewall off")),
            ("Set-NetFirewallProfile -All -Enabled False", Some("turns the firewall off")),
            ("Enable-NetFirewallRule -DisplayGroup 'Remote Desktop'", None),
            ("icacls keys /grant Everyone:(F)", Some("grants rights to everyone")),
            ("icacls keys /grant \"*S-1-1-0:(R)\"", Some("grants rights to everyone")),
            ("icacls keys /grant \"*S-1-5-20:(R)\"", None),
            (
                r#"reg add "HKLM\…\Protocols\TLS 1.0\Server" /v Enabled /t REG_DWORD /d 1 /f"#,
                Some("enables an outdated version of TLS"),
            ),
            (r#"reg add "HKLM\…\Protocols\TLS 1.2\Server" /v Enabled /t REG_DWORD /d 1 /f"#, None),
            ("Set-MpPreference -DisableRealtimeMonitoring $true", Some("turns Defender off")),
            ("Restart-Service SessionEnv", None),
        ] {
            assert_eq!(weakening(command), does, "{command}");
        }
    }
}
