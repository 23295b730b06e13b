//! The contract `agent-mesh`: an agent in Python that is asked, and asks back.

use agent_mesh::payloads::announcement::AnnouncementMessageType;
use agent_mesh::payloads::{AgentRequest, AgentResponse};
use agent_mesh::roles::Agent;
use natsmith_runtime::ServiceError;
use serde_json::json;

use crate::program::Program;
use crate::{made, server, soon};

#[tokio::test]
async fn an_agent_in_python_comes_is_asked_asks_back_and_leaves() {
    let server = server().await;
    let connection = agent_mesh::connection(server.url()).connect().await.unwrap();
    let coordinator = Agent::new(connection, "coordinator".parse().unwrap());
    let mut announced = coordinator.all().subscribe().await.unwrap();
    let requests = coordinator.request();
    let serving = requests.serve(|question| async move {
        if question.payload.from_agent.as_str() != "python_bot" {
            return Err(ServiceError::new(403, "only for python_bot"));
        }
        Ok(made::<AgentResponse>(&json!({
            "message_type": "response", "from_agent": "coordinator", "content": "It rains.",
            "timestamp": "2025-10-02T12:05:45Z", "message_id": "m-2", "in_reply_to": question.payload.message_id.as_str(),
        })))
    });
    let serving = serving.await.unwrap();
    coordinator.connection().round_trip().await.unwrap();

    let bot = Program::python("mesh_agent.py", &server, "agent-mesh").await;
    let came = soon(announced.next())
        .await
        .unwrap()
        .unwrap_or_else(|invalid| panic!("{invalid}"));
    assert_eq!(came.payload.from_agent.as_str(), "python_bot");
    assert_eq!(came.payload.message_type, AnnouncementMessageType::Announcement);

    let question: AgentRequest = made(&json!({
        "message_type": "request", "from_agent": "coordinator", "to_agent": "python_bot", "content": "The weather?",
        "timestamp": "2025-10-02T12:05:45Z", "message_id": "m-1",
    }));
    let answer = soon(requests.request(&question)).await.unwrap();
    assert_eq!(answer.content, "The weather? It rains.");
    assert_eq!(answer.in_reply_to.as_str(), "m-1");

    bot.end().await;
    let left = soon(announced.next()).await.unwrap().unwrap();
    assert_eq!(left.payload.message_type, AnnouncementMessageType::Offline);
    serving.stop().await;
}
