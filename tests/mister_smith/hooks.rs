//! Hooks of the CLI: an event that one orchestrator answers with another event.

use std::time::Duration;

use mister_smith::payloads::hook_response::HookDecision;
use mister_smith::payloads::{HookEvent, HookResponse};
use mister_smith::roles::{Cli, Monitor, Orchestrator};
use mister_smith::subscriptions::AllCliHooks;
use mister_smith::tokens::HookType;

use crate::common::{AGENT, agent, connect, example, other_agent, provisioned, soon};

#[tokio::test]
async fn a_hook_is_answered_once_and_to_the_one_who_asked() {
    let (server, nats) = provisioned().await;
    let cli = Cli::new(connect(&server).await, agent());
    let bystander = Cli::new(connect(&server).await, other_agent());
    let mut answers = cli.responses().subscribe().await.unwrap();
    let mut others = bystander.responses().subscribe().await.unwrap();
    let orchestrators = [
        Orchestrator::new(nats.clone()),
        Orchestrator::new(connect(&server).await),
    ];
    let mut first = orchestrators[0].hooks().subscribe().await.unwrap();
    let mut second = orchestrators[1].hooks().subscribe().await.unwrap();
    let mut seen = Monitor::new(nats.clone()).all_cli_hooks().subscribe().await.unwrap();
    for connection in [
        cli.connection(),
        bystander.connection(),
        &nats,
        orchestrators[1].connection(),
    ] {
        connection.round_trip().await.unwrap();
    }

    cli.hooks().publish(&example::<HookEvent>()).await.unwrap();
    // One queue group: the hook reaches one of the two.
    let hook = soon(async {
        tokio::select! { hook = first.next() => hook, hook = second.next() => hook }
    });
    let hook = hook.await.unwrap().unwrap();
    assert_eq!(
        (hook.subject.hook_type, &hook.subject.agent_id),
        (HookType::PostTask, &agent())
    );
    let AllCliHooks::Hooks(looked_at) = soon(seen.next()).await.unwrap().unwrap();
    assert_eq!(looked_at.payload, hook.payload);

    let refusal = HookResponse {
        hook_id: hook.payload.hook_id,
        decision: HookDecision::Block,
        continue_processing: false,
        ..example()
    };
    orchestrators[0].responses(&agent()).publish(&refusal).await.unwrap();
    let answer = soon(answers.next()).await.unwrap().unwrap();
    assert_eq!(answer.payload, refusal);
    assert_eq!(answer.subject.to_string(), format!("cli.responses.{AGENT}"));

    // Whatever else was to come is there after a round trip.
    nats.round_trip().await.unwrap();
    let more = async {
        tokio::select! { hook = first.next() => hook.is_some(), hook = second.next() => hook.is_some(), other = others.next() => other.is_some() }
    };
    assert!(tokio::time::timeout(Duration::from_millis(100), more).await.is_err());
}
