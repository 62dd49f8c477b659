//! Conversations as scenario events: what the ends of one try to connect write to their logs.

/// One try: its number names its activities, connection and port.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Try<'a> {
    /// Names the activities `hN` and `cN`, the connection `RDP-Tcp#N` and the port.
    pub(crate) number: usize,
    /// When it begins, in milliseconds after the scenario's start.
    pub(crate) at: i64,
    /// The client's address.
    pub(crate) address: &'a str,
    /// The client's name.
    pub(crate) client: &'a str,
    /// The user, of the domain CORP.
    pub(crate) user: &'a str,
}

/// A host's records of a connection that NLA refuses for a wrong password.
const REFUSED: &str = r#"
  - at: T
    events:
      - { event: RdpCoreTS/131, at: +0s, activity: "hN", ConnType: TCP, ClientIP: "ADDRESS:PORT" }
      - { event: RCM/261, at: +1ms, activity: "hN", listenerName: RDP-Tcp }
      - { event: RdpCoreTS/65, at: +3ms, activity: "hN", ConnectionName: "RDP-Tcp#N" }
      - { event: Security/4625, at: +700ms, TargetUserName: USER, TargetDomainName: CORP, Status: 0xC000006D, FailureReason: "%%2313", SubStatus: 0xC000006A, LogonType: 3, LogonProcessName: "NtLmSsp ", AuthenticationPackageName: NTLM, WorkstationName: CLIENT, IpAddress: "-", IpPort: "-" }
      - { event: RdpCoreTS/140, at: +710ms, activity: "hN", IPString: ADDRESS }
      - { event: RdpCoreTS/102, at: +900ms, activity: "hN" }
      - { event: RdpCoreTS/103, at: +900ms, activity: "hN", ReasonCode: 14 }
"#;

/// A host's records of a connection that gets the session `S` by the event `LSM/E`.
const ENTERED: &str = r#"
  - at: T
    events:
      - { event: RdpCoreTS/131, at: +0s, activity: "hN", ConnType: TCP, ClientIP: "ADDRESS:PORT" }
      - { event: RCM/261, at: +1ms, activity: "hN", listenerName: RDP-Tcp }
      - { event: RdpCoreTS/65, at: +3ms, activity: "hN", ConnectionName: "RDP-Tcp#N" }
      - { event: RdpCoreTS/132, at: +600ms, activity: "hN", ChannelName: rdplic, TunnelID: 0 }
      - { event: RCM/1149, at: +600ms, activity: "hN", Param1: USER, Param2: CORP, Param3: ADDRESS }
      - { event: RdpCoreTS/98, at: +610ms, activity: "hN" }
      - { event: RdpCoreTS/66, at: +900ms, activity: "hN", ConnectionName: "RDP-Tcp#N", SessionID: S }
      - { event: LSM/41, at: +1s, activity: "hN", User: 'CORP\USER', SessionID: S }
      - { event: LSM/42, at: +1100ms, activity: "hN", User: 'CORP\USER', SessionID: S }
      - { event: LSM/E, at: +1200ms, activity: "hN", User: 'CORP\USER', SessionID: S, Address: ADDRESS }
"#;

/// A host's records of a connection that ends during the handshake, and why Schannel ended it.
const DROPPED: &str = r#"
  - at: T
    events:
      - { event: RdpCoreTS/131, at: +0s, activity: "hN", ConnType: TCP, ClientIP: "ADDRESS:PORT" }
      - { event: RCM/261, at: +1ms, activity: "hN", listenerName: RDP-Tcp }
      - { event: RdpCoreTS/65, at: +3ms, activity: "hN", ConnectionName: "RDP-Tcp#N" }
      - { event: System/36870, at: +40ms, Type: server, ErrorCode: 0x8009030D, ErrorStatus: 10001 }
      - { event: RdpCoreTS/102, at: +60ms, activity: "hN" }
      - { event: RdpCoreTS/103, at: +60ms, activity: "hN", ReasonCode: 14 }
"#;

/// A client's records of a connection to `HOST` that ends for the reason `R`.
const CLIENT_ENDED: &str = r#"
  - at: T
    events:
      - { event: RDPClient/1024, at: +0s, machine: CLIENT, activity: "cN", Name: Server Name, Value: HOST }
      - { event: RDPClient/1026, at: +1500ms, machine: CLIENT, activity: "cN", Name: Disconnect Reason, Value: R }
"#;

/// A client's records of a connection to `HOST` that comes up and is closed by its user.
const CLIENT_ENTERED: &str = r#"
  - at: T
    events:
      - { event: RDPClient/1024, at: +0s, machine: CLIENT, activity: "cN", Name: Server Name, Value: HOST }
      - { event: RDPClient/1027, at: +1250ms, machine: CLIENT, activity: "cN", DomainName: CORP, SessionID: S }
      - { event: RDPClient/1026, at: +2500ms, machine: CLIENT, activity: "cN", Name: Disconnect Reason, Value: 1 }
"#;

impl Try<'_> {
    /// The host's records of a refusal at NLA.
    pub(crate) fn refused(self) -> String {
        self.fill(REFUSED)
    }

    /// The host's records of getting into a session, by LSM's event 21 or 25.
    pub(crate) fn entered(self, session: usize, event: u32) -> String {
        self.fill(ENTERED)
            .replace("SessionID: S", &format!("SessionID: {session}"))
            .replace("LSM/E", &format!("LSM/{event}"))
    }

    /// The host's records of a handshake that fails.
    pub(crate) fn dropped(self) -> String {
        self.fill(DROPPED)
    }

    /// The client's own records of a try that ends for a reason of mstsc's.
    pub(crate) fn client_ended(self, host: &str, reason: u32) -> String {
        self.fill(CLIENT_ENDED)
            .replace("HOST", host)
            .replace("Value: R }", &format!("Value: {reason} }}"))
    }

    /// The client's own records of a session.
    pub(crate) fn client_entered(self, host: &str, session: usize) -> String {
        self.fill(CLIENT_ENTERED)
            .replace("HOST", host)
            .replace("SessionID: S", &format!("SessionID: {session}"))
    }

    fn fill(self, template: &str) -> String {
        let number = self.number.to_string();
        template
            .replace("at: T\n", &format!("at: +{}ms\n", self.at))
            .replace("\"hN\"", &format!("h{number}"))
            .replace("\"cN\"", &format!("c{number}"))
            .replace("#N", &format!("#{number}"))
            .replace("PORT", &(50_000 + self.number % 15_000).to_string())
            .replace("ADDRESS", self.address)
            .replace("CLIENT", self.client)
            .replace("USER", self.user)
    }
}
