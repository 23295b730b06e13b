//! Requests, one at a time: what a requester waits for.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use mister_smith::payloads::{AgentCapabilities, CapabilityQuery};
use mister_smith::subjects::agents::CapabilitiesSubject;
use natsmith_runtime::async_nats::Subject;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, Endpoint, Payload, TypedSubject, access};
use serde_json::json;

use crate::measure::median;
use crate::{Fault, Options};

/// How many requests each way sends in one round.
const REQUESTS: usize = 500;

/// Requests of both ways in turn, each answered by a service of its own kind.
pub async fn request(server: &Server, options: &Options) -> Result<String, Fault> {
    let connect = || Connection::builder(server.url()).connect();
    let (asker, answerer) = (connect().await?, connect().await?);
    let (request, reply) = documents()?;
    let agent = "agent-3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a6b".parse()?;
    let scope = CapabilitiesSubject::filter().agent_id(agent);

    let mut questions = answerer.client().subscribe("raw.capabilities").await?;
    let client = answerer.client().clone();
    let answer = reply.clone();
    tokio::spawn(async move {
        while let Some(question) = questions.next().await {
            if let Some(inbox) = question.reply {
                // The connection is closed at the end.
                let _ = client.publish(inbox, answer.clone()).await;
            }
        }
    });
    let typed = AgentCapabilities::decode(&reply)?;
    let service = Endpoint::<CapabilitiesSubject, access::Answer>::new(&answerer, scope.clone());
    let serving = service
        .serve(move |_| {
            let typed = typed.clone();
            async move { Ok(typed) }
        })
        .await?;
    answerer.round_trip().await?;

    let endpoint = Endpoint::<CapabilitiesSubject, access::Ask>::new(&asker, scope);
    let query = CapabilityQuery::decode(&request)?;
    let subject = Subject::from_static("raw.capabilities");
    let (mut raw, mut ours) = (Vec::new(), Vec::new());
    for turn in 0..options.rounds * REQUESTS {
        let client = asker.client();
        let by_client = async || client.request(subject.clone(), request.clone()).await.map(drop);
        let by_endpoint = async || endpoint.request(&query).await.map(drop);
        if turn % 2 == 0 {
            raw.push(timed(by_client).await?);
            ours.push(timed(by_endpoint).await?);
        } else {
            ours.push(timed(by_endpoint).await?);
            raw.push(timed(by_client).await?);
        }
    }
    serving.stop().await;
    report(raw, ours)
}

async fn timed<E>(ask: impl AsyncFn() -> Result<(), E>) -> Result<f64, E> {
    let start = Instant::now();
    ask().await?;
    Ok(start.elapsed().as_secs_f64())
}

/// A request and an answer.
fn documents() -> Result<(Bytes, Bytes), Fault> {
    let read = |name: &str| -> Result<Bytes, Fault> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/mister-smith/examples");
        let mut examples = std::fs::read_dir(format!("{folder}/{name}/valid"))?;
        let first = examples.next().ok_or_else(|| json!(name).to_string())??;
        let document: serde_json::Value = serde_json::from_slice(&std::fs::read(first.path())?)?;
        Ok(document.to_string().into())
    };
    Ok((read("CapabilityQuery")?, read("AgentCapabilities")?))
}

fn report(raw: Vec<f64>, ours: Vec<f64>) -> Result<String, Fault> {
    let mut text = "| Request and reply, one at a time | p50 | p99 |\n|---|---:|---:|\n".to_owned();
    for (name, times) in [("async-nats, bytes", &raw), ("**natsmith**, validated", &ours)] {
        let mut times = times.clone();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| Duration::from_secs_f64(times[(times.len() as f64 * share) as usize]);
        writeln!(text, "| {name} | {:.1?} | {:.1?} |", at(0.5), at(0.99))?;
    }
    writeln!(text, "\np50 relative to raw bytes: {:.3}", median(ours) / median(raw))?;
    Ok(text)
}
