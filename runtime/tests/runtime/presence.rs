//! Heartbeats on a real server: who is there, late, gone and back, also across a server that restarts.

use std::collections::BTreeMap;
use std::time::Duration;

use natsmith_runtime::presence::{
    Change, Ended, HeartbeatOf, Notice, Presence, PresenceEndpoint, Sign, State, Timing, Watch, notice,
};
use natsmith_runtime::{Connection, Endpoint, TypedSubject, access};

use crate::contract::{Status, StatusSubject, WorkSubject, connect, server, soon};

/// Agents show that they are there by their status, whose load counts; one whose work is `bye` leaves.
#[derive(Clone, Copy, Debug)]
enum Agents {}

impl Presence for Agents {
    type Heartbeat = StatusSubject;
    type Party = String;
    const NAME: &'static str = "agents";
    const TIMING: Timing = Timing {
        interval: Duration::from_millis(250),
        jitter: Duration::from_millis(25),
        missed: 3,
    };
    const NOTICES: &'static [Notice<String>] = &[Notice {
        filter: WorkSubject::WILDCARD,
        read: |raw| {
            notice::<WorkSubject, _>(raw, |subject, payload| {
                (payload.note == "bye").then(|| Sign::Leaves(subject.agent.to_string()))
            })
        },
    }];

    fn party(subject: &StatusSubject) -> String {
        subject.agent.to_string()
    }

    fn sequence(heartbeat: &HeartbeatOf<Self>) -> Option<u64> {
        Some(heartbeat.load)
    }
}

fn agents(nats: &Connection) -> PresenceEndpoint<Agents, access::PublishSubscribe> {
    PresenceEndpoint::new(Endpoint::new(nats, StatusSubject::filter()))
}

async fn watch(nats: &Connection) -> Watch<Agents> {
    let watch = agents(nats).watch().await.unwrap();
    nats.round_trip().await.unwrap();
    watch
}

fn online(party: &str) -> Change<Agents> {
    Change::Online {
        party: party.to_owned(),
    }
}

fn offline(party: &str, ended: Ended) -> Change<Agents> {
    Change::Offline {
        party: party.to_owned(),
        ended,
    }
}

fn back(party: &str, restarted: bool) -> Change<Agents> {
    Change::Back {
        party: party.to_owned(),
        restarted,
    }
}

async fn next(watch: &mut Watch<Agents>) -> Change<Agents> {
    soon(watch.next()).await.unwrap()
}

#[tokio::test]
async fn who_stops_is_late_then_gone_and_back_again() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut watch = watch(&nats).await;
    let beating = agents(&nats).beat(|sequence| Status::of("a1", sequence)).await.unwrap();
    assert_eq!(next(&mut watch).await, online("a1"));
    assert_eq!(watch.state(&"a1".to_owned()), Some(State::Online));
    assert_eq!(watch.state(&"a2".to_owned()), None);
    // Heartbeats change nothing, and none is lost or sent twice.
    while beating.sent() < 6 {
        tokio::time::timeout(Duration::from_millis(20), watch.next())
            .await
            .expect_err("nothing changes while heartbeats come");
    }
    let [standing] = watch.snapshot().try_into().unwrap();
    assert_eq!((standing.state, standing.lost), (State::Online, 0));
    assert!(standing.heard < Duration::from_millis(700), "{standing:?}");
    assert!(standing.heartbeat.unwrap().load >= 4);
    assert_eq!(beating.unsent(), 0);

    beating.stop().await;
    let party = "a1".to_owned();
    assert_eq!(next(&mut watch).await, Change::Late { party });
    assert_eq!(next(&mut watch).await, offline("a1", Ended::Silent));
    let beating = agents(&nats).beat(|sequence| Status::of("a1", sequence)).await.unwrap();
    assert_eq!(next(&mut watch).await, back("a1", true));
    drop(beating);
}

#[tokio::test]
async fn who_says_goodbye_is_gone_at_once() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut watch = watch(&nats).await;
    let beating = agents(&nats).beat(|sequence| Status::of("a1", sequence)).await.unwrap();
    assert_eq!(next(&mut watch).await, online("a1"));
    beating.stop().await;
    let work = Endpoint::<WorkSubject, access::Publish>::new(&nats, WorkSubject::filter().agent("a1"));
    work.publish(&Status::of("a1", 0)).await.unwrap();
    let goodbye = Status {
        note: "bye".to_owned(),
        ..Status::of("a1", 0)
    };
    work.publish(&goodbye).await.unwrap();
    assert_eq!(next(&mut watch).await, offline("a1", Ended::Left));
    assert_eq!(watch.state(&"a1".to_owned()), Some(State::Offline(Ended::Left)));
}

#[tokio::test]
async fn gaps_and_new_lives_show_in_the_numbers() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut watch = watch(&nats).await;
    let status = Endpoint::<StatusSubject, access::Publish>::new(&nats, StatusSubject::filter());
    for sequence in [5, 6, 9, 10] {
        status.publish(&Status::of("a1", sequence)).await.unwrap();
    }
    assert_eq!(next(&mut watch).await, online("a1"));
    status.publish(&Status::of("a1", 0)).await.unwrap();
    assert_eq!(next(&mut watch).await, back("a1", true));
    let [standing] = watch.snapshot().try_into().unwrap();
    assert_eq!(standing.lost, 2, "7 and 8");
}

#[tokio::test]
async fn a_heartbeat_that_cannot_be_sent_is_told_at_once() {
    let server = server().await;
    let nats = connect(&server).await;
    agents(&nats).beat(|_| Status::of("a1", 101)).await.unwrap_err();
    // A later one does not end the heartbeats.
    let late = |sequence| Status::of("a1", if sequence == 1 { 101 } else { sequence });
    let beating = agents(&nats).beat(late).await.unwrap();
    soon(async {
        while beating.unsent() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert!(!beating.is_finished());
    assert_eq!(
        beating.sent(),
        1,
        "the number of an unsent heartbeat is not passed over"
    );
    nats.drain(Duration::from_secs(5)).await.unwrap();
    assert!(beating.is_finished());
}

/// Nobody is taken for gone while nothing can be heard, and who does not come back after the outage is.
#[tokio::test]
async fn a_server_that_restarts_makes_nobody_offline_but_those_who_are() {
    let mut server = server().await;
    let observer = connect(&server).await;
    let mut watch = watch(&observer).await;
    let mut connections = Vec::new();
    let mut beating = BTreeMap::new();
    for name in ["a1", "a2", "a3"] {
        let nats = connect(&server).await;
        let beats = agents(&nats)
            .beat(move |sequence| Status::of(name, sequence))
            .await
            .unwrap();
        assert_eq!(next(&mut watch).await, online(name));
        beating.insert(name, beats);
        connections.push(nats);
    }
    let mut link = observer.watch_state();
    server.stop().await.unwrap();
    soon(link.wait_for(|state| *state != natsmith_runtime::connection::State::Connected))
        .await
        .unwrap();
    // As long as it takes to be offline twice over: nobody can know.
    let outage = Agents::TIMING.offline_after() * 2;
    tokio::time::timeout(outage, watch.next())
        .await
        .expect_err("nobody is judged while nothing can be heard");
    // One of them dies meanwhile.
    beating.remove("a2").unwrap().stop().await;
    server.restart().await.unwrap();

    let (mut gone, mut others) = (false, Vec::new());
    while !gone {
        match next(&mut watch).await {
            change if change == offline("a2", Ended::Silent) => gone = true,
            Change::Late { party } if party == "a2" => {}
            change => others.push(change),
        }
    }
    // A client may come back later than the others; none of them is ever gone.
    let offline = others.iter().any(|change| matches!(change, Change::Offline { .. }));
    assert!(!offline, "{others:?}");
    for name in ["a1", "a3"] {
        soon(async {
            while watch.state(&name.to_owned()) != Some(State::Online) {
                watch.next().await.unwrap();
            }
        })
        .await;
    }
    // Those that were not sent are not lost, and those in the socket at the moment of the kill may be.
    for standing in watch.snapshot() {
        assert!(standing.lost <= 2, "{standing:?}");
    }
}
